package onlinux_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/onlinux"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
	"github.com/tcpsim/tcpsim/stack/linux/kernel"
)

// options run a case on the newest kernel that is built, or on the one of the
// version in TCPSIM_KERNEL; a test is skipped where there is none.
func options(t testing.TB) scenarios.Options {
	t.Helper()
	cache, err := kernel.DefaultCache()
	if err != nil {
		t.Skip(err)
	}
	k, err := cache.Find(os.Getenv("TCPSIM_KERNEL"))
	if err != nil {
		t.Skip(err)
	}
	return scenarios.Options{NoCheck: true, World: func(c sim.Config) (program.World, error) {
		return onlinux.New(t.Context(), *k, c)
	}}
}

func find(t testing.TB, name string) *model.Case {
	t.Helper()
	c, err := scenarios.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func run(t testing.TB, c *model.Case, o scenarios.Options) *trace.Trace {
	t.Helper()
	res, err := scenarios.Run(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return res.Trace
}

// TestLinuxDoesWhatItIsKnownToDo: lines of the trace that every recording of a
// Linux has, in the catalogue's own files.
func TestLinuxDoesWhatItIsKnownToDo(t *testing.T) {
	o := options(t)
	for name, lines := range map[string][]string{
		"unread-data": {
			"[R.] seq 1, ack 14, win ", "unread-data: the kernel says TCP_ABORT_ON_CLOSE, in close()", "recv(3, 4096) = -1 ECONNRESET <20.02s>",
		},
		"unread-data/all-read":   {"[F.]"},
		"data-after-close":       {"[R] seq 2, win 0", "data-after-close: the kernel says "},
		"sigpipe":                {"killed by SIGPIPE at 0.230000 (status 141)", "= -1 EPIPE", "[R] seq 2, win 0"},
		"sigpipe/ignored":        {"= -1 EPIPE", "exited with status 0"},
		"linger-zero":            {"[R.] seq ", "linger-zero: the kernel says TCP_STATE, in close()"},
		"port-not-listening":     {"[R.] seq 0, ack 1, win 0", "port-not-listening: the kernel says NO_SOCKET, answering #1", "= -1 ECONNREFUSED"},
		"half-open-reboot":       {"[R] seq 5, win 0", "host-rebooted: the kernel says NO_SOCKET", "lost with its host"},
		"listener-closed":        {"listener-closed: the kernel says TCP_STATE"},
		"fork-close":             {"fork() = ", "child (on server) saw: close = ok, recv = 4"},
		"syn-timeout":            {"ETIMEDOUT"},
		"keepalive-timeout":      {"keepalive-timeout: the kernel says TCP_KEEPALIVE_TIMEOUT", "ETIMEDOUT"},
		"administrator":          {"destroyed: the kernel says TCP_STATE", "ECONNABORTED"},
		"simultaneous-open":      {"SYN_RECEIVED"},
		"firewall-forges-rst":    {"(forged by ", "ECONNRESET"},
		"zero-window-kill":       {"unread-data: the kernel says TCP_ABORT_ON_CLOSE", "killed by SIGKILL"},
		"half-open-cable":        {"unplugged", "plugged in"},
		"unread-data-under-fire": {"unread-data: the kernel says TCP_ABORT_ON_CLOSE"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, find(t, name), o).String()
			for _, want := range lines {
				if !strings.Contains(got, want) {
					t.Errorf("no %q", want)
				}
			}
			if strings.Contains(got, "[R.] seq 1, ack 14, win 0,") {
				t.Error("Linux puts its window into the RST of an abort")
			}
			if !strings.Contains(got, ", on Linux ") {
				t.Error("the header does not tell the stack")
			}
			if t.Failed() {
				t.Log(got)
			}
		})
	}
}

// sample is every nth case of the catalogue.
func sample(n int) (all []*model.Case) {
	i := 0
	for _, f := range scenarios.Catalogue() {
		for _, c := range f.Cases() {
			if i++; i%n == 0 {
				all = append(all, &c)
			}
		}
	}
	return all
}

func digest(t *testing.T, tr *trace.Trace) string {
	t.Helper()
	var b bytes.Buffer
	if err := jsonl.Write(&b, tr); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(b.Bytes()))
}

// TestTheOrderOfRunsDoesNotMatter runs a part of the catalogue forwards and
// backwards: one trace for each case, whole, with a cause for every RST, or a
// word that says what Linux does not have.
func TestTheOrderOfRunsDoesNotMatter(t *testing.T) {
	o := options(t)
	every := 9
	if testing.Short() {
		every = 45
	}
	all, first := sample(every), map[string]string{}
	for round := range 2 {
		for _, c := range all {
			res, err := scenarios.Run(c, o)
			var notHere *program.NotOnStack
			var limit *sim.LimitError
			switch {
			case errors.As(err, &notHere):
				continue
			case err != nil && !errors.As(err, &limit):
				t.Errorf("%s: %v", c.FullName(), err)
				continue
			}
			for i := range res.Trace.Segments {
				if s := &res.Trace.Segments[i]; s.Cause != nil && s.Cause.ID == cause.Unexplained {
					t.Errorf("%s: %s: %s", c.FullName(), s.Summary(), s.Cause.Text)
				}
			}
			if got := digest(t, res.Trace); round == 0 {
				first[c.FullName()] = got
			} else if got != first[c.FullName()] {
				t.Errorf("%s: another trace in another order", c.FullName())
			}
		}
		slices.Reverse(all)
	}
}

func TestWhatLinuxDoesNotHaveIsSaid(t *testing.T) {
	_, err := scenarios.Run(find(t, "graceful-close/four-minutes"), options(t))
	var notHere *program.NotOnStack
	if want := "graceful-close/four-minutes: client: setting tcp_tw_timeout: not on Linux"; !errors.As(err, &notHere) || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestTheLinkDrawsTheSameOnEveryStack: a seed loses the same SYN on both.
func TestTheLinkDrawsTheSameOnEveryStack(t *testing.T) {
	o := options(t)
	loss := 0.5
	for seed := range uint64(8) {
		o.Seed, o.Loss = &seed, &loss
		on := run(t, find(t, "handshake"), o)
		here := run(t, find(t, "handshake"), scenarios.Options{NoCheck: true, Seed: &seed, Loss: &loss})
		if (on.Segments[0].Lost == "") != (here.Segments[0].Lost == "") {
			t.Errorf("seed %d: the first SYN on Linux: %q, on gVisor: %q", seed, on.Segments[0].Lost, here.Segments[0].Lost)
		}
	}
}

func BenchmarkUnreadData(b *testing.B) {
	o, c := options(b), find(b, "unread-data")
	for b.Loop() {
		run(b, c, o)
	}
}
