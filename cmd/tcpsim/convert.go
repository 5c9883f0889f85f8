package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/strace"
	"github.com/tcpsim/tcpsim/sim/trace/tcpdump"
	"github.com/tcpsim/tcpsim/stack/words"
)

// converter is tcpsim convert with its flags.
type converter struct {
	*app
	form           formOptions
	format, output string
	conn           string
	times          int // how often -t was given
}

func (a *app) convertCommand() *cobra.Command {
	v := &converter{app: a}
	c := &cobra.Command{
		Use:     "convert {TRACE | CAPTURE | -}",
		GroupID: groupTraces,
		Short:   "Write a saved trace or a capture in another form",
		Long: `Write a saved trace (tcpsim run --trace) in another form: text, as tcpsim run
prints it; jsonl or json, the saved form itself; pcapng or pcap, a capture for
Wireshark or tcpdump; tcpdump and strace, what these tools would have printed;
xplot, a time-sequence graph as tcptrace makes them; svg, png, pdf, ascii or
mermaid, the ladder.

Without --format the ending of the output decides; without an output it is
text. With --format xplot the output may be a directory: it gets the graphs of
every connection under the names that tcptrace gives them, a2b_tsg.xpl,
b2a_tsg.xpl, c2d_tsg.xpl and so on.

CAPTURE is a capture of real traffic, of whatever name; tcpsim import says what is
read of it. The exit status is 1 where that is not all of it.`,
		Example: `  tcpsim convert run.jsonl
  tcpsim convert run.jsonl -o run.pcapng --vantage wire
  tcpsim convert run.jsonl --format tcpdump -S -ttt --vantage server
  tcpsim convert run.jsonl --format strace --process server
  tcpsim convert run.jsonl --format xplot -o graphs/ --vantage server
  tcpsim convert server.pcap.gz --conn 2 -o server.svg`,
		Args:              oneArg("a saved trace or a capture"),
		RunE:              func(c *cobra.Command, args []string) error { return v.run(c.Flags(), args[0]) },
		ValidArgsFunction: completeTraces,
	}
	flags := c.Flags()
	flags.Var(word(&v.format, "FORMAT", formNames()), "format", "form to write:\n"+
		strings.Join(formNames()[:7], ", ")+",\n"+words.Either(formNames()[7:]))
	outputFlag(flags, &v.output)
	vantageFlag(flags, &v.form.vantage)
	flags.BoolVarP(&v.form.dump.Absolute, "absolute", "S", false, "tcpdump: sequence numbers as in the header")
	flags.CountVarP(&v.times, "time", "t", "tcpdump: form of the time, as its -t, -tt to -ttttt; strace: -tt or -ttt")
	processFlag(flags, &v.form.process)
	senderFlag(flags, &v.form.graph.from)
	filled(flags, "conn", "", "CONN", "connection: of a capture, its number or its ends, see tcpsim import --list;\n"+
		"with --format xplot, its number in the trace", func(s string) { v.conn = s })
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
	kind := kindOf(arg)
	if arg == "-" {
		head, err := v.peek()
		if err != nil {
			return err
		}
		kind = kindOfContent(head)
	}
	var t *trace.Trace
	switch {
	case kind == aCapture:
		t, err = v.readCapture(arg, v.conn)
	case v.conn != "" && f.name != formatXplot:
		return errors.New("--conn has a meaning only with a capture or --format xplot")
	default:
		if err := v.form.graph.number(v.conn); err != nil {
			return err
		}
		t, err = v.saved(arg, kind)
	}
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
		{"vantage", []string{formatPcapng, formatPcap, formatTcpdump, formatXplot}},
		{"absolute", []string{formatTcpdump}},
		{"time", []string{formatTcpdump, formatStrace}},
		{"process", []string{formatStrace}},
		{"sender", []string{formatXplot}},
	} {
		if flags.Changed(f.flag) && !slices.Contains(f.formats, format) {
			return fmt.Errorf("--%s has a meaning only with --format %s", f.flag, words.Either(f.formats))
		}
	}
	if flags.Changed("sender") && isDir(v.output) {
		return errors.New("--sender has no meaning with a directory, which gets the graphs of both")
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
func (v *converter) saved(arg string, kind inputKind) (*trace.Trace, error) {
	t, err := v.readTrace(arg)
	if err != nil && arg != "-" && kind == aScenario {
		return nil, fmt.Errorf("%w; %q is no saved trace (tcpsim run --trace makes one)", err, arg)
	}
	return t, err
}
