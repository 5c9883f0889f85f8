package capture_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"golang.org/x/sys/unix"
)

// merge puts captures beside each other into one file, as mergecap does, each
// with an interface of its own. late is what the second one's clock is ahead.
func merge(t testing.TB, late time.Duration, files ...[]byte) []byte {
	t.Helper()
	type packet struct {
		ci   gopacket.CaptureInfo
		data []byte
	}
	var all []packet
	for i, file := range files {
		r, err := pcapgo.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		for {
			data, ci, err := r.ReadPacketData()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			ci.InterfaceIndex = i
			ci.Timestamp = ci.Timestamp.Add(time.Duration(i) * late)
			all = append(all, packet{ci, data})
		}
	}
	slices.SortStableFunc(all, func(a, b packet) int { return cmp.Compare(a.ci.Timestamp.UnixNano(), b.ci.Timestamp.UnixNano()) })
	var b bytes.Buffer
	w, err := pcapgo.NewNgWriter(&b, layers.LinkTypeEthernet)
	if err != nil {
		t.Fatal(err)
	}
	for range files[1:] {
		if _, err := w.AddInterface(pcapgo.NgInterface{LinkType: layers.LinkTypeEthernet, SnapLength: 1 << 18}); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range all {
		if err := w.WritePacket(p.ci, p.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Captures of both ends give what happened in between as it was, also where
// one clock is wrong.
func TestTwoEndsShowWhatHappenedBetween(t *testing.T) {
	for _, ahead := range []time.Duration{0, 300 * time.Millisecond, -2 * time.Second} {
		for name, tr := range map[string]*trace.Trace{"unread data": runs.Unread(t), "loss": runs.Loss(t), "loss IPv6": runs.All()["loss IPv6"](t)} {
			end := func(v pcap.Vantage) []byte { return export(t, tr, pcap.Options{Format: pcap.PCAP, Vantage: v}) }
			got, r := read(t, merge(t, ahead, end(pcap.Client), end(pcap.Server)), capture.Options{})
			if r.Vantage != capture.AtBoth || r.Skew != -ahead {
				t.Errorf("%s, %v: vantage %s, skew %v", name, ahead, r.Vantage, r.Skew)
			}
			if len(got.Segments) != len(tr.Segments) {
				t.Errorf("%s, %v: %d segments, not %d", name, ahead, len(got.Segments), len(tr.Segments))
				continue
			}
			for i, s := range got.Segments {
				w := tr.Segments[i]
				sent, received := w.SentAt.Truncate(time.Microsecond), w.ReceivedAt.Truncate(time.Microsecond)
				if s.SentAt != sent || s.ReceivedAt != received || s.Arrived != w.Arrived || (s.Lost == "") != (w.Lost == "") {
					t.Errorf("%s, %v: #%d sent %v, received %v, lost %q; want %v, %v, %q",
						name, ahead, s.Number, s.SentAt, s.ReceivedAt, s.Lost, sent, received, w.Lost)
				}
			}
		}
	}
}

// The same packets on two interfaces of one machine, on their way through it,
// are each one segment.
func TestAPacketOnTwoInterfacesIsOne(t *testing.T) {
	tr := runs.Unread(t)
	file := export(t, tr, pcap.Options{Format: pcap.PCAP, Vantage: pcap.Client})
	got, r := read(t, merge(t, 3*time.Microsecond, file, file), capture.Options{})
	if n := len(tr.Segments); len(got.Segments) != n || r.Counts.Again != n || r.Vantage == capture.AtBoth {
		t.Errorf("%d segments of %d, %d again, vantage %s", len(got.Segments), n, r.Counts.Again, r.Vantage)
	}
}

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
func TestTwoNamespacesAreTwoEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root makes network namespaces")
	}
	const address = "10.99.0.2"
	name := func(side string) string { return fmt.Sprintf("tcpsim-%s-%d", side, os.Getpid()) }
	c, s := name("c"), name("s")
	ip := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Skipf("ip %v: %v: %s", args, err, out)
		}
	}
	for _, ns := range []string{c, s} {
		ip("netns", "add", ns)
		t.Cleanup(func() { exec.Command("ip", "netns", "del", ns).Run() })
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
			t.Errorf("connection %s: vantage %s, %d segments, %d seen again", conn, r.Vantage, len(tr.Segments), r.Counts.Again)
		}
		for _, x := range tr.Segments {
			if took := x.ReceivedAt - x.SentAt; took < least || took > 60*time.Millisecond {
				t.Errorf("connection %s: #%d took %v", conn, x.Number, took)
			}
		}
	}
}
