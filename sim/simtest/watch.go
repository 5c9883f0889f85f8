package simtest

import (
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// How long a bubble may take, in real time, without coming to rest. One that
// waits for locks which nobody can give back never will: two looks tell. One
// that computes may, and gets more time.
const (
	glance      = 250 * time.Millisecond
	lockedFor   = 2 * time.Second
	spinningFor = 15 * time.Second
)

// watcher looks at a bubble from outside, on the real clock: inside of it time
// stands still while somebody computes or waits for a lock.
type watcher struct {
	name    string
	bubble  atomic.Value // string
	network atomic.Pointer[Network]
	over    chan struct{}
	ended   sync.WaitGroup
}

// watch begins to watch the bubble that the caller is about to make.
func watch(t *testing.T) *watcher {
	w := &watcher{name: t.Name(), over: make(chan struct{})}
	if !traced() {
		w.ended.Go(w.look)
	}
	return w
}

// enter is called in the bubble.
func (w *watcher) enter() { w.bubble.Store(bubbleOf()) }

func (w *watcher) number() string {
	n, _ := w.bubble.Load().(string)
	return n
}

func (w *watcher) stop() {
	close(w.over)
	w.ended.Wait()
}

func (w *watcher) look() {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	last, since := uint64(0), time.Now()
	for {
		select {
		case <-w.over:
			return
		case <-tick.C:
		}
		nw, number := w.network.Load(), w.number()
		if nw == nil || number == "" {
			continue
		}
		if now := nw.rounds.Load(); now != last {
			last, since = now, time.Now()
			continue
		}
		stood := time.Since(since)
		if stood < lockedFor {
			continue
		}
		all := inBubble(number)
		switch {
		case deadlocked(all):
			hung(w.name, lockReport(all)+nw.soFar())
		case stood > spinningFor && computing(all):
			hung(w.name, "the bubble has not come to rest for "+spinningFor.String()+" of real time, because somebody computes without an end:\n"+
				leakReport(running(all))+nw.soFar())
		}
	}
}

// computing reports that somebody does not wait.
func computing(all []goroutine) bool { return len(running(all)) > 0 }

func running(all []goroutine) (found []goroutine) {
	for _, g := range all {
		if !g.durable() && !g.locked() {
			found = append(found, g)
		}
	}
	return found
}

// soFar is the trace of a network whose bubble does not rest.
func (nw *Network) soFar() string {
	for range 100 {
		if nw.mu.TryLock() {
			defer nw.mu.Unlock()
			tr := nw.trace
			if tr == nil {
				tr = nw.driver.Snapshot()
			}
			return "\nwhat had happened on the network:\n" + story(tr) + replay(nw.t.Name()) + "\n"
		}
		time.Sleep(10 * time.Millisecond)
	}
	return "\n" + replay(nw.t.Name()) + "\n"
}

// hung ends the process for a bubble that never ends: nothing else can be done
// about its goroutines. Where another process waits for what becomes of this
// one, it takes the report; else it is the process's last word.
func hung(name, report string) {
	if given != nil {
		say(message{Hung: true})
		os.Stdout.WriteString(report)
		os.Exit(1)
	}
	panic("simtest: " + name + " hangs: " + report)
}

// traced reports that a debugger is attached: what stands still may be looked
// at, and nothing is to be done behind its back.
func traced() bool {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false // not Linux, and it does not tell
	}
	_, rest, found := strings.Cut(string(status), "TracerPid:")
	line, _, _ := strings.Cut(rest, "\n")
	return found && strings.TrimSpace(line) != "0"
}

// stream keeps the trace in a file while the network runs, for the case that
// the process does not live to tell.
type stream struct {
	path   string
	events int
}

// streamed is the stream that this process was told to keep, if it was.
func streamed() *stream {
	if given != nil && given.Trace != "" {
		return &stream{path: given.Trace}
	}
	return nil
}

// keep writes the trace anew when it has grown; a long one only now and then,
// since it is written whole. The caller holds the network's mu.
func (s *stream) keep(nw *Network) {
	if s == nil || nw.trace != nil {
		return
	}
	tr := nw.driver.Snapshot()
	if grown := len(tr.Events) - s.events; grown == 0 || grown < s.events/50 {
		return
	}
	s.events = len(tr.Events)
	os.WriteFile(s.path, []byte(story(tr)), 0o600) // without the file there is only less to see
}
