package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

// target is one case to run, and how it was asked for.
type target struct {
	c    *model.Case
	file string   // what problems call the file
	args []string // what names the case on a command line
}

// allCases is the --case that means every one.
const allCases = "all"

// stdinName is what errors call a scenario that was read from standard input.
const stdinName = "<stdin>"

// targets finds everything that is to be run, before anything is.
func (a *app) targets(args, cases []string) ([]target, error) {
	var all []target
	if i := slices.Index(args, "-"); i >= 0 && slices.Contains(args[i+1:], "-") {
		return nil, errors.New("standard input (-) can be read only once")
	}
	for _, arg := range args {
		some, err := a.resolve(arg, cases)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func (a *app) resolve(arg string, cases []string) ([]target, error) {
	switch {
	case arg == "-":
		// One byte more than the decoder takes, so that it notices.
		src, err := io.ReadAll(io.LimitReader(a.stdin, 1<<20+1))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", stdinName, err)
		}
		f, err := scenarios.Decode(stdinName, src)
		if err != nil {
			return nil, err
		}
		return pick(f, "-", cases)
	case isPath(arg):
		f, err := scenarios.Load(arg)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(arg, "-") {
			arg = "./" + arg // not a flag, when it is typed again
		}
		return pick(f, arg, cases)
	}
	return named(arg, cases)
}

// isPath tells a file from the name of a scenario.
func isPath(arg string) bool {
	return strings.HasSuffix(arg, ".yaml") || strings.HasSuffix(arg, ".yml") ||
		strings.HasPrefix(arg, ".") || strings.HasPrefix(arg, "/")
}

// pick finds the cases of a file that --case names; without it, the base case.
func pick(f *model.File, arg string, cases []string) ([]target, error) {
	var all []target
	add := func(c *model.Case) {
		t := target{c: c, file: f.Path, args: []string{arg}}
		if c.Name != "" {
			t.args = append(t.args, "--case", c.Name)
		}
		all = append(all, t)
	}
	if len(cases) == 0 {
		cases = []string{""}
	}
	for _, name := range cases {
		if name == allCases {
			every := f.Cases()
			for i := range every {
				add(&every[i])
			}
			continue
		}
		c, err := scenarios.Pick(f, name)
		if err != nil {
			return nil, err
		}
		add(c)
	}
	return all, nil
}

// named finds cases of the catalogue, which have names of their own.
func named(arg string, cases []string) ([]target, error) {
	f, err := scenarios.FindFile(arg)
	if err != nil {
		return nil, fmt.Errorf("%w%s", err, fileHint(arg))
	}
	if _, variant, ok := strings.Cut(arg, "/"); ok {
		if len(cases) > 0 {
			return nil, fmt.Errorf("%q names a case, so --case %s has no meaning", arg, cases[0])
		}
		if variant == "" {
			return nil, fmt.Errorf("%q names no case; the scenario itself is %s", arg, f.Name)
		}
		cases = []string{variant}
	}
	all, err := pick(f, arg, cases)
	for i := range all {
		all[i].args = []string{all[i].c.FullName()}
	}
	return all, err
}

// fileHint helps somebody who means a file.
func fileHint(arg string) string {
	for _, ext := range []string{".yaml/", ".yml/"} {
		if file, name, ok := strings.Cut(arg, ext); ok {
			return fmt.Sprintf(" (a case of a file is %s --case %s)", file+strings.TrimSuffix(ext, "/"), name)
		}
	}
	if kind := kindOf(arg); kind != aScenario {
		return fmt.Sprintf(" (%s is for tcpsim plot, convert and diff)", kind)
	}
	if info, err := os.Stat(arg); err == nil && info.Mode().IsRegular() {
		return fmt.Sprintf(" (to run the file, write ./%s)", arg)
	}
	return ""
}

// catalogue is every case that comes with tcpsim.
func catalogue() ([]target, error) {
	files, err := scenarios.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	var all []target
	for _, f := range files {
		cases := f.Cases()
		for i := range cases {
			all = append(all, target{c: &cases[i], file: f.Path, args: []string{cases[i].FullName()}})
		}
	}
	return all, nil
}
