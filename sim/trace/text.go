package trace

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Style decides how WriteText marks what matters.
type Style struct {
	Color bool
}

// The SGR sequences that text uses: few, and readable on light and on dark.
const (
	sgrReset = "\x1b[0m"
	sgrBold  = "\x1b[1m"
	sgrDim   = "\x1b[2m"
	sgrRed   = "\x1b[1;31m"
	sgrBlue  = "\x1b[34m"
)

func (s Style) paint(sgr, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return sgr + text + sgrReset
}

// WriteText writes the trace for people: a line per event in the order in
// which things happened, and at the end what each process saw. Sequence
// numbers are relative; flags are tcpdump's; calls are printed as strace does.
func (t *Trace) WriteText(w io.Writer, style Style) error {
	p := printer{t: t, w: bufio.NewWriter(w), style: style, states: map[stateKey]stack.State{}}
	p.header()
	for i := range t.Events {
		if i > 0 && t.Events[i].At != t.Events[i-1].At {
			p.flush(t.Events[i-1].At)
		}
		p.event(i)
	}
	if n := len(t.Events); n > 0 {
		p.flush(t.Events[n-1].At)
	}
	p.footer()
	return p.w.Flush()
}

// String is the trace as [Trace.WriteText] writes it, without colors.
func (t *Trace) String() string {
	var b strings.Builder
	_ = t.WriteText(&b, Style{}) // memory takes everything
	return b.String()
}

type stateKey struct {
	host Side
	conn int
}

type printer struct {
	t      *Trace
	w      *bufio.Writer
	style  Style
	states map[stateKey]stack.State
	unseen []int // transitions that no line has shown yet
	next   int   // the first transition that was not looked at
}

// The columns: time, then the number of a segment, then what happened. A call
// stands on the side of its host: the client's to the left, the server's
// indented.
const (
	timeWidth  = 12
	flowWidth  = 66
	stateWidth = 13
)

func (p *printer) header() {
	t := p.t
	if t.Scenario != "" {
		fmt.Fprintf(p.w, "%s: %s\n", p.style.paint(sgrBold, t.Scenario), t.Title)
	}
	for i := range max(2, len(t.Hosts)) {
		h := t.Host(Side(i))
		fmt.Fprintf(p.w, "%s %s, ", h.Name, h.Addr)
	}
	fmt.Fprintf(p.w, "%s, seed %d", t.LinkText(), t.Seed)
	if t.Stack != "" {
		fmt.Fprintf(p.w, ", on %s in virtual time", t.Stack)
	}
	fmt.Fprint(p.w, "\n\n")
	fmt.Fprintf(p.w, "%*s  %-*s %-*s %s\n", timeWidth, "time", flowWidth, "C client, S server", stateWidth, "client", "server")
}

// Clock prints virtual time as seconds with six digits: as tcpdump does, and
// enough for what a trace shows.
func Clock(d time.Duration) string {
	return fmt.Sprintf("%d.%06d", d/time.Second, d%time.Second/time.Microsecond)
}

func (p *printer) line(at time.Duration, text, states string) {
	if states != "" {
		fmt.Fprintf(p.w, "%*s  %-*s %s\n", timeWidth, Clock(at), flowWidth+len(text)-visible(text), text, states)
		return
	}
	fmt.Fprintf(p.w, "%*s  %s\n", timeWidth, Clock(at), text)
}

// visible is the length of text without SGR sequences.
func visible(text string) int {
	n := 0
	for i := 0; i < len(text); i++ {
		if text[i] == '\x1b' {
			for i < len(text) && text[i] != 'm' {
				i++
			}
			continue
		}
		n++
	}
	return n
}

func (p *printer) event(i int) {
	e := p.t.Events[i]
	switch e.Kind {
	case Sent:
		p.sent(e.At, &p.t.Segments[e.Index])
	case Received:
		// Where a segment arrives shows in what it brings about; a line of its
		// own would double the trace.
	case Lost:
		s := &p.t.Segments[e.Index]
		p.line(e.At, p.style.paint(sgrRed, fmt.Sprintf("%s #%d LOST: %s", p.arrow(s.From), s.Number, s.Lost)), "")
	case CallBegin:
		p.flush(e.At)
		p.call(e)
	case CallEnd:
		c := &p.t.Calls[e.Index]
		if !c.immediate() {
			p.flush(e.At)
			p.line(e.At, p.indent(c.Host)+p.text(c)+p.took(c), "")
		}
	case Changed:
		p.changed(e.Index)
	case Fired:
		f := p.t.Timers[e.Index]
		p.ahead(i)
		p.line(e.At, p.indent(f.Host)+p.style.paint(sgrDim, "timer: "+f.Name), p.both(f.Conn))
	case Noted:
		n := p.t.Notes[e.Index]
		p.line(e.At, p.style.paint(sgrBold, "* "+n.Text), "")
	}
}

// changed notes a transition. The next segment of its connection shows it, or
// else a line of its own at the end of the instant.
func (p *printer) changed(i int) {
	if i < p.next {
		return // ahead has taken it in
	}
	p.next = i + 1
	tr := p.t.Transitions[i]
	p.states[stateKey{tr.Host, tr.Conn}] = tr.To
	if tr.Conn >= 0 {
		p.unseen = append(p.unseen, i)
	}
}

// ahead takes in the transitions that a timer brings about, so that its line
// shows what it did and not what was before.
func (p *printer) ahead(i int) {
	fired := p.t.Events[i].Index
	for _, e := range p.t.Events[i+1:] {
		if e.Kind != Changed || p.t.Transitions[e.Index].Trigger != (Trigger{ByTimer, fired}) {
			return
		}
		p.changed(e.Index)
	}
}

// flush shows the transitions of an instant that came without a segment.
func (p *printer) flush(at time.Duration) {
	for len(p.unseen) > 0 {
		tr := p.t.Transitions[p.unseen[0]]
		text := fmt.Sprintf("%s > %s", tr.From, tr.To)
		if tr.Trigger.Kind == BySegment {
			text += fmt.Sprintf(" (#%d arrives)", tr.Trigger.Index+1)
		}
		p.line(at, p.indent(tr.Host)+p.style.paint(sgrDim, text), p.both(tr.Conn))
	}
}

func (p *printer) indent(side Side) string {
	if side == Client {
		return "C: "
	}
	return "  S: "
}

func (p *printer) arrow(from Side) string {
	if from == Client {
		return "C > S"
	}
	return "C < S"
}

func (p *printer) sent(at time.Duration, s *Segment) {
	text := p.arrow(s.From) + " " + s.Summary()
	switch {
	case s.Flags.Has(wire.RST):
		text = p.style.paint(sgrRed, text)
	case s.Len > 0:
		text = p.style.paint(sgrBlue, text)
	}
	p.line(at, text, p.both(s.Conn))
	if len(s.Acts) > 0 && s.CopyOf == 0 {
		fmt.Fprintf(p.w, "%*s        %s\n", timeWidth, "", p.style.paint(sgrDim, "link: "+strings.Join(s.Acts, ", ")))
	}
	if s.Cause != nil {
		for i, l := range Wrap(s.Cause.Label()+": "+s.Cause.Text, 88) {
			lead := "why: "
			if i > 0 {
				lead = "     "
			}
			fmt.Fprintf(p.w, "%*s        %s%s\n", timeWidth, "", lead, p.style.paint(sgrRed, l))
		}
		for _, l := range Wrap(s.Cause.Source, 88) {
			fmt.Fprintf(p.w, "%*s             %s\n", timeWidth, "", p.style.paint(sgrDim, l))
		}
	}
}

// Summary is the segment as a line of text, in tcpdump's terms: number, flags,
// relative sequence numbers and length.
func (s *Segment) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#%d [%s]", s.Number, s.Flags)
	if s.Len > 0 || s.Flags&(wire.SYN|wire.FIN|wire.RST) != 0 || s.Probe || !s.Flags.Has(wire.ACK) {
		fmt.Fprintf(&b, " seq %d", s.Seq)
		if s.Len > 0 {
			fmt.Fprintf(&b, ":%d", s.Seq+uint32(s.Len))
		}
		if s.Flags.Has(wire.ACK) {
			b.WriteByte(',')
		}
	}
	if s.Flags.Has(wire.ACK) {
		fmt.Fprintf(&b, " ack %d", s.Ack)
	}
	fmt.Fprintf(&b, ", win %d, length %d", s.Window, s.Len)
	switch {
	case s.Injected != "":
		b.WriteString(" (forged by " + s.Injected + ")")
	case s.CopyOf > 0:
		fmt.Fprintf(&b, " (copy of #%d)", s.CopyOf)
	case s.Probe:
		b.WriteString(" (probe)")
	case s.Retransmission:
		b.WriteString(" (retransmit)")
	}
	return b.String()
}

// both is the state of the two ends of a connection.
func (p *printer) both(conn int) string {
	if conn < 0 {
		return ""
	}
	p.unseen = slices.DeleteFunc(p.unseen, func(i int) bool { return p.t.Transitions[i].Conn == conn })
	name := func(side Side) string {
		if st, ok := p.states[stateKey{side, conn}]; ok {
			return st.String()
		}
		return "-"
	}
	return fmt.Sprintf("%-*s %s", stateWidth, name(Client), name(Server))
}

func (p *printer) call(e Event) {
	c := &p.t.Calls[e.Index]
	if c.immediate() {
		p.line(e.At, p.indent(c.Host)+p.text(c), "")
		return
	}
	p.line(e.At, p.indent(c.Host)+p.who(c)+c.Begun()+" ...", "")
}

func (p *printer) took(c *Call) string {
	took := (c.End - c.Begin).Round(time.Microsecond)
	if took == 0 {
		return ""
	}
	return p.style.paint(sgrDim, " <"+took.String()+">")
}

func (p *printer) text(c *Call) string {
	return p.who(c) + c.String()
}

// who names the process where a host has several.
func (p *printer) who(c *Call) string {
	n := 0
	for _, pr := range p.t.Processes {
		if pr.Host == c.Host {
			n++
		}
	}
	if n < 2 {
		return ""
	}
	return "[" + p.t.Processes[c.Process].Name + "] "
}

func (p *printer) footer() {
	t := p.t
	fmt.Fprintln(p.w)
	if t.Stopped != "" {
		fmt.Fprintf(p.w, "The run was ended at %s (%s).\n", Clock(t.End), t.Stopped)
	}
	for i := range t.Processes {
		p.process(i)
	}
}

// process says what one process saw: how each of its calls about data ended.
func (p *printer) process(i int) {
	pr := &p.t.Processes[i]
	name := pr.Name
	if name != pr.Host.String() {
		name += " (on " + pr.Host.String() + ")"
	}
	fmt.Fprintf(p.w, "%s saw: ", p.style.paint(sgrBold, name))
	var saw []string
	for k := range p.t.Calls {
		c := &p.t.Calls[k]
		if c.Process != i {
			continue
		}
		switch c.Op {
		case OpSocket, OpBind, OpListen, OpExit, OpSetsockopt, OpFcntl, OpDup, OpFork, OpGetsockname:
			if c.Errno == stack.OK {
				continue
			}
		}
		saw = append(saw, c.outcome())
	}
	if len(saw) == 0 {
		saw = []string{"nothing"}
	}
	for n, l := range Wrap(strings.Join(fold(saw), ", ")+"; "+pr.end(), 92) {
		if n > 0 {
			fmt.Fprint(p.w, "  ")
		}
		fmt.Fprintln(p.w, l)
	}
}

// end says what became of the process.
func (p *Process) end() string {
	switch {
	case !p.Ended:
		return "still running at the end"
	case p.Signal == PowerLoss:
		return "lost with its host at " + Clock(p.EndAt)
	case p.Signal != "":
		return fmt.Sprintf("killed by %s at %s (status %d)", p.Signal, Clock(p.EndAt), p.Status)
	}
	return fmt.Sprintf("exited with status %d at %s", p.Status, Clock(p.EndAt))
}

// outcome is a call's name and result in short: recv = ECONNRESET.
func (c *Call) outcome() string {
	name := c.Op.String()
	switch {
	case !c.Returned:
		return name + " never returned"
	case c.Errno != stack.OK:
		return name + " = " + c.Errno.String()
	}
	switch c.Op {
	case OpRecv:
		if c.Value == 0 {
			return "recv = EOF"
		}
	case OpAccept, OpConnect, OpClose, OpShutdown:
		return name + " = ok"
	case OpGetsockopt:
		return c.Args.Option + " = " + c.Answer()
	case OpPoll:
		switch ready := slices.DeleteFunc(slices.Clone(c.Revents), func(e stack.PollEvents) bool { return e == 0 }); len(ready) {
		case 0:
		case 1:
			return "poll = " + ready[0].String()
		}
	}
	if detail := c.Detail(); detail != "" {
		return name + " = " + detail
	}
	return name + " = " + strconv.Itoa(c.Value)
}

// fold writes runs of equal results once, with how often they came.
func fold(saw []string) []string {
	var out []string
	for i := 0; i < len(saw); {
		j := i
		for j < len(saw) && saw[j] == saw[i] {
			j++
		}
		if j-i > 1 {
			out = append(out, fmt.Sprintf("%s (%d times)", saw[i], j-i))
		} else {
			out = append(out, saw[i])
		}
		i = j
	}
	return out
}

// Wrap breaks text into lines of at most width bytes, at spaces. A longer word
// stays whole.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
