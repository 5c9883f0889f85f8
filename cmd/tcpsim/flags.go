package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/tcpsim/tcpsim/stack/words"
)

// taker is a flag that takes a value and says itself what is wrong with one.
type taker struct {
	placeholder string // what stands for the value in help texts
	set         func(string) error
	words       []string // all that it takes, where those are few
}

func (t taker) Set(s string) error { return t.set(s) }
func (t taker) Type() string       { return t.placeholder }
func (t taker) String() string     { return "" }

// group puts flags under a title in the help text.
func group(flags *pflag.FlagSet, title string, names ...string) {
	for _, n := range names {
		flags.Lookup(n).Annotations = map[string][]string{groupKey: {title}}
	}
}

// oneOf defines a flag that takes one of a few words; *p holds the default.
func oneOf(flags *pflag.FlagSet, p *string, name, placeholder, usage string, allowed []string) {
	flags.Var(word(p, placeholder, allowed), name, fmt.Sprintf("%s: %s (default %s)", usage, words.Either(allowed), *p))
}

// word takes one of a few words.
func word(p *string, placeholder string, allowed []string) taker {
	return taker{placeholder: placeholder, words: allowed, set: func(s string) error {
		if !slices.Contains(allowed, s) {
			return fmt.Errorf("want %s", words.Either(allowed))
		}
		*p = s
		return nil
	}}
}

// filled defines a flag that takes any text but the empty one.
func filled(flags *pflag.FlagSet, name, short, placeholder, usage string, set func(string)) {
	flags.VarP(taker{placeholder: placeholder, set: func(s string) error {
		if s == "" {
			return errors.New("want a name")
		}
		set(s)
		return nil
	}}, name, short, usage)
}

// outputFlag defines the flag that names the file to write to.
func outputFlag(flags *pflag.FlagSet, p *string) {
	filled(flags, "output", "o", "FILE", "file to write to, as a whole or not at all, instead of standard output",
		func(s string) { *p = s })
}

// instant defines a flag that takes virtual time since the beginning.
func instant(flags *pflag.FlagSet, p *time.Duration, name, usage string) {
	flags.Var(taker{placeholder: "TIME", set: func(s string) error {
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			return errors.New("want a time from the beginning of the run, such as 50ms or 1m30s")
		}
		*p = d
		return nil
	}}, name, usage)
}

// count defines a flag that takes a whole number from 1.
func count(flags *pflag.FlagSet, p *int, name, usage string) {
	flags.Var(taker{placeholder: "N", set: func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return errors.New("want a whole number from 1")
		}
		*p = n
		return nil
	}}, name, usage)
}
