package model

import (
	"strconv"
	"time"
)

// Level is how bad the link is at which a scenario with outcomes is run. It is
// the same in both directions; Latency and everything else of the link stay as
// they are.
type Level struct {
	Name      string
	Loss      float64 // probabilities, 0 to 1
	Duplicate float64
	Reorder   float64
	Jitter    time.Duration // uniform
	Pos       Pos
}

// Levels are those of a file that names none: 1 %, 10 % and 30 % loss. What
// else the link does is the same in all three, so that only loss changes.
func Levels() []Level {
	var all []Level
	for _, percent := range []int{1, 10, 30} {
		all = append(all, Level{
			Name: "loss-" + strconv.Itoa(percent), Loss: float64(percent) / 100,
			Duplicate: 0.05, Reorder: 0.05, Jitter: 5 * time.Millisecond,
		})
	}
	return all
}

// String describes the level: 10 % loss, 5 % duplicated, 5 % reordered, jitter 5ms.
func (l Level) String() string {
	s := share(l.Loss) + " loss"
	if l.Duplicate > 0 {
		s += ", " + share(l.Duplicate) + " duplicated"
	}
	if l.Reorder > 0 {
		s += ", " + share(l.Reorder) + " reordered"
	}
	if l.Jitter > 0 {
		s += ", jitter " + l.Jitter.String()
	}
	return s
}

// share writes a probability as the texts do.
func share(p float64) string { return strconv.FormatFloat(p*100, 'g', 4, 64) + " %" }

// Apply makes a link as bad as the level says.
func (l *Level) Apply(to *Link) {
	for _, d := range []*Direction{&to.ClientToServer, &to.ServerToClient} {
		d.Loss, d.Duplicate, d.Reorder, d.Jitter = l.Loss, l.Duplicate, l.Reorder, l.Jitter
	}
}

// Outcome is one way in which a scenario may end on a bad link. The first
// outcome of the file that a run fits is its outcome.
type Outcome struct {
	Name   string
	Says   string  // Markdown: what happened, and why
	Sees   []View  // what the processes saw; all of it must fit
	Counts []Count // how often it was measured
	Pos    Pos
}

// Count is how many of the runs with the seeds 1, 2, 3 and so on had an
// outcome at a level. The counts of a level add up to the number of runs.
type Count struct {
	Level string
	Runs  int
	Pos   Pos // of the number
}

// Count finds the measured count of a level.
func (o *Outcome) Count(level string) (runs int, ok bool) {
	for _, c := range o.Counts {
		if c.Level == level {
			return c.Runs, true
		}
	}
	return 0, false
}

// View is what one process saw: calls that it made in this order, with others
// between them.
type View struct {
	Process string
	Sights  []Sight
	Pos     Pos
}

// Sight is a call and the results it may have had, or the exit of a process
// and its status.
type Sight struct {
	Verb    Verb
	Option  string // of getsockopt
	Results []Result
	Pos     Pos
}

// String prints the sight as a file writes it.
func (s Sight) String() string {
	text := string(s.Verb)
	if s.Option != "" {
		text += " " + s.Option
	}
	for i, r := range s.Results {
		if i == 0 {
			text += " = "
		} else {
			text += " or "
		}
		text += r.String()
	}
	return text
}

// UnderFire says whether the case is run on a bad link, where it may end in
// more than one way. Its Outcomes are then what is expected of it, and what
// its steps expect says when a process gives up: a call that fails, or finds
// the end of file, where the scenario expects only success ends the process
// with status 1.
func (c *Case) UnderFire() bool { return len(c.Outcomes) > 0 }

// Measured is how many runs were measured at a level, 0 when none were.
func (c *Case) Measured(level string) (runs int) {
	for i := range c.Outcomes {
		n, _ := c.Outcomes[i].Count(level)
		runs += n
	}
	return runs
}
