package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/why"
	"github.com/tcpsim/tcpsim/stack/words"
)

// explainer is tcpsim why with its flags.
type explainer struct {
	*app
	source      source
	conn        string
	all, asJSON bool
	options     capture.Options
}

func (a *app) whyCommand() *cobra.Command {
	v := &explainer{app: a}
	c := &cobra.Command{
		Use:     "why {CAPTURE | TRACE | NAME | -}",
		GroupID: groupTraces,
		Short:   "Say who reset a connection, and why",
		Long: `Say of each reset connection of a capture who reset it and why, how sure that
is, what in the capture speaks for it, what else it can be and what would tell
that apart, which scenario shows it, and what to run on that host next.

CAPTURE is what tcpsim import reads. Connections that were reset for the same
reason by the same host stand together, the most of them first. A cause is
certain, likely, or possible: then the capture cannot decide, and two are named.

From standard input each RST is explained as it comes, with half a second for
what follows it; old connections are forgotten, so that it can run for days.

Of a saved trace, or a scenario by its name, the cause is known and not
inferred. With --conn one connection is explained, also when no RST ended it.

The exit status is 0 when all of the file was read, 1 when only a part of it
was, and 2 when nothing could be read.`,
		Example: `  tcpsim why server.pcap
  tcpsim why server.pcap --conn 3
  tcpsim why server.pcap --json | jq '.resets[].cause'
  sudo tcpdump -i any -U -w - tcp | tcpsim why -
  tcpsim why unread-data`,
		Args:              oneArg("a capture, a trace or a scenario"),
		RunE:              func(_ *cobra.Command, args []string) error { return v.run(args[0]) },
		ValidArgsFunction: completeTraces,
	}
	flags := c.Flags()
	connFlag(flags, "", &v.conn)
	flags.BoolVar(&v.all, "all", false, "explain every RST, not only the first of each connection")
	count(flags, &v.options.MaxConns, "max-conns", "connections to tell apart at most (default 65536)")
	capturedFlag(flags, &v.options.Vantage)
	group(flags, "Choose what to read", "all", "max-conns", "captured")
	flags.BoolVar(&v.asJSON, "json", false, "print JSON")
	group(flags, "Output", "json")
	completeFlags(c)
	return c
}

func (v *explainer) run(arg string) error {
	kind, live := v.kindOf(arg)
	if kind != aCapture {
		if v.conn != "" {
			return fmt.Errorf("%s is no capture, so --conn has no meaning", arg)
		}
		t, err := v.load(arg, &v.source)
		if err != nil {
			return err
		}
		return v.known(arg, t)
	}
	return v.reading(arg, func(r io.Reader, name string) error { return v.capture(r, name, live) })
}

// kindOf tells what is to be explained. Standard input is not waited for: of a
// pipe the first bytes come with the first packet.
func (v *explainer) kindOf(arg string) (kind inputKind, live bool) {
	if arg == "-" {
		return aCapture, true
	}
	return kindOf(arg), false
}

func (v *explainer) capture(r io.Reader, name string, live bool) error {
	var list []*capture.Explained
	each := func(e *capture.Explained) error {
		switch {
		case v.conn != "" && !connIs(v.conn, &e.Conn), !v.all && v.conn == "" && !e.First:
		case live && !v.asJSON:
			v.one(e)
			return v.out.Flush()
		case live:
			if err := writeJSON(v.out, whyJSON(e)); err != nil {
				return err
			}
			return v.out.Flush()
		default:
			list = append(list, e)
		}
		return nil
	}
	done, err := capture.Resets(r, name, capture.Watch{Options: v.options, Live: live}, each)
	part := &capture.Incomplete{}
	if err != nil && done.Packets == 0 && !errors.As(err, &part) {
		return err
	}
	switch {
	case v.asJSON && !live:
		if err := writeJSON(v.out, whyFile{name, jsonOf(list), notReadOf(done.Unread)}); err != nil {
			return err
		}
	case v.asJSON:
	case v.conn != "":
		if err := v.ofConn(name, list, live); err != nil {
			return err
		}
	default:
		if !live {
			v.groups(list)
		}
		fmt.Fprintf(v.out, "%s: %s, %s, %d of them reset, %s\n", name, words.Plural(done.Packets, "packet"),
			words.Plural(done.Connections, "connection"), done.Reset, words.Plural(done.Resets, "RST"))
	}
	v.partly(err)
	return nil
}

// connIs reports whether a connection is the one that --conn names.
func connIs(want string, k *capture.Summary) bool {
	if fmt.Sprint(k.Number) == want {
		return true
	}
	a, b := k.Addr[trace.Client].String(), k.Addr[trace.Server].String()
	return want == a+"-"+b || want == b+"-"+a
}

// groups prints what was reset for the same reason by the same host together,
// the most connections first, and of each the first in full.
func (v *explainer) groups(list []*capture.Explained) {
	type key struct {
		host, label string
	}
	var keys []key
	groups := map[key][]*capture.Explained{}
	for _, e := range list {
		k := key{sender(e), label(e)}
		if groups[k] == nil {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], e)
	}
	slices.SortStableFunc(keys, func(a, b key) int { return len(groups[b]) - len(groups[a]) })
	for _, k := range keys {
		g := groups[k]
		if len(g) > 1 {
			var names []string
			for _, e := range g {
				names = append(names, fmt.Sprint(e.Conn.Number))
			}
			fmt.Fprintf(v.out, "%d times %s, by %s: connections %s\n", len(g), k.label, k.host, shorten(names, 12))
		}
		v.one(g[0])
	}
}

func shorten(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}

// sender is the host whose address a RST bears.
func sender(e *capture.Explained) string { return e.Conn.Addr[e.From].Addr().String() }

func label(e *capture.Explained) string {
	c := trace.Cause{ID: e.Cause, Confidence: e.Sure}
	for n, r := range e.Rivals {
		if n < e.Undecided {
			c.Or = append(c.Or, r.Cause)
		}
	}
	return c.Label()
}

// one explains one RST.
func (v *explainer) one(e *capture.Explained) {
	w := v.out
	fmt.Fprintf(w, "connection %d, %s > %s, frame %d at %s UTC\n", e.Conn.Number, e.Conn.Addr[trace.Client], e.Conn.Addr[trace.Server],
		e.Packet, e.Time.UTC().Format(stamp))
	by := fmt.Sprintf("the %s, %s", e.From, e.Conn.Addr[e.From])
	if e.Forged && e.Sure != trace.Possible {
		by = fmt.Sprintf("somebody on the way, in the name of %s", by)
		if e.Box != "" {
			by += ", " + e.Box
		}
	}
	fmt.Fprintf(w, "  who:   %s\n  why:   %s (%s)\n", by, label(e), e.Sure)
	fmt.Fprintf(w, "         %s\n", e.Text)
	for _, f := range e.Because[:min(len(e.Because), 3)] {
		fmt.Fprintf(w, "  fact:  %s\n", f)
	}
	for _, r := range e.Rivals {
		line := r.Cause
		if r.Apart != "" {
			line += "; to tell: " + r.Apart
		}
		fmt.Fprintf(w, "  or:    %s\n", line)
	}
	v.advice(e.Cause)
	fmt.Fprintln(w)
}

func (v *explainer) advice(id string) {
	a := why.Advise(id)
	if a.Scenario != "" {
		fmt.Fprintf(v.out, "  shown: tcpsim run %s\n", a.Scenario)
	}
	for _, n := range a.Next {
		fmt.Fprintf(v.out, "  next:  %s\n", n)
	}
}

// ofConn explains one connection, also when no RST ended it.
func (v *explainer) ofConn(name string, list []*capture.Explained, live bool) error {
	for _, e := range list {
		v.one(e)
	}
	if len(list) > 0 || live {
		return nil
	}
	return v.reading(name, func(r io.Reader, name string) error {
		o := v.options
		o.Conn = v.conn
		t, report, err := capture.Read(r, name, o)
		if t == nil {
			return err
		}
		v.ending(t, report)
		return nil
	})
}

// ending says how a connection ended without a RST.
func (v *explainer) ending(t *trace.Trace, r *capture.Report) {
	k := &r.Conn
	fmt.Fprintf(v.out, "connection %d, %s > %s: no RST\n", k.Number, k.Addr[trace.Client], k.Addr[trace.Server])
	last, again := -1, map[trace.Side]int{}
	for i := range t.Segments {
		s := &t.Segments[i]
		if last = i; s.Retransmission {
			again[s.From]++
		} else {
			again[s.From] = 0
		}
		if s.Arrived || again[s.From.Peer()] == 0 {
			again[s.From.Peer()] = 0
		}
	}
	frame := func(i int) string { return fmt.Sprintf("frame %d", r.Packets[i]) }
	what := map[capture.Ending]string{
		capture.ClosedByFIN: "closed in order: both FINs were acknowledged",
		capture.HalfClosed:  "closed on one side only, or a FIN was not acknowledged, when the capture ends",
		capture.Unanswered:  "the SYN got no answer: nothing listens there that may answer, or something drops it",
		capture.Open:        "still open when the capture ends",
	}[k.End]
	for side := trace.Client; side <= trace.Server; side++ {
		if n := again[side]; n >= 3 && t.Segments[last].From == side {
			what = fmt.Sprintf("the %s sent something again %d times without an answer, the last time in %s: its peer is silent, or it has given up", side, n, frame(last))
		}
	}
	fmt.Fprintf(v.out, "  end:   %s\n", what)
	if last >= 0 {
		at := r.Start.Add(t.Segments[last].SentAt)
		fmt.Fprintf(v.out, "  fact:  the last segment is %s, %s, at %s UTC\n", frame(last), t.Segments[last].Summary(), at.UTC().Format(stamp))
	}
}

// known explains the RSTs of a run, where nothing has to be inferred.
func (v *explainer) known(name string, t *trace.Trace) error {
	out := whyFile{File: name, Resets: []whyReset{}, NotRead: []whyNotRead{}}
	seen := map[int]bool{}
	for i := range t.Segments {
		s := &t.Segments[i]
		if s.Cause == nil || seen[s.Conn] && !v.all {
			continue
		}
		first := !seen[s.Conn]
		seen[s.Conn] = true
		c := &t.Conns[s.Conn]
		if v.asJSON {
			out.Resets = append(out.Resets, knownJSON(t, s, c, first))
			continue
		}
		fmt.Fprintf(v.out, "connection %d, %s > %s, #%d at %s\n", s.Conn+1, c.A.Addr, c.B.Addr, s.Number, trace.Clock(s.SentAt))
		by := fmt.Sprintf("the %s, %s", t.Hosts[s.From].Name, c.At(s.From).Addr)
		if s.Injected != "" {
			by = fmt.Sprintf("%s, in the name of %s", s.Injected, by)
		}
		fmt.Fprintf(v.out, "  who:   %s\n  why:   %s (%s)\n         %s\n", by, s.Cause.Label(), sure(s.Cause.Confidence), s.Cause.Text)
		if s.Cause.Source != "" {
			fmt.Fprintf(v.out, "  says:  %s\n", s.Cause.Source)
		}
		v.advice(s.Cause.ID)
		fmt.Fprintln(v.out)
	}
	if v.asJSON {
		return writeJSON(v.out, out)
	}
	if len(seen) == 0 {
		fmt.Fprintf(v.out, "%s: no RST\n", name)
	}
	return nil
}

func sure(c trace.Confidence) string {
	if c == trace.Known {
		return "known"
	}
	return string(c)
}

// The JSON of tcpsim why: other programs rely on its keys.
type whyFile struct {
	File    string       `json:"file"`
	Resets  []whyReset   `json:"resets"`
	NotRead []whyNotRead `json:"not_read"`
}

type whyReset struct {
	Frame        int        `json:"frame"`
	Time         string     `json:"time"`
	Connection   whyConn    `json:"connection"`
	From         string     `json:"from"`
	First        bool       `json:"first"`
	Cause        string     `json:"cause"`
	Confidence   string     `json:"confidence"`
	Forged       bool       `json:"forged,omitempty"`
	Text         string     `json:"text"`
	Because      []string   `json:"because"`
	Alternatives []whyRival `json:"alternatives"`
	Answers      int        `json:"answers,omitempty"`
	Scenario     string     `json:"scenario,omitempty"`
	Next         []string   `json:"next"`
}

type whyConn struct {
	Client string `json:"client"`
	Server string `json:"server"`
	Number int    `json:"number"`
}

type whyRival struct {
	Cause string `json:"cause"`
	Apart string `json:"apart"`
}

type whyNotRead struct {
	What    string `json:"what"`
	Packets int    `json:"packets"`
}

func whyJSON(e *capture.Explained) whyReset {
	a := why.Advise(e.Cause)
	r := whyReset{
		Frame: e.Packet, Time: e.Time.UTC().Format(time.RFC3339Nano),
		Connection: whyConn{e.Conn.Addr[trace.Client].String(), e.Conn.Addr[trace.Server].String(), e.Conn.Number},
		From:       e.From.String(), First: e.First, Cause: e.Cause, Confidence: string(e.Sure), Text: e.Text,
		Forged:  e.Forged && e.Sure != trace.Possible,
		Because: orEmpty(e.Because), Alternatives: []whyRival{}, Answers: e.Answers, Scenario: a.Scenario, Next: orEmpty(a.Next),
	}
	for _, v := range e.Rivals {
		r.Alternatives = append(r.Alternatives, whyRival{v.Cause, v.Apart})
	}
	return r
}

func jsonOf(list []*capture.Explained) []whyReset {
	all := []whyReset{}
	for _, e := range list {
		all = append(all, whyJSON(e))
	}
	return all
}

func notReadOf(list []capture.Unread) []whyNotRead {
	all := []whyNotRead{}
	for _, u := range list {
		all = append(all, whyNotRead{u.What, u.Packets})
	}
	return all
}

func knownJSON(t *trace.Trace, s *trace.Segment, c *trace.Conn, first bool) whyReset {
	a := why.Advise(s.Cause.ID)
	r := whyReset{
		Frame: s.Number, Time: s.SentAt.String(),
		Connection: whyConn{c.A.Addr.String(), c.B.Addr.String(), s.Conn + 1},
		From:       t.Hosts[s.From].Name, First: first, Cause: s.Cause.ID, Confidence: sure(s.Cause.Confidence), Text: s.Cause.Text,
		Forged: s.Injected != "", Because: []string{}, Alternatives: []whyRival{}, Scenario: a.Scenario, Next: orEmpty(a.Next),
	}
	if s.Cause.Source != "" {
		r.Because = append(r.Because, s.Cause.Source)
	}
	for _, id := range s.Cause.Or {
		r.Alternatives = append(r.Alternatives, whyRival{Cause: id})
	}
	if s.Trigger.Kind == trace.BySegment {
		r.Answers = t.Segments[s.Trigger.Index].Number
	}
	return r
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
