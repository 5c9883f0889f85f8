package simtest

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// orders are what a process that is to run endings is told.
type orders struct {
	Test    string   // which test
	Call    int      // which call of EveryEnding in it
	From    int      // the first run: 0 is the undisturbed one
	Only    int      // no other run than this one; -1 is all
	Written *written // by the undisturbed run, where it is not to be run
	Places  []place  // which places, where they are known
	Trace   string   // a file to keep the trace in
}

// message is what such a process says of a run, on a line of its own.
type message struct {
	Begin   int // the number of a run, plus 1
	End     int
	Written *written
	Hung    bool
}

const (
	ordersName = "TCPSIM_ENDINGS"
	mark       = "\x1esimtest "
)

// given are the orders of this process; nil for one that has none.
var given *orders

func init() {
	text := os.Getenv(ordersName)
	if text == "" {
		return
	}
	given = &orders{}
	if err := json.Unmarshal([]byte(text), given); err != nil {
		panic("simtest: " + ordersName + " is not what simtest writes: " + err.Error())
	}
	// Whoever gave the orders holds the other end: without it nobody is left
	// who would end this process.
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
}

// say tells whoever gave the orders.
func say(m message) {
	text, _ := json.Marshal(m)
	fmt.Fprintf(os.Stdout, "\n%s%s\n", mark, text)
}

// calls counts the calls of EveryEnding by a test.
var calls = struct {
	sync.Mutex
	of map[string]int
}{of: map[string]int{}}

func countCall(t *testing.T) int {
	calls.Lock()
	defer calls.Unlock()
	calls.of[t.Name()]++
	n := calls.of[t.Name()]
	if n == 1 {
		t.Cleanup(func() {
			calls.Lock()
			defer calls.Unlock()
			delete(calls.of, t.Name())
		})
	}
	return n
}

// obey is EveryEnding in a process with orders.
func (r *round) obey(o *orders) {
	if o.Test != r.t.Name() || o.Call != r.call {
		return
	}
	wanted := func(i int) bool { return i >= o.From && (o.Only < 0 || o.Only == i) }
	tell := func(i int, f func()) {
		say(message{Begin: i + 1})
		defer say(message{End: i + 1})
		f()
	}
	w := o.Written
	if w == nil {
		ok := r.t.Run(undisturbed, func(t *testing.T) {
			tell(0, func() {
				got := r.measure(t)
				w = &got
				say(message{Written: w})
			})
		})
		if !ok || w == nil {
			return
		}
	}
	places := o.Places
	if places == nil {
		places = r.e.places(*w)
	}
	r.each(places, func(t *testing.T, i int, e Ending, p place) {
		if wanted(i) {
			tell(i, func() { r.disturb(t, e, p) })
		}
	})
}

// process is one that runs endings.
type process struct {
	cmd    *exec.Cmd
	parent io.Closer // its standard input

	mu      sync.Mutex
	changed *sync.Cond
	begun   int // the run that it is at, -1 before the first
	done    map[int]bool
	written *written
	hung    bool
	output  strings.Builder // since the run began
	exited  bool
	err     error
}

// start begins a process. filter is what of the -run pattern is to hold in it.
// It gives nil where there can be none.
func (r *round) start(o orders, filter string) *process {
	if r.e.InProcess || fuzzing() || traced() {
		return nil
	}
	path, err := os.Executable()
	if err != nil {
		return nil
	}
	o.Test, o.Call = r.t.Name(), r.call
	text, err := json.Marshal(o)
	if err != nil {
		return nil
	}
	p := &process{begun: -1, done: make(map[int]bool)}
	p.changed = sync.NewCond(&p.mu)
	p.cmd = exec.Command(path, arguments(exactly(r.t.Name())+filter)...)
	p.cmd.Env = append(os.Environ(), ordersName+"="+string(text), fmt.Sprint("GOMAXPROCS=", runtime.GOMAXPROCS(0)))
	stdout, w, err := os.Pipe()
	if err != nil {
		return nil
	}
	p.cmd.Stdout, p.cmd.Stderr = w, w
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		stdout.Close()
		w.Close()
		return nil
	}
	p.parent = stdin
	err = p.cmd.Start()
	w.Close()
	if err != nil {
		stdout.Close()
		return nil
	}
	go p.listen(stdout)
	return p
}

// arguments are those of a test binary that runs pattern as this one would.
func arguments(pattern string) []string {
	args := []string{"-test.run=" + pattern, "-test.count=1", "-test.timeout=0"}
	flag.Visit(func(f *flag.Flag) {
		switch {
		case f.Name == "test.short", f.Name == "test.parallel", f.Name == "test.fullpath":
			args = append(args, "-"+f.Name+"="+f.Value.String())
		case !strings.HasPrefix(f.Name, "test."):
			args = append(args, "-"+f.Name+"="+f.Value.String())
		}
	})
	return append(args, flag.Args()...)
}

// listen takes in what the process says until it ends.
func (p *process) listen(out io.ReadCloser) {
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			p.hear(line)
		}
		if err != nil {
			break
		}
	}
	out.Close()
	err := p.cmd.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.exited, p.err = true, err
	p.changed.Broadcast()
}

func (p *process) hear(line []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, marked := bytes.CutPrefix(line, []byte(mark))
	var m message
	if !marked || json.Unmarshal(text, &m) != nil {
		p.output.Write(line)
		return
	}
	switch {
	case m.Begin > 0:
		p.begun = m.Begin - 1
		p.output.Reset()
	case m.End > 0:
		p.done[m.End-1] = true
	case m.Written != nil:
		p.written = m.Written
	case m.Hung:
		p.hung = true
	}
	p.changed.Broadcast()
}

// fate is what became of a run in another process.
type fate int

const (
	survived fate = iota
	died          // the process did not live to its end
	hangs         // nor would it ever have ended
	unknown       // the process ended before it came to it
)

// await waits until a run is over. The output is that of one that did not end.
func (p *process) await(i int) (fate, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.done[i] && !p.exited {
		p.changed.Wait()
	}
	switch {
	case p.done[i]:
		return survived, ""
	case p.begun == i && p.hung:
		return hangs, p.output.String()
	case p.begun == i:
		return died, fmt.Sprintf("%v\n%s", p.err, p.output.String())
	case p.err == nil || p.cmd.ProcessState.ExitCode() == 1 && !p.hung:
		return survived, "" // it had no such run
	}
	return unknown, ""
}

// stop ends the process, if it has not ended.
func (p *process) stop() {
	if p == nil {
		return
	}
	p.parent.Close()
	p.cmd.Process.Kill()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.exited {
		p.changed.Wait()
	}
}

// bound is set once package-level state of the code under test has turned out
// to belong to one bubble: nothing that uses it can be run in this process.
var bound atomic.Bool

// run is EveryEnding in the process of the test.
func (r *round) run() {
	pattern := below(setting("run"), strings.Count(r.t.Name(), "/")+1)
	r.alone = bound.Load()
	if !r.alone {
		r.ahead = r.start(orders{Only: -1}, pattern)
	}
	defer func() { r.ahead.stop() }()
	var w *written
	ok := r.t.Run(undisturbed, func(t *testing.T) { w = r.first(t) })
	if !ok {
		return
	}
	places := placesIn(pattern)
	if w == nil && r.e.After == nil && len(places) == 0 {
		// The pattern leaves the undisturbed run out, and says no place.
		if w = r.elsewhere(); w == nil {
			return
		}
	}
	if w != nil {
		places = r.e.places(*w)
	} else {
		if len(places) == 0 {
			places = r.e.places(written{}) // which e.After says
		}
		w = &written{}
		if !r.alone {
			r.ahead.stop()
			r.ahead = r.start(orders{Only: -1, From: 1, Written: w, Places: places}, pattern)
		}
	}
	r.each(places, func(t *testing.T, i int, e Ending, p place) { r.one(t, i, e, p, orders{Written: w, Places: places}) })
	if r.t.Failed() {
		r.t.Log(r.matrix.String())
	}
}

// first is the undisturbed run. It gives nil when it could not be had.
func (r *round) first(t *testing.T) *written {
	switch {
	case r.alone:
		lone := r.lone(t, orders{Only: 0}, "/^"+undisturbed+"$")
		lone.report(t)
		return lone.written
	case r.ahead == nil:
		w := r.measure(t)
		return &w
	}
	fate, output := r.ahead.await(0)
	if fate != survived {
		(&outcome{fate: fate, output: output}).report(t)
		return nil
	}
	// Whether the code bears a second bubble shows in the next run.
	if fate, _ := r.ahead.await(1); fate == died {
		if r.lone(t, orders{Only: 1, Written: r.ahead.written}, "").fate == survived {
			r.bind(t)
			return r.ahead.written
		}
	}
	w := r.measure(t)
	if r.ahead.written != nil {
		w = *r.ahead.written // so that the numbers mean the same there
	}
	return &w
}

// bind has every run that follows, of other tests too, get its own process.
func (r *round) bind(t *testing.T) {
	r.alone = true
	bound.Store(true)
	t.Log(boundText)
}

const boundText = "package-level state of the code under test belongs to one bubble: each run has a process for itself"

// elsewhere is the undisturbed run where the -run pattern leaves it out.
func (r *round) elsewhere() (w *written) {
	p := r.start(orders{Only: 0}, "/^"+undisturbed+"$")
	if p == nil {
		r.t.Errorf("the -run pattern leaves out %s, which tells what the places are, and names none: name one, as in after_5_bytes", undisturbed)
		return nil
	}
	defer p.stop()
	if fate, output := p.await(0); fate != survived || p.written == nil {
		(&outcome{fate: fate, output: output}).report(r.t)
		r.t.Errorf("the %s run, which tells what the places are, failed", undisturbed)
		return nil
	}
	r.ahead.stop()
	r.ahead = r.start(orders{Only: -1, From: 1, Written: p.written}, below(setting("run"), strings.Count(r.t.Name(), "/")+1))
	return p.written
}

// one is a run with an ending: here, when it has ended in the process ahead.
func (r *round) one(t *testing.T, i int, e Ending, at place, o orders) {
	o.Only, o.From = i, 0
	exact := "/" + exactly(string(e)) + "/" + exactly(at.String())
	if r.alone {
		lone := r.lone(t, o, exact)
		r.matrix.word = lone.word()
		lone.report(t)
		return
	}
	var ahead outcome
	if r.ahead != nil {
		ahead.fate, ahead.output = r.ahead.await(i)
	}
	switch ahead.fate {
	case survived:
		r.disturb(t, e, at)
		return
	case hangs:
		r.matrix.word = "hang"
		ahead.report(t)
	case died, unknown:
		lone := r.lone(t, o, exact)
		r.matrix.word = lone.word()
		lone.report(t)
		if lone.fate == survived {
			r.bind(t)
			return
		}
	}
	o.Only, o.From = -1, i+1
	r.ahead.stop()
	r.ahead = r.start(o, below(setting("run"), strings.Count(r.t.Name(), "/")+1))
}

// outcome is what became of a run in another process.
type outcome struct {
	fate    fate
	failed  bool // it ended, and the test failed
	output  string
	ladder  string
	written *written // nil after a failure
}

// lone does one run in a process of its own.
func (r *round) lone(t *testing.T, o orders, filter string) *outcome {
	o.Trace = t.TempDir() + "/trace"
	p := r.start(o, filter)
	if p == nil {
		return &outcome{fate: unknown}
	}
	defer p.stop()
	var got outcome
	got.fate, got.output = p.await(o.Only)
	if got.fate != survived {
		ladder, _ := os.ReadFile(o.Trace) // without it there is less to see
		got.ladder = string(ladder)
		return &got
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.exited {
		p.changed.Wait()
	}
	got.failed, got.output = p.err != nil, p.output.String()
	if !got.failed {
		got.written = cmp.Or(p.written, o.Written, &written{})
	}
	return &got
}

// word is what the matrix says of it, empty for what it says of every test.
func (o *outcome) word() string {
	switch o.fate {
	case died:
		return "crash"
	case hangs:
		return "hang"
	}
	return ""
}

// report fails a test for what has happened in another process.
func (o *outcome) report(t *testing.T) {
	t.Helper()
	switch {
	case o.fate == hangs:
		t.Errorf("%s hangs: %s", t.Name(), o.output)
	case o.fate == unknown:
		t.Errorf("%s was not run: there is no process that would", t.Name())
	case o.fate == died:
		var b strings.Builder
		fmt.Fprintf(&b, "the process ended: %s", clip(o.output))
		if o.ladder != "" {
			b.WriteString("\nwhat had happened on the network:\n" + o.ladder)
		}
		b.WriteString(replay(t.Name()))
		t.Error(b.String())
	case o.failed:
		t.Error("in a process of its own:\n" + clip(o.output))
	}
}
