package fidelity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// Verdict is how the run of a case compares with its recording.
type Verdict string

// The verdicts.
const (
	Same        Verdict = "same"
	Differs     Verdict = "differs"
	Unsupported Verdict = "unsupported"
)

// Outcome is what came of a case.
type Outcome struct {
	Name        string         `json:"name"`
	Verdict     Verdict        `json:"verdict"`
	Difference  string         `json:"difference,omitempty"`       // the first one, or what is not supported
	Reason      string         `json:"reason,omitempty"`           // of the first difference, by its identifier in Reasons
	Differences []string       `json:"differences,omitempty"`      // all of them, in the order of the recording's time
	Missing     []string       `json:"missing_settings,omitempty"` // settings of the recording that tcpsim does not have
	Allowances  map[string]int `json:"allowances,omitempty"`       // how often each was needed, by the names of Allowances

	first time.Duration // when it differs first
}

// Run replays a case and compares. The error says that the run itself failed.
func Run(c Case) (Outcome, error) {
	if _, missing := c.decode(); len(missing) > 0 {
		return Outcome{Name: c.Name, Verdict: Unsupported, Difference: missing[0], Differences: missing, Reason: reasonUnsupported}, nil
	}
	out, err := c.compare(nil)
	if err != nil || out.Verdict == Same {
		return out, err
	}
	if still := c.stalls(); len(still) > 0 {
		o, err := c.compare(still)
		if err != nil {
			return o, err
		}
		switch {
		case o.Verdict == Same:
			o.Allowances[allowStall]++
			return o, nil
		case o.first > out.first:
			return o, nil // it says more than that the machine stood still
		}
	}
	return out, nil
}

// compare runs the case with hosts that stand still at times.
func (c *Case) compare(still []cut) (Outcome, error) {
	out := Outcome{Name: c.Name, Verdict: Same, Allowances: map[string]int{}}
	for side := range c.Settings {
		_, missing := translate(c.Settings[side])
		for _, m := range missing {
			out.Missing = append(out.Missing, m+" of "+sideName(trace.Side(side)))
		}
	}
	r, err := c.run(still)
	if err != nil {
		return out, fmt.Errorf("%s: %w", c.Name, err)
	}
	k := comparison{c: c, r: r, allowed: out.Allowances}
	k.calls()
	k.segments()
	slices.SortStableFunc(k.found, func(a, b difference) int { return int(a.at - b.at) })
	for i := range k.found {
		out.Differences = append(out.Differences, k.found[i].String())
	}
	if len(k.found) > 0 {
		out.Verdict, out.Difference, out.Reason = Differs, out.Differences[0], k.explain()
		out.first = k.found[0].at
	}
	return out, nil
}

// difference is one of them, at an instant of the recording. Of rec, own and
// call those are set that it is about.
type difference struct {
	at   time.Duration
	text string
	rec  *segment // what Linux sent
	own  *segment // what tcpsim sent
	call *Call
	got  *outcome // of call
}

// String is the difference for people.
func (d *difference) String() string { return fmt.Sprintf("at %s: %s", trace.Clock(d.at), d.text) }

type comparison struct {
	c       *Case
	r       *replay
	found   []difference
	allowed map[string]int
	rec     []segment // what both hosts sent
	own     []segment
}

func (k *comparison) differ(d difference, format string, args ...any) {
	d.text = fmt.Sprintf(format, args...)
	k.found = append(k.found, d)
}

// calls compares the results of the calls, and how long they took.
func (k *comparison) calls() {
	for i := range k.c.Calls {
		c, o := &k.c.Calls[i], &k.r.seen[i]
		d := difference{at: c.Begin, call: c, got: o}
		switch {
		case c.By == Experimenter || k.r.plans[i].special == notes:
		case k.r.plans[i].special == listsSockets:
			k.sockets(c, o)
		case !o.begun:
			k.differ(d, "%s: tcpsim never came to it", c)
		case !o.returned:
			d.at = c.End
			k.differ(d, "%s: Linux %s; tcpsim: it never returned", c, short(c.expected()))
		case o.result != c.expected():
			k.differ(d, "%s: Linux %s; tcpsim %s", c, short(c.expected()), short(o.result))
		case !alike(c.End-c.Begin, o.end-o.begin):
			d.at = c.End
			k.differ(d, "%s: Linux took %s; tcpsim %s", c, c.End-c.Begin, o.end-o.begin)
		}
	}
}

// short cuts a result that is data of any length.
func short(result string) string {
	const most = 60
	if len(result) <= most {
		return result
	}
	return result[:most] + "..."
}

// longestStall is for how long the recording machine was seen to stand still.
const longestStall = 1500 * time.Millisecond

// alike reports that two intervals are the same as far as a recording tells:
// within a factor of two, or within the longest stall of its machine.
func alike(rec, own time.Duration) bool {
	return rec <= 2*own && own <= 2*rec || (rec-own).Abs() <= longestStall
}

// String names the call with its arguments.
func (c *Call) String() string {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = a.String()
	}
	who := [...]string{"A", "B", "net"}[c.By]
	if c.Socket != "" {
		who += "." + c.Socket
	}
	return fmt.Sprintf("%s %s(%s)", who, c.Name, strings.Join(args, ", "))
}

// expected is the recorded result in the form in which perform tells its own.
func (c *Call) expected() string {
	switch {
	case c.Errno != "":
		return c.Errno
	case c.Result.Kind == TextResult:
		return c.Result.Text
	case c.Result.Kind == ListResult:
		return "[" + strings.Join(c.Result.List, " ") + "]"
	case c.Result.Kind == DataResult:
		return strings.TrimSpace(fmt.Sprintf("%d %q %s", c.Result.Number, c.Result.Data, c.Result.End))
	}
	return strconv.Itoa(c.Result.Number)
}

// sockets compares what ss showed with the run's sockets as it began or ended:
// when it looked in between, the recording does not say.
func (k *comparison) sockets(c *Call, o *outcome) {
	var want []string
	for _, line := range c.Result.List {
		f := strings.Fields(line)
		if len(f) < 5 {
			return
		}
		peer := f[4]
		if strings.HasSuffix(peer, ":*") {
			peer = "*"
		}
		want = append(want, strings.ReplaceAll(ssStates.Replace(f[0]), "-", "_")+" "+f[3]+" "+peer)
	}
	slices.Sort(want)
	if o.returned && !slices.Equal(want, o.ss[0]) && !slices.Equal(want, o.ss[1]) {
		k.differ(difference{at: c.Begin, call: c, got: o}, "%s: Linux %s; tcpsim %s", c, list(want), list(o.ss[0]))
	}
}

func list(sockets []string) string {
	if len(sockets) == 0 {
		return "no sockets"
	}
	return strings.Join(sockets, ", ")
}

// ssStates turns the names of ss into those of tcp_states.h.
var ssStates = strings.NewReplacer("ESTAB", "ESTABLISHED", "FIN-WAIT-1", "FIN_WAIT1", "FIN-WAIT-2", "FIN_WAIT2")
