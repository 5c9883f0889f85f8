package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/sim/trace/strace"
	"github.com/tcpsim/tcpsim/stack/words"
)

// The forms of what tcpsim run prints, and those of the table of --all.
var (
	runFormats   = []string{formatText, formatJSON, formatJSONL, formatTcpdump, formatStrace}
	tableFormats = []string{formatText, formatJSON}
)

// runner is tcpsim run with its flags.
type runner struct {
	*app
	changes
	cases  []string
	all    bool
	jobs   int // 0 is as many as there are processors
	format string
	output string // a file; empty is standard output
	color  string
	saves  saves
	form   formOptions
	stack  stackFlags
	w      io.Writer // standard output, or what becomes the file
}

func (a *app) runCommand() *cobra.Command {
	r := &runner{app: a, format: formatText, color: colorAuto, form: formOptions{calls: strace.TimeOfDay}}
	c := &cobra.Command{
		Use:     "run {NAME | FILE | -}...",
		GroupID: groupScenarios,
		Short:   "Run scenarios and check what they expect",
		Long: `Run scenarios, print what happens, and check what they expect.

A scenario is one of the catalogue (unread-data), one of its cases
(unread-data/all-read), a file whose name ends in .yaml, or - for one on
standard input. What a flag changes may well make an expectation fail: the
report says so, and how to run the same again.

With --stack linux the hosts are a real Linux that runs in virtual time, built by
tcpsim kernel build. What a scenario expects is what gVisor does, so it is not
checked there; what Linux cannot be told is named, and not run.

The exit status is 0 when everything is as expected, 1 when it is not, and 2
when something could not be run.`,
		Example: `  tcpsim run unread-data
  tcpsim run unread-data/all-read --latency 200ms --seed 7
  tcpsim run mine.yaml --case all --drop server:FIN:1
  tcpsim run mine.yaml --set client.tcp_retries2=5 --no-check
  tcpsim run unread-data --plot ladder.svg --trace run.jsonl --pcap run.pcapng
  tcpsim run unread-data --format tcpdump --vantage server
  tcpsim run unread-data --stack linux
  tcpsim run --all`,
		Args:              r.args,
		RunE:              func(_ *cobra.Command, args []string) error { return r.run(args) },
		ValidArgsFunction: completeTargets,
	}
	flags := c.Flags()
	filled(flags, "case", "", "NAME", "case to run instead of the base case, or all; may be repeated",
		func(s string) { r.cases = append(r.cases, s) })
	flags.BoolVar(&r.all, "all", false, "run every case of the catalogue and print a line for each")
	count(flags, &r.jobs, "jobs", "how many to run at a time with --all (default: one per processor)")
	flags.BoolVar(&r.options.NoCheck, "no-check", false, "do not check what the scenario expects")
	group(flags, "Choose what to run", "case", "all", "jobs", "no-check")
	defineChanges(flags, "", &r.changes)
	r.stack.define(flags)
	oneOf(flags, &r.format, "format", "FORMAT", "form of the trace", runFormats)
	outputFlag(flags, &r.output)
	r.saves.define(flags)
	vantageFlag(flags, &r.form.vantage)
	processFlag(flags, &r.form.process)
	oneOf(flags, &r.color, "color", "WHEN", "when to use colors", colors)
	group(flags, "Output", "format", "output", "plot", "trace", "pcap", "vantage", "process", "color")
	completeFlags(c)
	return c
}

func (r *runner) args(c *cobra.Command, args []string) error {
	switch {
	case r.all && len(args) > 0:
		return fmt.Errorf("--all runs the whole catalogue, so %q has no meaning", args[0])
	case r.all && len(r.cases) > 0:
		return fmt.Errorf("--all runs every case, so --case %s has no meaning", r.cases[0])
	case !r.all && r.jobs > 0:
		return errors.New("--jobs has a meaning only with --all")
	case r.all && !slices.Contains(tableFormats, r.format):
		return fmt.Errorf("--all prints a line for each case; want --format %s", words.Either(tableFormats))
	case c.Flags().Changed("vantage") && r.saves.pcap == "" && r.format != formatTcpdump:
		return errors.New("--vantage has a meaning only with --pcap or --format tcpdump")
	case c.Flags().Changed("process") && r.format != formatStrace:
		return errors.New("--process has a meaning only with --format strace")
	case !r.all && len(args) == 0:
		return fmt.Errorf("%s needs the name of a scenario, a file, - or --all; tcpsim list shows the scenarios", c.CommandPath())
	}
	if r.format == formatJSONL {
		r.format = formatJSON
	}
	if err := r.stack.choose(c, &r.options); err != nil {
		return err
	}
	return r.saves.check(r.all, r.output)
}

func (r *runner) run(args []string) error {
	all, err := r.chosen(args)
	if err != nil {
		return err
	}
	for _, t := range all {
		if r.form.vantage == pcap.Middlebox && r.options.LinkOf(t.c).Middlebox.Name == "" {
			return fmt.Errorf("%s has no middlebox to capture on; --middlebox NAME puts one on the link", t.c.FullName())
		}
	}
	work := r.runEach
	if r.all {
		work = r.runAll
	}
	if r.output == "" || r.output == "-" {
		r.output, r.w = "", r.out
		return work(all)
	}
	var file bytes.Buffer
	r.w = &file
	err = work(all)
	if err == nil || errors.Is(err, errUnexpected) || timeUp(err) {
		if err := writeFile(r.output, file.Bytes()); err != nil {
			return cannotWrite(r.output, err)
		}
	}
	return err
}

// chosen finds what is to be run, before anything is.
func (r *runner) chosen(args []string) ([]target, error) {
	if r.all {
		return catalogue()
	}
	all, err := r.targets(args, r.cases)
	if err != nil {
		return nil, err
	}
	return all, r.saves.only(len(all))
}

// runEach runs one case after the other and prints the trace of each.
func (r *runner) runEach(all []target) error {
	var errs []error
	ok := true
	for i, t := range all {
		if i > 0 && r.format != formatJSON {
			fmt.Fprintln(r.w)
		}
		res, err := scenarios.Run(t.c, r.options)
		if err != nil && !timeUp(err) {
			r.unfinished(res, err)
			errs = append(errs, r.withReplay(t, err))
			continue
		}
		if err := r.trace(res.Trace); err != nil {
			return err
		}
		if err := r.saves.write(r.app, res.Trace, &r.form); err != nil {
			return err
		}
		if err != nil {
			if flushed := r.out.Flush(); flushed != nil {
				return cannotWrite("the output", flushed)
			}
			errs = append(errs, r.withReplay(t, err))
			continue
		}
		if err := r.report(t, res); err != nil {
			return err
		}
		ok = ok && res.OK()
	}
	switch {
	case len(errs) > 0:
		return errors.Join(errs...)
	case !ok:
		return errUnexpected
	}
	return nil
}

func (r *runner) trace(tr *trace.Trace) error {
	r.form.color = r.painter().on
	if err := formNamed(r.format).write(r.w, tr, &r.form); err != nil {
		return cannotWrite("the trace", err)
	}
	return nil
}

// report gives the verdict: below the trace where people read it, and on
// standard error where a program or a file takes the trace.
func (r *runner) report(t target, res *scenarios.Result) error {
	if r.format == formatText {
		fmt.Fprintln(r.w)
		r.verdict(r.w, r.painter(), t, res)
	}
	if err := r.out.Flush(); err != nil {
		return cannotWrite("the output", err)
	}
	if r.format != formatText || r.output != "" {
		r.verdict(r.stderr, r.painterFor(r.stderr), t, res)
	}
	return nil
}

// timeUp reports whether what went wrong is only that runs reached the limit of
// virtual time: the trace of one that did is whole until there, and says so.
func timeUp(err error) bool {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(joined.Unwrap(), func(e error) bool { return !timeUp(e) })
	}
	var limit *sim.LimitError
	return errors.As(err, &limit) && limit.Time()
}

// unfinished shows people what a run did before an error ended it. A run that
// reached another limit than that of virtual time did too much to be shown; its
// error says where it stood.
func (r *runner) unfinished(res *scenarios.Result, err error) {
	var limit *sim.LimitError
	if res == nil || r.format != formatText || r.output != "" || errors.As(err, &limit) {
		return
	}
	_ = r.trace(res.Trace) // the error that ended the run is the one to tell
	r.out.Flush()
}
