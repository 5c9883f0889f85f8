package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
)

// inputKind is what an argument names.
type inputKind string

const (
	aScenario  inputKind = "a scenario"
	savedTrace inputKind = "a saved trace"
	aCapture   inputKind = "a capture"
)

// The endings that tell saved traces and captures from scenarios.
var (
	traceEndings   = []string{".jsonl", ".json"}
	captureEndings = []string{".pcap", ".pcapng", ".cap"}

	compressedEndings = []string{".gz", ".zst"}
)

// kindOf tells what an argument names: by the first bytes of a file, as captures
// have many names (tcpdump -C and -W count them: .pcap0), and else by its
// ending.
func kindOf(arg string) inputKind {
	named := kindOfName(arg)
	if info, err := os.Stat(arg); err != nil || !info.Mode().IsRegular() {
		return named
	}
	file, err := os.Open(arg)
	if err != nil {
		return named
	}
	defer file.Close()
	head := make([]byte, 4096)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return named
	}
	if held := kindOfContent(head[:n]); held != aScenario {
		return held
	}
	return named // so that an error says what was expected
}

// kindOfName tells it by the ending. Captures may be compressed, as tcpdump's
// users leave them lying about.
func kindOfName(arg string) inputKind {
	ending := func(s string) string { return strings.ToLower(filepath.Ext(s)) }
	switch name := strings.TrimSuffix(arg, filepath.Ext(arg)); {
	case slices.Contains(traceEndings, ending(arg)):
		return savedTrace
	case slices.Contains(captureEndings, ending(arg)),
		slices.Contains(compressedEndings, ending(arg)) && slices.Contains(captureEndings, ending(name)):
		return aCapture
	}
	return aScenario
}

// The first bytes of captures: pcap in both orders, with microseconds, with
// nanoseconds and as modified by Kuznetzov, pcapng, gzip and Zstandard.
var captureMagic = []string{
	"\xa1\xb2\xc3\xd4", "\xd4\xc3\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x4d\x3c\xb2\xa1", "\xa1\xb2\xcd\x34", "\x34\xcd\xb2\xa1",
	"\x0a\x0d\x0d\x0a", "\x1f\x8b", "\x28\xb5\x2f\xfd",
}

// kindOfContent tells by the first bytes what a file holds. YAML is all that is
// neither a trace nor a capture.
func kindOfContent(head []byte) inputKind {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	switch {
	case bytes.HasPrefix(line, []byte("{")) && bytes.Contains(line, []byte(`"tcpsim-trace"`)):
		return savedTrace
	case slices.ContainsFunc(captureMagic, func(m string) bool { return bytes.HasPrefix(head, []byte(m)) }):
		return aCapture
	}
	return aScenario
}

// peek looks at the beginning of standard input and leaves it there.
func (a *app) peek() ([]byte, error) {
	head, err := io.ReadAll(io.LimitReader(a.stdin, 4096))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", stdinName, err)
	}
	a.stdin = io.MultiReader(bytes.NewReader(head), a.stdin)
	return head, nil
}

// reading calls f with a file, or with standard input, and its name in errors.
func (a *app) reading(arg string, f func(r io.Reader, name string) error) error {
	if arg == "-" {
		return f(a.stdin, stdinName)
	}
	file, err := os.Open(arg)
	if err != nil {
		return err
	}
	defer file.Close()
	return f(file, arg)
}

func (a *app) readTrace(arg string) (t *trace.Trace, err error) {
	err = a.reading(arg, func(r io.Reader, name string) (err error) {
		t, err = jsonl.Read(r, name)
		return err
	})
	return t, err
}

// readCapture reads a connection of a capture where a whole one is wanted, and
// says on standard error which it is where there are others.
func (a *app) readCapture(arg, conn string) (t *trace.Trace, err error) {
	err = a.reading(arg, func(r io.Reader, name string) error {
		var report *capture.Report
		t, report, err = capture.Read(r, name, capture.Options{Conn: conn})
		switch {
		case err != nil && t == nil:
			return err
		case conn == "" && report.Conns > 1:
			fmt.Fprintf(a.stderr, "tcpsim: %s: connection %d of %d (%s); --conn chooses another, tcpsim import --list shows them\n",
				name, report.Conn.Number, report.Conns, report.Why)
		}
		a.partly(err)
		return nil
	})
	return t, err
}

// partly notes that a part of a file was not read, where err says so. The
// command goes on with what was, says so at its end, and exits with 1.
func (a *app) partly(err error) {
	if err != nil {
		a.partial = append(a.partial, err)
	}
}

// notRead reports whether an error says that a capture was understood, and
// holds packets that are not read.
func notRead(err error) bool {
	part := &capture.Incomplete{}
	return errors.As(err, &part) && len(part.Unread) > 0
}

// connFlag defines the flag that chooses a connection of a capture.
func connFlag(flags *pflag.FlagSet, prefix string, all ...*string) {
	filled(flags, prefix+"conn", "", "CONN", "connection of a capture: its number in tcpsim import --list, or its ends as\n"+
		"10.0.0.1:40000-10.0.0.2:80 (default: the first with a RST, else the first)", func(s string) {
		for _, p := range all {
			*p = s
		}
	})
	group(flags, "Choose what to read", prefix+"conn")
}

// inputEndings are the endings of what is read besides scenarios, as shells
// want them to complete names of files.
func inputEndings() []string {
	var all []string
	for _, e := range slices.Concat(traceEndings[:1], captureEndings, compressedEndings) {
		all = append(all, strings.TrimPrefix(e, "."))
	}
	return all
}
