package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack/words"
)

// saves are the files that tcpsim run writes besides what it prints. Each is
// empty when it is not wanted.
type saves struct{ plot, trace, pcap string }

func (s *saves) define(flags *pflag.FlagSet) {
	filled(flags, "plot", "", "FILE", "file for the ladder: .svg, .png, .pdf, .txt or .mmd; tcpsim plot does more",
		func(path string) { s.plot = path })
	filled(flags, "trace", "", "FILE", "file for the trace as JSON Lines, which plot, convert and diff read",
		func(path string) { s.trace = path })
	filled(flags, "pcap", "", "FILE", "file for a capture: .pcapng, .pcap or .cap",
		func(path string) { s.pcap = path })
}

// check refuses files that cannot be written, before anything runs.
func (s *saves) check(all bool, output string) error {
	paths := []string{filepath.Clean(output)}
	for _, f := range s.files() {
		switch {
		case f.path == "":
			continue
		case all:
			return fmt.Errorf("--%s is for one case, so it has no meaning with --all", f.flag)
		case f.path == "-":
			return fmt.Errorf("--%s needs a file; standard output is for --format", f.flag)
		case slices.Contains(paths, filepath.Clean(f.path)):
			return fmt.Errorf("%s would be written twice", f.path)
		}
		if _, err := f.form(f.path); err != nil {
			return err
		}
		paths = append(paths, filepath.Clean(f.path))
	}
	return nil
}

// only refuses the files of several cases, which would overwrite each other.
func (s *saves) only(cases int) error {
	for _, f := range s.files() {
		if f.path != "" && cases != 1 {
			return fmt.Errorf("--%s is for one case, not for %d", f.flag, cases)
		}
	}
	return nil
}

func (s *saves) write(a *app, t *trace.Trace, o *formOptions) error {
	o.picture.Version = releaseVersion()
	for _, file := range s.files() {
		if file.path == "" {
			continue
		}
		f, err := file.form(file.path)
		if err == nil {
			err = a.deliver(file.path, f, t, o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type savedFile struct {
	flag, path string
	form       func(path string) (*form, error)
}

func (s *saves) files() []savedFile {
	return []savedFile{
		{"plot", s.plot, pictureOf},
		{"trace", s.trace, func(string) (*form, error) { return formNamed(formatJSONL), nil }},
		{"pcap", s.pcap, func(path string) (*form, error) { return formOf(path, captureFormats) }},
	}
}

var vantages = []string{"client", "server", "wire", "middlebox"}

// vantageFlag defines the flag that says where a capture is made.
func vantageFlag(flags *pflag.FlagSet, p *pcap.Vantage) {
	t := word(new(string), "WHERE", vantages)
	check := t.set
	t.set = func(s string) (err error) {
		if err = check(s); err == nil {
			*p, err = pcap.ParseVantage(s)
		}
		return err
	}
	flags.Var(t, "vantage", "where a capture is made: "+words.Either(vantages)+" (default client)")
}

// processFlag defines the flag that says whose calls strace shows.
func processFlag(flags *pflag.FlagSet, p *string) {
	filled(flags, "process", "", "NAME", "process whose calls strace shows, where there are several",
		func(s string) { *p = s })
}
