package sim

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Panic is what [Sim.Run] panics with when the function of a process or of an
// experimenter has: the value that the function panicked with, and where. A
// coroutine hands over the value alone, and the stack of whoever runs it says
// nothing of the function.
type Panic struct {
	Value   any           // what the function panicked with
	Process string        // the process's name, "network" for the experimenter
	At      time.Duration // virtual time
	Seed    uint64
	Stack   string // of the function, from the call that panicked outwards
	Test    string // the go test command that runs it again; empty outside a test
}

// Error says all of it.
func (p *Panic) Error() string {
	again := "a run with the same Config and Seed panics again"
	if p.Test != "" {
		again = "to repeat it: " + p.Test
	}
	return fmt.Sprintf("%s panicked at %s of virtual time, seed %d: %v\n%s\n\n%s", p.Process, p.At, p.Seed, p.Value, again, p.Stack)
}

// Unwrap gives the value when it is an error, as those of the Go runtime are.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// panicked wraps what a task's function panicked with. It is to be called by the
// deferred function that has recovered the value: the frames of the panic are
// still on the stack then.
func (t *task) panicked(value any) *Panic {
	name := t.name
	if t.process != nil {
		name = "process " + name
	}
	return &Panic{
		Value: value, Process: name, At: t.sim.now, Seed: t.sim.config.Seed,
		Stack: bodyStack(string(debug.Stack())),
	}
}

// bodyStack cuts from a stack the frames of the recovery, above the panic, and
// those of the coroutine, below the function.
func bodyStack(stack string) string {
	if _, below, found := strings.Cut(stack, "\npanic("); found {
		// The line after the name is where the runtime's panic is.
		if _, below, found = strings.Cut(below, "\n"); found {
			if _, below, found = strings.Cut(below, "\n"); found {
				stack = below
			}
		}
	}
	if body, _, found := strings.Cut(stack, "github.com/tcpsim/tcpsim/sim.(*task).sequence("); found {
		stack = body
	}
	return strings.TrimRight(stack, "\n")
}

// replay is the go test command that runs the test again which calls Run, empty
// when none does.
func replay() string {
	pc := make([]uintptr, 256)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	test := ""
	for {
		f, more := frames.Next()
		if f.Function == "testing.tRunner" || f.Function == "testing.(*B).runN" {
			break
		}
		if !more {
			return ""
		}
		test = f.Function
	}
	// As in example.com/module/folder_test.TestName.func1.
	slash := strings.LastIndexByte(test, '/') + 1
	parts := strings.Split(test[slash:], ".")
	if len(parts) < 2 {
		return ""
	}
	return fmt.Sprintf("go test -count=1 -run '^%s$' %s", parts[1], test[:slash]+strings.TrimSuffix(parts[0], "_test"))
}
