package capture_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"golang.org/x/sys/unix"
)

// within runs f on a thread in a network namespace. A socket belongs to the
// namespace of the thread that makes it.
func within(t *testing.T, namespace string, f func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		t.Skip(err)
	}
	defer own.Close()
	there, err := os.Open("/var/run/netns/" + namespace)
	if err != nil {
		t.Skip(err)
	}
	defer there.Close()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		t.Skipf("no other network namespace may be entered: %v", err)
	}
	defer func() {
		if err := unix.Setns(int(own.Fd()), unix.CLONE_NEWNET); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}

// Two network namespaces with a delay between them, each with its own tcpdump.
// They run in real time: a machine that stands still for a moment puts a delay
// where there is none, so that a second and a third try count too.
func TestTwoNamespacesAreTwoEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root makes network namespaces")
	}
	var wrong []string
	for try := range 3 {
		if wrong = twoEnds(t, try); len(wrong) == 0 {
			return
		}
	}
	t.Errorf("three times: %s", strings.Join(wrong, "; "))
}

// twoEnds makes two namespaces and captures on both, and says what is wrong with
// what is read of it.
func twoEnds(t *testing.T, try int) (wrong []string) {
	t.Helper()
	const address = "10.99.0.2"
	name := func(side string) string { return fmt.Sprintf("tcpsim-%s-%d-%d", side, os.Getpid(), try) }
	c, s := name("c"), name("s")
	ip := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Skipf("ip %v: %v: %s", args, err, out)
		}
	}
	for _, ns := range []string{c, s} {
		ip("netns", "add", ns)
		defer func() { exec.Command("ip", "netns", "del", ns).Run() }()
	}
	ip("-n", c, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", s)
	ip("-n", c, "addr", "add", "10.99.0.1/24", "dev", "eth0")
	ip("-n", s, "addr", "add", address+"/24", "dev", "eth0")
	o, least, delayed := capture.Options{}, 10*time.Millisecond, false
	for _, ns := range []string{c, s} {
		ip("-n", ns, "link", "set", "eth0", "up")
		// Not every kernel can delay packets.
		delayed = exec.Command("ip", "netns", "exec", ns, "tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay", "10ms").Run() == nil
	}
	inside := func(ns string) []string { return []string{"ip", "netns", "exec", ns} }
	stop := [2]func() []byte{}
	for i, ns := range []string{c, s} {
		stop[i] = startSniffing(t, inside(ns), "eth0", "tcp")
	}
	within(t, s, func() {
		l, err := net.Listen("tcp", address+":8080")
		if err != nil {
			t.Fatal(err)
		}
		closed := &net.TCPAddr{IP: net.ParseIP(address), Port: 8081}
		within(t, c, func() {
			resets(t, func() net.Listener { return l }, closed, 100*time.Millisecond)
		})
	})
	if !delayed {
		// Without, what is near can not be told from what is far.
		o.Vantage, least = capture.AtBoth, 0
	}
	file := merge(t, 0, stop[0](), stop[1]())
	for _, conn := range []string{"2", "4", "5"} {
		o.Conn = conn
		tr, r := read(t, file, o)
		if r.Vantage != capture.AtBoth || r.Counts.Again != len(tr.Segments) {
			wrong = append(wrong, fmt.Sprintf("connection %s: vantage %s, %d segments, %d seen again", conn, r.Vantage, len(tr.Segments), r.Counts.Again))
		}
		for _, x := range tr.Segments {
			if took := x.ReceivedAt - x.SentAt; took < least || took > 60*time.Millisecond {
				wrong = append(wrong, fmt.Sprintf("connection %s: #%d took %v", conn, x.Number, took))
			}
		}
	}
	return wrong
}
