package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
	"github.com/tcpsim/tcpsim/sim/trace/strace"
	"github.com/tcpsim/tcpsim/sim/trace/tcpdump"
)

// converter is tcpsim convert with its flags.
type converter struct {
	*app
	form           formOptions
	format, output string
	times          int // how often -t was given
}

func (a *app) convertCommand() *cobra.Command {
	v := &converter{app: a}
	c := &cobra.Command{
		Use:     "convert {TRACE | -}",
		GroupID: groupTraces,
		Short:   "Write a saved trace in another form",
		Long: `Write a saved trace (tcpsim run --trace) in another form: text, as tcpsim run
prints it; jsonl or json, the saved form itself; pcapng or pcap, a capture for
Wireshark or tcpdump; tcpdump and strace, what these tools would have printed;
svg, png, pdf, ascii or mermaid, the ladder.

Without --format the ending of the output decides; without an output it is
text.`,
		Example: `  tcpsim convert run.jsonl
  tcpsim convert run.jsonl -o run.pcapng --vantage wire
  tcpsim convert run.jsonl --format tcpdump -S -ttt --vantage server
  tcpsim convert run.jsonl --format strace --process server`,
		Args:              oneArg("a saved trace"),
		RunE:              func(c *cobra.Command, args []string) error { return v.run(c.Flags(), args[0]) },
		ValidArgsFunction: completeTraces,
	}
	flags := c.Flags()
	flags.Var(word(&v.format, "FORMAT", formNames()), "format", "form to write:\n"+either(formNames()))
	outputFlag(flags, &v.output)
	vantageFlag(flags, &v.form.vantage)
	flags.BoolVarP(&v.form.dump.Absolute, "absolute", "S", false, "tcpdump: sequence numbers as in the header")
	flags.CountVarP(&v.times, "time", "t", "tcpdump: form of the time, as its -t, -tt to -ttttt; strace: -tt or -ttt")
	processFlag(flags, &v.form.process)
	completeFlags(c)
	return c
}

func (v *converter) run(flags *pflag.FlagSet, arg string) error {
	f, err := v.choose()
	if err != nil {
		return err
	}
	if err := v.meaning(flags, f.name); err != nil {
		return err
	}
	t, err := v.saved(arg)
	if err != nil {
		return err
	}
	v.form.picture.Version = releaseVersion()
	return v.deliver(v.output, f, t, &v.form)
}

// choose decides in which form to write.
func (v *converter) choose() (*form, error) {
	switch {
	case v.format != "":
		return formNamed(v.format), nil
	case isStdout(v.output):
		return formNamed(formatText), nil
	}
	return formOf(v.output, formNames())
}

// meaning refuses flags that mean nothing for a format, and reads -t.
func (v *converter) meaning(flags *pflag.FlagSet, format string) error {
	for _, f := range []struct {
		flag    string
		formats []string
	}{
		{"vantage", []string{formatPcapng, formatPcap, formatTcpdump}},
		{"absolute", []string{formatTcpdump}},
		{"time", []string{formatTcpdump, formatStrace}},
		{"process", []string{formatStrace}},
	} {
		if flags.Changed(f.flag) && !slices.Contains(f.formats, format) {
			return fmt.Errorf("--%s has a meaning only with --format %s", f.flag, either(f.formats))
		}
	}
	v.form.calls = strace.TimeOfDay
	switch {
	case v.times > int(tcpdump.Since):
		return errors.New("tcpdump has no more than -ttttt")
	case format != formatStrace:
		v.form.dump.Time = tcpdump.Time(v.times)
	case v.times == 3:
		v.form.calls = strace.Epoch
	case v.times != 0 && v.times != 2:
		return errors.New("strace is printed with -tt or -ttt")
	}
	return nil
}

// saved reads a saved trace from a file or from standard input.
func (v *converter) saved(arg string) (*trace.Trace, error) {
	if arg == "-" {
		return jsonl.Read(v.stdin, stdinName)
	}
	t, err := readTrace(arg)
	if err != nil && !isTrace(arg) {
		return nil, fmt.Errorf("%w; %q is no saved trace (tcpsim run --trace makes one)", err, arg)
	}
	return t, err
}
