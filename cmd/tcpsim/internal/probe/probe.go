// Package probe finds out what a machine allows of what Linux as a stack needs:
// a kernel of its own in virtual time, or the machine's kernel in a namespace.
//
// It tries each thing and does not guess from versions. What needs to be tried
// inside a namespace is tried by a second process: [Inside] is its half.
package probe

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/tcpsim/tcpsim/stack/linux/kernel"
)

// A Check is one thing that was tried.
type Check struct {
	Name   string // what is needed
	Err    error  // why it is not there
	Remedy string // what helps, where something is known to
}

// Virtual tries what a kernel needs that runs as a program, in virtual time.
func Virtual(ctx context.Context, cache kernel.Cache) []Check {
	checks := []Check{{Name: "x86-64 Linux", Err: kernel.Platform()}}
	if checks[0].Err != nil {
		return checks
	}
	checks = append(checks, ptraceChild(), execInTemp())
	built := Check{Name: "a kernel that is built"}
	k, err := cache.Find("")
	if err != nil {
		what, remedy, _ := strings.Cut(err.Error(), ": ")
		built.Err, built.Remedy = fmt.Errorf("%s", what), remedy
	} else {
		built.Name += " (" + k.Version + ")"
	}
	tools := Check{Name: "what building one needs", Err: kernel.Tools(ctx)}
	if m, ok := tools.Err.(*kernel.Missing); ok {
		tools.Err, tools.Remedy = fmt.Errorf("there is no %s", strings.Join(m.Tools, ", no ")), m.Install
	}
	return append(checks, built, tools)
}

// Write writes checks for people, a line each, and the remedy below.
func Write(w io.Writer, checks []Check) {
	for _, c := range checks {
		if c.Err == nil {
			fmt.Fprintf(w, "  ok       %s\n", c.Name)
			continue
		}
		fmt.Fprintf(w, "  refused  %s: %s\n", c.Name, strings.ReplaceAll(c.Err.Error(), "\n", "; "))
		if c.Remedy != "" {
			fmt.Fprintf(w, "           remedy: %s\n", c.Remedy)
		}
	}
}
