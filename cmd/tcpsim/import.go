package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/stack/words"
)

// importer is tcpsim import with its flags.
type importer struct {
	*app
	options        capture.Options
	list, asJSON   bool
	form           formOptions
	format, output string
}

// importFormats are all but strace: a capture has no calls.
func importFormats() []string {
	return slices.DeleteFunc(formNames(), func(name string) bool { return name == formatStrace })
}

func (a *app) importCommand() *cobra.Command {
	v := &importer{app: a}
	c := &cobra.Command{
		Use:     "import {CAPTURE | -}",
		GroupID: groupTraces,
		Short:   "Read a capture of real traffic into a trace",
		Long: `Read one TCP connection of a capture of real traffic into a trace, as JSON Lines
that tcpsim plot, convert and diff take, and explain its RSTs.

CAPTURE is a pcap or pcapng file of whatever name, also compressed with gzip or
Zstandard, from one end or with both ends in one file. TCP is found behind the
headers of about 40 kinds of links (Ethernet, Linux cooked, PPP, 802.11, PKTAP,
NFLOG and others), tags (VLAN, MPLS, PPPoE) and tunnels (VXLAN, GENEVE, GRE,
ERSPAN, IP in IP, GTP-U, L2TP, Teredo and others). Fragments of IP datagrams are
put together. What may hold TCP and is not read, as it is encrypted or not
known, is named and counted.

What a capture cannot tell is inferred where it follows from the segments: when
and whether a segment arrived, the states of both ends, the cause of a RST.
Texts in the trace that are inferred say so; what was read, what was not, and
what was inferred is printed on standard error.

Memory is bounded by --max-segments and --max-bytes, and what is beyond them is
counted. Of a damaged file, or one that is cut short, everything that is
readable is written. Not the name but the first bytes tell a capture.

The exit status is 0 when all of the file was read, 1 when only the readable
part of it was, and 2 when nothing could be read or written.`,
		Example: `  tcpsim import server.pcap --list
  tcpsim import server.pcap --conn 3 -o run.jsonl && tcpsim plot run.jsonl
  tcpsim import server.pcap.gz --conn 10.0.0.1:40000-10.0.0.2:80 -o run.svg
  ssh server tcpdump -i any -w - tcp port 80 | tcpsim import - --captured server -o run.jsonl`,
		Args:              oneArg("a capture"),
		RunE:              func(c *cobra.Command, args []string) error { return v.run(c.Flags(), args[0]) },
		ValidArgsFunction: completeTraces,
	}
	flags := c.Flags()
	flags.BoolVar(&v.list, "list", false, "list the connections instead")
	flags.BoolVar(&v.asJSON, "json", false, "print the list as JSON")
	connFlag(flags, "", &v.options.Conn)
	capturedFlag(flags, &v.options.Vantage)
	count(flags, &v.options.MaxSegments, "max-segments", "segments of the connection to keep at most (default 262144)")
	whole(flags, "max-bytes", "bytes of its datagrams to keep at most (default 268435456)", 1, func(n int64) { v.options.MaxBytes = n })
	count(flags, &v.options.MaxConns, "max-conns", "connections to tell apart at most (default 65536)")
	whole(flags, "snaplen", "bytes of each payload to keep; the others become zeros (default all)", 0, func(n int64) {
		if v.options.SnapLen = int(min(n, 1<<16)); n == 0 {
			v.options.SnapLen = -1
		}
	})
	group(flags, "Choose what to read", "list", "json", "conn", "captured", "max-segments", "max-bytes", "max-conns", "snaplen")
	flags.Var(word(&v.format, "FORMAT", importFormats()), "format", "form to write: "+words.Either(importFormats()[:6])+",\n"+
		"or a picture; tcpsim convert says more (default jsonl, or by the ending)")
	outputFlag(flags, &v.output)
	vantageFlag(flags, &v.form.vantage)
	group(flags, "Output", "format", "output", "vantage")
	completeFlags(c)
	return c
}

// capturedFlag defines the flag that says where a capture was made.
func capturedFlag(flags *pflag.FlagSet, p *capture.Vantage) {
	t := word(new(string), "WHERE", capture.Vantages())
	check := t.set
	t.set = func(s string) (err error) {
		if err = check(s); err == nil {
			*p, err = capture.ParseVantage(s)
		}
		return err
	}
	flags.Var(t, "captured", "where the capture was made: "+words.Either(capture.Vantages())+"\n"+
		"(default auto: found out from the round trips)")
}

// whole defines a flag that takes a whole number from least.
func whole(flags *pflag.FlagSet, name, usage string, least int64, set func(int64)) {
	flags.Var(taker{placeholder: "N", set: func(s string) error {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < least {
			return fmt.Errorf("want a whole number from %d", least)
		}
		set(n)
		return nil
	}}, name, usage)
}

func (v *importer) run(flags *pflag.FlagSet, arg string) error {
	if v.list {
		for _, name := range []string{"conn", "captured", "max-segments", "max-bytes", "snaplen", "format", "output", "vantage"} {
			if flags.Changed(name) {
				return fmt.Errorf("--%s has no meaning with --list", name)
			}
		}
		return v.reading(arg, v.writeList)
	}
	f, err := v.choose()
	switch {
	case v.asJSON:
		return errors.New("--json has a meaning only with --list; the trace is JSON Lines without it")
	case err != nil:
		return err
	case flags.Changed("vantage") && !slices.Contains([]string{formatPcapng, formatPcap, formatTcpdump, formatXplot}, f.name):
		return fmt.Errorf("--vantage has a meaning only with --format %s; --captured says where the capture was made",
			words.Either([]string{formatPcapng, formatPcap, formatTcpdump, formatXplot}))
	}
	return v.reading(arg, func(r io.Reader, name string) error { return v.convert(r, name, f) })
}

func (v *importer) choose() (*form, error) {
	switch {
	case v.format != "":
		return formNamed(v.format), nil
	case isStdout(v.output):
		return formNamed(formatJSONL), nil
	}
	return formOf(v.output, importFormats())
}

// convert reads the connection and writes it. An error in the file comes last,
// after everything that is readable was written.
func (v *importer) convert(r io.Reader, name string, f *form) error {
	t, report, err := capture.Read(r, name, v.options)
	if t == nil {
		return err
	}
	v.form.picture.Version = releaseVersion()
	if writeErr := v.deliver(v.output, f, t, &v.form); writeErr != nil {
		return writeErr
	}
	v.report(name, report, t)
	v.partly(err)
	return nil
}

func (v *importer) writeList(r io.Reader, name string) error {
	list, err := capture.Connections(r, name)
	switch {
	case err != nil && len(list) == 0 && !notRead(err):
		return err
	case v.asJSON:
		if err := writeJSON(v.out, listed(list)); err != nil {
			return err
		}
	default:
		writeSummaries(v.out, list)
	}
	v.partly(err)
	return nil
}

// report says what was read, what was not, why each RST was sent, and what is
// inferred.
func (v *importer) report(name string, r *capture.Report, t *trace.Trace) {
	w := v.stderr
	for _, l := range reportLines(name, r) {
		fmt.Fprintln(w, l)
	}
	explainResets(w, t)
	for _, i := range r.Inferred {
		fmt.Fprintf(w, "  inferred: %s (%d): %s\n", i.Field, i.Count, i.How)
	}
}
