package simtest_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/simtest"
)

// planted is what TestPlanted and FuzzPlanted do wrong in a process that one of
// the tests below has begun. Elsewhere they are skipped.
var planted = os.Getenv("TCPSIM_PLANTED")

var (
	once      sync.Once
	semaphore chan struct{} // made in the first bubble that comes to it
	lock      sync.Mutex
	hold      int
)

// exchangePlanted has the server answer ten bytes, and goes wrong as planted
// where the test is that of a place.
func exchangePlanted(t *testing.T, nw *simtest.Network) {
	l, err := nw.Server.Listen("tcp", ":80")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if c, err := l.Accept(); err == nil {
			io.WriteString(c, "0123456789")
			c.Close()
		}
	}()
	c, err := nw.Client.Dial("tcp", "server:80")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	got, err := io.ReadAll(c)
	here := strings.HasSuffix(t.Name(), "linger-zero/after_5_bytes")
	switch {
	case planted == "truncated":
		if err == nil && len(got) < 10 {
			t.Errorf("%d bytes taken for the whole answer", len(got))
		}
	case planted == "state":
		once.Do(func() { semaphore = make(chan struct{}, 1) })
		semaphore <- struct{}{}
		<-semaphore
	case !here:
	case planted == "leak":
		go leakAtPlace()
	case planted == "panic":
		go func() { panic("planted") }()
		time.Sleep(time.Second)
	case planted == "spin":
		for {
			hold++
		}
	case planted == "lock":
		lock.Lock()
		go contend()
		readHolding(t, nw)
	}
}

func leakAtPlace() { select {} }

func contend() {
	lock.Lock()
	defer lock.Unlock()
}

// readHolding waits for a byte that never comes, and holds a lock meanwhile.
func readHolding(t *testing.T, nw *simtest.Network) {
	defer lock.Unlock()
	l, _ := nw.Server.Listen("tcp", ":81")
	defer l.Close()
	c, err := nw.Client.Dial("tcp", "server:81")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	c.Read(make([]byte, 1))
}

var plantedEndings = simtest.Endings{
	Endings: []simtest.Ending{simtest.FIN, simtest.Reset, simtest.Crash}, After: []int{0, 5, 10},
}

func TestPlanted(t *testing.T) {
	if planted == "" {
		t.Skip("it fails")
	}
	e := plantedEndings
	if planted == "truncated" {
		e.After, e.Points = nil, 3
	}
	simtest.EveryEnding(t, e, exchangePlanted)
}

// A target whose corpus holds an input under a name of its own.
func FuzzPlanted(f *testing.F) {
	if planted == "" {
		f.Skip("it fails")
	}
	f.Add(uint8(5))
	f.Fuzz(func(t *testing.T, after uint8) {
		e := simtest.Endings{Endings: []simtest.Ending{simtest.FIN}, After: []int{int(after) % 11}}
		simtest.EveryEnding(t, e, exchangePlanted)
	})
}

// again runs tests of this binary with something planted.
func again(t *testing.T, plant, pattern string) (output string, failed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run="+pattern, "-test.v", "-test.timeout=100s")
	cmd.Env = append(os.Environ(), "TCPSIM_PLANTED="+plant)
	out, err := cmd.CombinedOutput()
	return string(out), err != nil
}

var verdict = regexp.MustCompile(`(?m)^ *--- (PASS|FAIL|SKIP): (\S+)`)

// leaves are the verdicts on the subtests of places.
func leaves(output string) (pass, fail []string) {
	for _, m := range verdict.FindAllStringSubmatch(output, -1) {
		switch {
		case !strings.Contains(m[2], "_byte"):
		case m[1] == "PASS":
			pass = append(pass, m[2])
		case m[1] == "FAIL":
			fail = append(fail, m[2])
		}
	}
	return pass, fail
}

// Whatever one ending makes of the code under test, it is one failed subtest
// that says what it was, and all the others run.
func TestOneEndingTakesNoOtherAlong(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for loops that do not end")
	}
	for plant, want := range map[string][]string{
		"leak":  {"leakAtPlace", "blocked goroutines remain"},
		"panic": {"panic: planted"},
		"lock":  {"contend", "sync.Mutex.Lock", "readHolding", "whoever holds it is probably"},
		"spin":  {"exchangePlanted", "has not come to rest"},
	} {
		t.Run(plant, func(t *testing.T) {
			t.Parallel()
			output, failed := again(t, plant, "^TestPlanted$")
			pass, fail := leaves(output)
			if !failed || len(pass) != 8 || !slices.Equal(fail, []string{"TestPlanted/linger-zero/after_5_bytes"}) {
				t.Errorf("passed: %v\nfailed: %v", pass, fail)
			}
			// The exchange on the link, and what repeats it.
			want := append(want, "[S.]", "simtest ends the connection", "to repeat it: go test", "'^TestPlanted$/^linger-zero$/^after_5_bytes$'")
			for _, w := range want {
				if !strings.Contains(output, w) {
					t.Errorf("%q is not in the log", w)
				}
			}
			if t.Failed() {
				t.Log(output)
			}
		})
	}
}

// Package-level state that belongs to the bubble that made it crashes the
// second bubble of a process: there each run gets one for itself, and passes.
func TestStateOfOneBubbleIsNoFailure(t *testing.T) {
	output, failed := again(t, "state", "^TestPlanted$")
	if pass, fail := leaves(output); failed || len(pass) != 9 {
		t.Errorf("passed: %v\nfailed: %v\n%s", pass, fail, output)
	}
}

var printed = regexp.MustCompile(`to repeat it: go test -count=1 -run '([^']*)'`)

// The pattern that a failure prints runs that failure again: alone, without the
// undisturbed run, and from the corpus of a fuzz target.
func TestThePrintedCommandFailsAgain(t *testing.T) {
	for _, test := range []struct{ pattern, leaf string }{
		{"^TestPlanted$", "TestPlanted/graceful-close/after_5_bytes"},
		{"^TestPlanted$/^graceful-close$", "TestPlanted/graceful-close/after_5_bytes"},
		{"^FuzzPlanted$", "FuzzPlanted/seed#0/graceful-close/after_5_bytes"},
	} {
		output, failed := again(t, "truncated", test.pattern)
		_, fail := leaves(output)
		if !failed || !slices.Contains(fail, test.leaf) {
			t.Fatalf("%s: failed: %v\n%s", test.pattern, fail, output)
		}
		var found bool
		for _, m := range printed.FindAllStringSubmatch(output, -1) {
			if strings.ReplaceAll(strings.NewReplacer("^", "", "$", "").Replace(m[1]), `\`, "") != test.leaf {
				continue
			}
			found = true
			output, failed := again(t, "truncated", m[1])
			pass, fail := leaves(output)
			if !failed || len(pass) > 0 || !slices.Equal(fail, []string{test.leaf}) {
				t.Errorf("%s again: passed %v, failed %v\n%s", m[1], pass, fail, output)
			}
		}
		if !found {
			t.Errorf("no command for %s in\n%s", test.leaf, output)
		}
	}
}

// A place that the pattern names is tried, be it none of those that would be
// chosen, and be it in the middle of what one Write hands over.
func TestAPlaceOfThePatternIsTried(t *testing.T) {
	for _, place := range []string{"before_byte_6", "after_7_bytes"} {
		leaf := "TestPlanted/graceful-close/" + place
		output, failed := again(t, "truncated", "^TestPlanted$/^graceful-close$/^"+place+"$")
		pass, fail := leaves(output)
		if !failed || len(pass) > 0 || !slices.Equal(fail, []string{leaf}) || !strings.Contains(output, "taken for the whole answer") {
			t.Errorf("%s: passed %v, failed %v\n%s", place, pass, fail, output)
		}
	}
}

// A place that the connection does not get to is skipped, and says so; and so
// is an ending that cannot be what it is called.
func TestEndingsThatDoNotComeAreSkipped(t *testing.T) {
	var mu sync.Mutex
	skipped := map[string]bool{}
	e := simtest.Endings{Endings: []simtest.Ending{simtest.FIN, simtest.UnreadData}, After: []int{5, 100}}
	t.Run("all", func(t *testing.T) {
		simtest.EveryEnding(t, e, func(t *testing.T, nw *simtest.Network) {
			outer := t
			t.Cleanup(func() {
				mu.Lock()
				defer mu.Unlock()
				skipped[strings.TrimPrefix(outer.Name(), "TestEndingsThatDoNotComeAreSkipped/all/")] = outer.Skipped()
			})
			exchangePlanted(t, nw)
		})
	})
	for name, want := range map[string]bool{
		"undisturbed": false, "graceful-close/after_5_bytes": false, "graceful-close/after_100_bytes": true,
		"unread-data/after_5_bytes": true, "unread-data/after_100_bytes": true,
	} {
		if got, ran := skipped[name]; got != want || !ran {
			t.Errorf("%s: ran %t, skipped %t, want %t", name, ran, got, want)
		}
	}
}

// What the code under test says in turn is where the places are: before, inside
// and after each of three requests, although one of them is a thousand times as
// long as the others.
func TestPlacesAreWhereSomethingBegins(t *testing.T) {
	var mu sync.Mutex
	names := map[string]bool{}
	e := simtest.Endings{Client: true, Endings: []simtest.Ending{simtest.Reset}}
	t.Run("all", func(t *testing.T) {
		simtest.EveryEnding(t, e, func(t *testing.T, nw *simtest.Network) {
			mu.Lock()
			names[t.Name()[strings.LastIndex(t.Name(), "/")+1:]] = true
			mu.Unlock()
			l, err := nw.Server.Listen("tcp", ":80")
			if err != nil {
				t.Fatal(err)
			}
			requests := []int{100, 100_000, 100}
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				for _, n := range requests {
					if _, err := io.CopyN(io.Discard, c, int64(n)); err != nil {
						return
					}
					io.WriteString(c, "ok")
				}
			}()
			c, err := nw.Client.Dial("tcp", "server:80")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ask(c, requests)
		})
	})
	for _, want := range []string{
		"undisturbed", "after_0_bytes", "after_50_bytes", "after_100_bytes", "before_byte_101", "after_50100_bytes",
		"after_100100_bytes", "before_byte_100101", "after_100150_bytes", "after_100200_bytes",
	} {
		if !names[want] {
			t.Errorf("%s was not tried, of %v", want, names)
		}
	}
}

// ask sends requests of so many bytes, and waits for two after each.
func ask(c net.Conn, requests []int) {
	c.SetDeadline(time.Now().Add(time.Minute))
	for _, n := range requests {
		for sent := 0; sent < n; sent += 10_000 {
			if _, err := c.Write(make([]byte, min(10_000, n-sent))); err != nil {
				return
			}
		}
		if _, err := io.ReadFull(c, make([]byte, 2)); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}
