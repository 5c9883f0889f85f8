package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/diff"
	"github.com/tcpsim/tcpsim/stack/words"
)

// differ is tcpsim diff with its flags.
type differ struct {
	*app
	sides   [2]source
	options diff.Options
	color   string
}

func (a *app) diffCommand() *cobra.Command {
	d := &differ{app: a, color: colorAuto}
	c := &cobra.Command{
		Use:     "diff A B",
		GroupID: groupTraces,
		Short:   "Find where two runs first differ",
		Long: `Find where two runs first differ, and print what happened around it.

A and B are scenarios, named as for tcpsim run, saved traces, whose names end in
.jsonl, or captures of real traffic, of whatever name. They are compared by what
happened at each host and on the link, not by the line or the time: calls,
segments in relative numbers, states, timers. A line that only A has is marked
with -, one that only B has with +.

A capture has no calls, and its states are inferred. Where one of the two is
without processes, as what is read of a capture is, only the segments that each
host sends are compared, as with --segments.

Each flag that changes the scenario has two more forms, which change one side
only: --a-latency and --b-latency. So has --conn.

The exit status is 0 when the runs are the same, 1 when they differ or a part of
a capture could not be read, and 2 when something could not be run or read.`,
		Example: `  tcpsim diff unread-data unread-data/all-read
  tcpsim diff silent-peer silent-peer --b-set client.tcp_retries2=3
  tcpsim diff before.jsonl mine.yaml --times
  tcpsim diff real.pcap mine.yaml --a-conn 2`,
		Args:              d.args,
		RunE:              func(_ *cobra.Command, args []string) error { return d.run(args) },
		ValidArgsFunction: completeTwoTargets,
	}
	flags := c.Flags()
	flags.BoolVar(&d.options.Times, "times", false, "what happens at another time is a difference too")
	flags.BoolVar(&d.options.Segments, "segments", false, "compare only the segments that each host sends")
	count(flags, &d.options.Context, "context", "events to show before and after the difference (default 3)")
	group(flags, "Comparison", "times", "segments", "context")
	d.define(flags, "", &d.sides[0], &d.sides[1])
	d.define(flags, sideA, &d.sides[0])
	d.define(flags, sideB, &d.sides[1])
	oneOf(flags, &d.color, "color", "WHEN", "when to use colors", colors)
	group(flags, "Output", "color")
	completeFlags(c)
	return c
}

// define defines the flags of some sides. Those of one side are as those of
// both, so that the help text need not repeat them.
func (d *differ) define(flags *pflag.FlagSet, prefix string, sides ...*source) {
	filled(flags, prefix+"case", "", "NAME", "case to run instead of the base case", func(name string) {
		for _, s := range sides {
			s.name = name
		}
	})
	group(flags, changeGroup, prefix+"case")
	var all []*changes
	for _, s := range sides {
		all = append(all, &s.changes)
	}
	defineChanges(flags, prefix, all...)
	var conns []*string
	for _, s := range sides {
		conns = append(conns, &s.conn)
	}
	connFlag(flags, prefix, conns...)
	flags.VisitAll(func(f *pflag.Flag) {
		if prefix != "" && strings.HasPrefix(f.Name, prefix) {
			f.Hidden = true
		}
	})
}

func (d *differ) args(c *cobra.Command, args []string) error {
	switch {
	case len(args) < 2:
		return fmt.Errorf("%s needs two scenarios, saved traces or captures", c.CommandPath())
	case len(args) > 2:
		return fmt.Errorf("%s takes only two scenarios, saved traces or captures, not also %q", c.CommandPath(), args[2])
	case args[0] == "-" && args[1] == "-":
		return fmt.Errorf("standard input (-) can be read only once")
	}
	return nil
}

func (d *differ) run(args []string) error {
	var traces [2]*trace.Trace
	for i, arg := range args {
		var err error
		if traces[i], err = d.load(arg, &d.sides[i]); err != nil {
			return err
		}
	}
	if (len(traces[0].Processes) == 0) != (len(traces[1].Processes) == 0) && !d.options.Segments {
		d.options.Segments = true
		fmt.Fprintln(d.stderr, "tcpsim: one of the two has no calls, so only the segments that each host sends are compared")
	}
	found := diff.Compare(traces[0], traces[1], d.options)
	if found.Same() {
		d.same(found)
		return nil
	}
	for i, arg := range args {
		fmt.Fprintf(d.out, "%c: %s\n", 'A'+i, d.sides[i].describe(arg))
	}
	fmt.Fprintf(d.out, "The first difference is at the %s:\n\n%14s %12s\n", found.Where, "A", "B")
	p := d.painterOf(d.color, d.stdout)
	for i := range found.Lines {
		l := &found.Lines[i]
		text := l.String()
		switch l.Mark() {
		case '-':
			text = p.bad(text)
		case '+':
			text = p.good(text)
		}
		fmt.Fprintln(d.out, text)
	}
	return errUnexpected
}

func (d *differ) same(found *diff.Difference) {
	fmt.Fprintf(d.out, "same: %s in both", words.Plural(found.Events[0], "event"))
	if found.Timed {
		fmt.Fprint(d.out, ", some of them at other times")
	}
	fmt.Fprintln(d.out)
}

// describe is what stands for a side: what was asked for.
func (s *source) describe(arg string) string {
	words := []string{arg}
	if s.name != "" {
		words = append(words, "--case", s.name)
	}
	if s.conn != "" {
		words = append(words, "--conn", s.conn)
	}
	return shellJoin(append(words, s.args...))
}

// completeTwoTargets completes what a command takes of which there are two.
func completeTwoTargets(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeTargets(c, args, typed)
}
