package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/words"
)

// The prefixes of the flags that change one side of a comparison.
const (
	sideA = "a-"
	sideB = "b-"
)

// changes are what the command line changes about the cases that it runs.
type changes struct {
	options scenarios.Options
	args    []string // the flags as given, to be given again
	names   []string // each flag once
}

const changeGroup = "Change the scenario"

// change is a flag that changes a case.
type change struct {
	name, placeholder, usage string
	set                      func(*changes, string) error
}

var changeFlags = []change{
	{"seed", "N", "seed of everything that is random", (*changes).seed},
	{"set", "SETTING", "setting of a host, as HOST.NAME=VALUE: client.tcp_retries2=5; may be repeated\n" +
		"HOST is " + words.Either(settingHosts) + "; tcpsim settings lists the names", (*changes).set},
	{"ip", "VERSION", "version of the Internet Protocol: 4 or 6", (*changes).ip},
}

// defineChanges defines the flags that change cases; each changes all of them.
func defineChanges(flags *pflag.FlagSet, prefix string, all ...*changes) {
	define := func(title string, some []change) {
		for _, f := range some {
			flags.Var(taker{placeholder: f.placeholder, set: func(value string) error {
				for _, ch := range all {
					if err := ch.take(f, value); err != nil {
						return err
					}
				}
				return nil
			}}, prefix+f.name, f.usage)
			group(flags, title, prefix+f.name)
		}
	}
	define(changeGroup, changeFlags)
	define(linkGroup, linkFlags)
}

// take changes what a flag says, and remembers how it was given.
func (ch *changes) take(f change, value string) error {
	if err := f.set(ch, value); err != nil {
		return err
	}
	ch.args = append(ch.args, "--"+f.name, value)
	if !slices.Contains(ch.names, "--"+f.name) {
		ch.names = append(ch.names, "--"+f.name)
	}
	return nil
}

// replay is the command line that runs a case again in the same way.
func (ch *changes) replay(t target) string {
	words := append([]string{"tcpsim", "run"}, t.args...)
	return shellJoin(append(words, ch.args...))
}

// withReplay adds to the error of a run how to see it again.
func (ch *changes) withReplay(t target, err error) error {
	return fmt.Errorf("%w\nreplay: %s", err, ch.replay(t))
}

func (ch *changes) seed(s string) error {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return fmt.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
	}
	ch.options.Seed = &n
	return nil
}

func (ch *changes) ip(s string) error {
	if s != "4" && s != "6" {
		return errors.New("want 4 or 6")
	}
	ch.options.IP = int(s[0] - '0')
	return nil
}

var settingHosts = []string{"client", "server", "both"}

func (ch *changes) set(s string) error {
	key, value, ok := strings.Cut(s, "=")
	host, name, dot := strings.Cut(key, ".")
	if !ok || !dot {
		return errors.New("want HOST.NAME=VALUE, such as client.tcp_retries2=5")
	}
	if !slices.Contains(settingHosts, host) {
		return fmt.Errorf("no host %q; want %s", host, words.Either(settingHosts))
	}
	name = strings.TrimPrefix(name, "net.ipv4.")
	docs := stack.Settings()
	i := slices.IndexFunc(docs, func(d stack.SettingDoc) bool { return d.Name == name })
	if i < 0 {
		return fmt.Errorf("no setting %q%s", name, words.Meant(name, settingNames(), "; tcpsim settings lists them"))
	}
	if stack.CheckSetting(name, value) != nil {
		return fmt.Errorf("want %s", docs[i].Allowed)
	}
	for side := range ch.options.Settings {
		if host == "both" || host == trace.Side(side).String() {
			ch.options.Settings[side] = append(ch.options.Settings[side], stack.Setting{Name: name, Value: value})
		}
	}
	return nil
}

func settingNames() []string {
	var names []string
	for _, d := range stack.Settings() {
		names = append(names, d.Name)
	}
	return names
}
