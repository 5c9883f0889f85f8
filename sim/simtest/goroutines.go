package simtest

import (
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// goroutine is one of a dump of stacks.
type goroutine struct {
	state string // what it waits for: "sync.Mutex.Lock", "select (durable)"
	stack string
}

var headOfStack = regexp.MustCompile(`(?m)^goroutine \d+ (?:gp=\S+ m=\S+ )?(?:mp=\S+ )?\[([^\],]*)(?:, [^\]]*)?, synctest bubble (\d+)[^\]]*\]:$`)

// bubbleOf is the number of the bubble that the caller is in.
func bubbleOf() string {
	buf := make([]byte, 256)
	m := headOfStack.FindSubmatch(append(buf[:runtime.Stack(buf, false)], '\n'))
	if m == nil {
		return ""
	}
	return string(m[2])
}

// inBubble are the goroutines of a bubble that the code under test has begun,
// or that run it: not those of the simulation and of package testing.
func inBubble(number string) []goroutine {
	var found []goroutine
	for _, stack := range stacks() {
		m := headOfStack.FindStringSubmatch(stack)
		if m == nil || m[2] != number {
			continue
		}
		g := goroutine{state: m[1], stack: strings.TrimRight(stack, "\n")}
		if !g.ours() {
			found = append(found, g)
		}
	}
	return found
}

// stacks are those of all goroutines.
func stacks() []string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			return strings.Split(string(buf[:n]), "\n\n")
		}
		buf = make([]byte, 2*len(buf))
	}
}

// ours reports whether the goroutine is the engine, a netstack's, or one that
// only carries the bubble.
func (g goroutine) ours() bool {
	return strings.Contains(g.stack, "internal/synctest.Run(") ||
		strings.Contains(g.stack, "simtest.(*Network).run(") ||
		strings.Contains(g.stack, "testing.testingSynctestTest(") ||
		strings.Contains(g.stack, "testing/synctest.testingSynctestTest(") ||
		strings.Contains(g.stack, "created by gvisor.dev/gvisor/")
}

// durable reports that only time, or another goroutine of the bubble, can end
// the wait.
func (g goroutine) durable() bool { return strings.HasSuffix(g.state, "(durable)") }

// locked reports that it waits for a lock, which a bubble does not count as
// rest.
func (g goroutine) locked() bool {
	return strings.HasPrefix(g.state, "sync.Mutex") || strings.HasPrefix(g.state, "sync.RWMutex") || g.state == "semacquire"
}

// inCall reports that it waits in a call of the network.
func (g goroutine) inCall() bool { return strings.Contains(g.stack, "simtest.(*Network).block") }

// deadlocked reports whether nothing in a bubble can go on because goroutines
// wait for locks: time stands still, and so does whoever holds them.
func deadlocked(all []goroutine) bool {
	return slices.ContainsFunc(all, goroutine.locked) &&
		!slices.ContainsFunc(all, func(g goroutine) bool { return !g.durable() && !g.locked() })
}

// lockReport says who waits for a lock and who may hold it. The runtime does
// not know who holds one, so this is a list of suspects.
func lockReport(all []goroutine) string {
	var b strings.Builder
	b.WriteString("goroutines that wait for a lock keep the bubble from resting, so that time stands still:\n")
	for _, g := range all {
		if g.locked() {
			fmt.Fprintf(&b, "\n%s\n", indent(g.stack))
		}
	}
	var suspects []goroutine
	for _, g := range all {
		if g.inCall() {
			suspects = append(suspects, g)
		}
	}
	if len(suspects) == 0 {
		return b.String()
	}
	b.WriteString("\nwhoever holds it is probably among those that wait for the network meanwhile:\n")
	for _, g := range suspects {
		fmt.Fprintf(&b, "\n%s\n", indent(g.stack))
	}
	return b.String()
}

// leakReport lists goroutines that were left.
func leakReport(all []goroutine) string {
	var b strings.Builder
	for _, g := range all {
		fmt.Fprintf(&b, "\n%s\n", indent(g.stack))
	}
	return b.String()
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }
