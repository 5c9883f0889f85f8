package linux_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/stack/linux"
	"github.com/tcpsim/tcpsim/stack/linux/kernel"
)

// started are the processes that this one has started and that are still there,
// with all that they have started: a kernel is the head of a process group.
func started(t testing.TB) (pids []int) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	self := os.Getpid()
	group := map[int]bool{}
	type process struct{ pid, parent, group int }
	var all []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue // it has ended meanwhile
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		p := process{pid: pid}
		var state string
		if _, err := fmt.Sscan(rest, &state, &p.parent, &p.group); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
		if p.parent == self {
			group[p.group] = p.group == p.pid
		}
	}
	for _, p := range all {
		if p.parent == self || group[p.group] {
			pids = append(pids, p.pid)
		}
	}
	return pids
}

// stub is a program in the place of a kernel.
func stub(t *testing.T, script string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "linux")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o777); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestWhatIsNoKernelFailsWithAReason(t *testing.T) {
	if err := kernel.Platform(); err != nil {
		t.Skip(err)
	}
	notes := filepath.Join(t.TempDir(), "linux")
	if err := os.WriteFile(notes, []byte("\x7fELF, but no more"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, kernel, want string }{
		{"absent", filepath.Join(t.TempDir(), "linux"), "no such file or directory"},
		{"no program", notes, "exec format error"},
		{"ends at once", stub(t, "echo cannot do this >&2; exit 3"), "told to boot: the kernel has stopped (exit status 3); last on its console:\ncannot do this"},
		{"says nothing", stub(t, "sleep 1000"), "told to boot: no answer within 1s"},
		{"says nonsense", stub(t, `printf '\004\000\000\000abcd' >&3; sleep 1000`), "told to boot: the answer of the machine is garbled"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := started(t)
			m, err := linux.Boot(context.Background(), linux.Options{Kernel: test.kernel, Patience: time.Second})
			if err == nil {
				m.Close()
				t.Fatal("it boots")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want %q", err, test.want)
			}
			if after := started(t); len(after) != len(before) {
				t.Errorf("processes before: %v, after: %v", before, after)
			}
		})
	}
}

func TestATruncatedKernelFailsWithAReason(t *testing.T) {
	whole, err := os.ReadFile(kernelPath(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1000, len(whole) / 2, len(whole) * 9 / 10} {
		file := filepath.Join(t.TempDir(), "linux")
		if err := os.WriteFile(file, whole[:size], 0o777); err != nil {
			t.Fatal(err)
		}
		m, err := linux.Boot(context.Background(), linux.Options{Kernel: file, Patience: 2 * time.Second})
		if err == nil {
			m.Close()
			t.Errorf("%d of %d bytes boot", size, len(whole))
			continue
		}
		if text := err.Error(); !strings.Contains(text, "told to boot") && !strings.Contains(text, "starting") {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if left := started(t); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestAnUnusableTemporaryDirectoryIsNamed(t *testing.T) {
	path := kernelPath(t)
	t.Setenv("TMPDIR", "/nonexistent")
	m, err := linux.Boot(context.Background(), linux.Options{Kernel: path, Patience: 2 * time.Second})
	if err == nil {
		m.Close()
		t.Fatal("it boots")
	}
	if !strings.Contains(err.Error(), "/nonexistent") {
		t.Errorf("got %v", err)
	}
}

// A kernel that is killed, as by somebody who looks for memory, ends what was
// under way with an error and leaves nothing.
func TestAKernelThatIsKilledLeavesNothing(t *testing.T) {
	l := boot(t, 1)
	p := l.spawn(l.server)
	l.ok(p, linux.Socket(false))
	pids := started(t)
	if len(pids) < 2 {
		t.Fatalf("the kernel and its processes: %v", pids)
	}
	for _, pid := range pids {
		if parent(t, pid) == os.Getpid() {
			if err := exec.Command("kill", "-9", strconv.Itoa(pid)).Run(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, err := p.Do(linux.Listen(3, 1))
	if err == nil || !strings.Contains(err.Error(), "told to call listen: the kernel has stopped (signal: killed)") {
		t.Errorf("got %v", err)
	}
	if _, again := l.m.Advance(time.Hour); again == nil || again.Error() != err.Error() {
		t.Errorf("and then %v", again)
	}
	for range 100 {
		if pids = started(t); len(pids) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("left: %v", pids)
}

func parent(t *testing.T, pid int) (ppid int) {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	var state string
	if _, err := fmt.Sscan(rest, &state, &ppid); err != nil {
		t.Fatal(err)
	}
	return ppid
}

func TestTheEndOfTheContextEndsTheMachine(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m, err := linux.Boot(ctx, linux.Options{Kernel: kernelPath(t)})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	defer m.Close()
	cancel()
	for range 100 {
		if _, err := m.Advance(m.Now() + time.Second); err != nil {
			if !strings.Contains(err.Error(), "the kernel has stopped") {
				t.Errorf("got %v", err)
			}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("it goes on")
}

func TestSettingsThatLinuxDoesNotHaveAreNamed(t *testing.T) {
	l := boot(t, 1)
	if err := l.server.Set("net/ipv4/tcp_tw_timeout", "1"); err == nil || !strings.Contains(err.Error(), "this Linux has no such setting") {
		t.Errorf("got %v", err)
	}
	if err := l.server.Set("net/ipv4/tcp_retries2", "3"); err != nil {
		t.Error(err)
	}
	if got, err := l.server.Get("net/ipv4/tcp_retries2"); err != nil || got != "3" {
		t.Errorf("the server has %q, %v", got, err)
	}
	if got, err := l.client.Get("net/ipv4/tcp_retries2"); err != nil || got != "15" {
		t.Errorf("the client has %q, %v; a host's setting is its own", got, err)
	}
}

// A host that loses its power sends nothing; booted again, it knows nothing of
// its connections and resets them.
func TestAHostThatRebootsResetsItsOldConnections(t *testing.T) {
	l := boot(t, 1)
	client, _ := l.connected()
	before := len(l.segments)
	l.take(l.server.PowerOff())
	if len(l.segments) != before {
		t.Errorf("a host without power sends %v", l.segments[before:])
	}
	if _, err := l.server.Spawn(); err == nil {
		t.Error("a process starts without power")
	}
	l.server = l.host(serverAddr, nil)
	l.ok(client, linux.Send(3, []byte("anybody there?"), 0))
	l.until(l.m.Now() + time.Second)
	resets := l.resets()
	if len(resets) != 1 || resets[0].from != l.server || resets[0].Flags.String() != "R" {
		t.Errorf("RSTs: %+v; want a bare R from the server", resets)
	}
}

func TestBothFamiliesWork(t *testing.T) {
	m, err := linux.Boot(context.Background(), linux.Options{Kernel: kernelPath(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	h, err := m.NewHost(linux.HostConfig{Addrs: []netip.Prefix{netip.MustParsePrefix("fd00::1/64"), clientAddr}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.Spawn()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Do(linux.Socket(true)); err != nil {
		t.Fatal(err)
	}
	s, err := p.Do(linux.Connect(3, netip.MustParseAddrPort("[fd00::2]:80")))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s.Events {
		if f, ok := e.(linux.Frame); ok && f.Data[0]>>4 == 6 {
			return
		}
	}
	t.Errorf("no packet of IPv6 in %v", s.Events)
}
