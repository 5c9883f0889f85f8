package strace

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack"
)

// Time is how a line begins.
type Time uint8

// The forms of time, with the switches of strace that choose them.
const (
	NoTime    Time = iota
	TimeOfDay      // -tt: 00:00:01.500000
	Epoch          // -ttt: seconds since 1970
	Relative       // -r: since the line before
)

// Options are the switches of strace that Write has.
type Options struct {
	Process int // which, counted as in Trace.Processes
	Time    Time
	Took    bool // -T: the time that each call took
}

// Write prints the calls of a process. It returns the errors of w, and one
// when there is no such process.
func Write(w io.Writer, t *trace.Trace, o Options) error {
	if o.Process < 0 || o.Process >= len(t.Processes) {
		return fmt.Errorf("no process %d: there are %d", o.Process, len(t.Processes))
	}
	p := printer{start: pcap.Start(t), out: bufio.NewWriter(w), options: o, process: &t.Processes[o.Process], ipv6: t.Host(t.Processes[o.Process].Host).Addr.Is6()}
	for i := range t.Calls {
		if c := &t.Calls[i]; c.Process == o.Process {
			p.call(c)
		}
	}
	p.end()
	return p.out.Flush()
}

type printer struct {
	out     *bufio.Writer
	options Options
	process *trace.Process
	ipv6    bool
	start   time.Time
	begun   bool
	last    time.Duration
}

// resultColumn is where strace puts the result of a short call.
const resultColumn = 40

// line prints a call or what happened to the process. what does not end with a
// result when that is empty.
func (p *printer) line(at time.Duration, what, result string) {
	line := p.stamp(at) + what
	if result != "" {
		line = fmt.Sprintf("%-*s = %s", resultColumn-1, line, result)
	}
	p.out.WriteString(line + "\n")
}

func (p *printer) stamp(at time.Duration) string {
	since := at - p.last
	if !p.begun {
		p.begun, since = true, 0
	}
	p.last = at
	clock := p.start.Add(at)
	switch p.options.Time {
	case TimeOfDay:
		return clock.Format("15:04:05.000000 ")
	case Epoch:
		return fmt.Sprintf("%d.%06d ", clock.Unix(), clock.Nanosecond()/1000)
	case Relative:
		return fmt.Sprintf("%6d.%06d ", since/time.Second, since%time.Second/time.Microsecond)
	}
	return ""
}

func (p *printer) call(c *trace.Call) {
	s := p.translate(c)
	switch {
	case c.Op == trace.OpExit:
		p.line(c.Begin, s.whole(), "?")
	case c.Returned:
		result := fmt.Sprint(c.Value)
		if c.Errno != stack.OK {
			result = fmt.Sprintf("-1 %s (%s)", c.Errno.String(), c.Errno.Text())
		} else if s.note != "" {
			result += " (" + s.note + ")"
		}
		if p.options.Took {
			took := c.End - c.Begin
			result += fmt.Sprintf(" <%d.%06d>", took/time.Second, took%time.Second/time.Microsecond)
		}
		p.line(c.Begin, s.whole(), result)
	default:
		p.unfinished(c, s)
	}
}

// unfinished prints a call that did not return: the last of its process.
func (p *printer) unfinished(c *trace.Call, s syscall) {
	begun := s.name + "(" + s.entry
	switch {
	case !p.process.Ended:
		p.line(c.Begin, begun+" <detached ...>", "")
	case p.process.Signal == "SIGKILL":
		p.line(c.Begin, begun+" <unfinished ...>)", "?")
	case strings.HasPrefix(p.process.Signal, "SIG") && c.Op == trace.OpPoll:
		p.line(c.Begin, s.whole(), "? ERESTART_RESTARTBLOCK (Interrupted by signal)")
	case strings.HasPrefix(p.process.Signal, "SIG"):
		p.line(c.Begin, s.whole(), "? ERESTARTSYS (To be restarted if SA_RESTART is set)")
	default:
		// The machine has lost its power, and strace with it.
		p.line(c.Begin, begun+" <unfinished ...>", "")
	}
}

// end prints how the process ended. Nobody sees SIGKILL arrive.
func (p *printer) end() {
	pr := p.process
	switch {
	case !pr.Ended:
	case pr.Signal == "":
		p.line(pr.EndAt, fmt.Sprintf("+++ exited with %d +++", pr.Status), "")
	case strings.HasPrefix(pr.Signal, "SIG"):
		if pr.Signal != "SIGKILL" {
			p.line(pr.EndAt, fmt.Sprintf("--- %s {si_signo=%[1]s, si_code=SI_USER} ---", pr.Signal), "")
		}
		p.line(pr.EndAt, fmt.Sprintf("+++ killed by %s +++", pr.Signal), "")
	}
}
