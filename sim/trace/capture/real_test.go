package capture_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
)

var record = flag.Bool("record", false, "capture testdata/loopback.pcap anew")

// sniff captures on an interface, behind which more of tcpdump's options may
// stand, while f runs. The test is skipped where that is not allowed.
func sniff(t *testing.T, namespace []string, iface, filter string, f func()) []byte {
	t.Helper()
	stop := startSniffing(t, namespace, iface, filter)
	f()
	return stop()
}

func startSniffing(t *testing.T, namespace []string, iface, filter string) (stop func() []byte) {
	t.Helper()
	path, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skip("tcpdump is not installed")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may capture")
	}
	// Not into a file: tcpdump gives up its rights before it opens one.
	args := slices.Concat(namespace, []string{path, "-i"}, strings.Fields(iface), []string{"-U", "--immediate-mode", "-s", "256", "-w", "-", filter})
	cmd := exec.Command(args[0], args[1:]...)
	var out bytes.Buffer
	cmd.Stdout = &out
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("tcpdump does not start: %v", err)
	}
	// It says "listening on" once it does.
	lines := bufio.NewReader(stderr)
	var said strings.Builder
	for !strings.Contains(said.String(), "listening on") {
		line, err := lines.ReadString('\n')
		said.WriteString(line)
		if err != nil {
			cmd.Wait()
			t.Skipf("tcpdump may not capture on %s: %s", iface, said.String())
		}
	}
	go io.Copy(io.Discard, lines)
	return func() []byte {
		time.Sleep(200 * time.Millisecond) // for the last packets
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		return out.Bytes()
	}
}

// resets makes five connections on a host's addresses: to a closed port, one
// that the server closes without reading, one that the client aborts with
// SO_LINGER zero, one that sends after the server has closed, and one that
// ends well. The first port is the closed one.
func resets(t *testing.T, listen func() net.Listener, closed net.Addr, pause time.Duration) {
	t.Helper()
	if c, err := net.Dial("tcp", closed.String()); err == nil {
		c.Close()
		t.Error("somebody listens on the closed port")
	}
	l := listen()
	defer l.Close()
	converse := func(client, server func(*net.TCPConn)) {
		done := make(chan bool)
		go func() {
			defer close(done)
			if c, err := l.Accept(); err == nil {
				server(c.(*net.TCPConn))
			}
		}()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		client(c.(*net.TCPConn))
		<-done
		time.Sleep(pause)
	}
	converse(func(c *net.TCPConn) {
		io.WriteString(c, "hello")
		io.Copy(io.Discard, c)
		c.Close()
	}, func(c *net.TCPConn) {
		time.Sleep(pause)
		c.Close()
	})
	converse(func(c *net.TCPConn) {
		time.Sleep(pause)
		c.SetLinger(0)
		c.Close()
	}, func(c *net.TCPConn) {
		io.Copy(io.Discard, c)
		c.Close()
	})
	converse(func(c *net.TCPConn) {
		io.Copy(io.Discard, c)
		io.WriteString(c, "too late")
		time.Sleep(pause)
		c.Close()
	}, func(c *net.TCPConn) {
		c.Close()
	})
	converse(func(c *net.TCPConn) {
		io.WriteString(c, "GET /\r\n")
		c.CloseWrite()
		io.Copy(io.Discard, c)
		c.Close()
	}, func(c *net.TCPConn) {
		io.Copy(io.Discard, c)
		io.WriteString(c, "200 OK\r\n")
		c.Close()
	})
}

// loopback is such a capture of the traffic on the loopback interface, on ports
// that nobody else uses.
func loopback(t *testing.T, iface string) []byte {
	t.Helper()
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Skip(err)
		}
		return l
	}
	closed, open := listen(), listen()
	closed.Close()
	port := func(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
	filter := fmt.Sprintf("tcp and (port %d or port %d)", port(closed), port(open))
	return sniff(t, nil, iface, filter, func() {
		resets(t, func() net.Listener { return open }, closed.Addr(), 50*time.Millisecond)
	})
}

var committed = filepath.Join("testdata", "loopback.pcap")

// captures are the files in testdata, all made by this test, see -record, and
// how: on the interface itself, and on the one that stands for all, whose
// packets are "cooked", in both forms of that.
var captures = map[string]string{
	"loopback.pcap": "lo",
	"any.pcap":      "any -y LINUX_SLL",
	"any2.pcap":     "any -y LINUX_SLL2",
}

// TestResetsOfARealKernelAreExplained reads captures of Linux 6.
func TestResetsOfARealKernelAreExplained(t *testing.T) {
	for name, iface := range captures {
		path := filepath.Join("testdata", name)
		if *record {
			if err := os.WriteFile(path, loopback(t, iface), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		explained(t, file)
	}
}

func TestLoopbackIsCapturedAndExplained(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a second")
	}
	for name, iface := range captures {
		t.Run(name, func(t *testing.T) { explained(t, loopback(t, iface)) })
	}
}

// explained checks what is read of the connections that resets makes.
func explained(t *testing.T, file []byte) {
	t.Helper()
	list, err := capture.Connections(bytes.NewReader(file), "loopback.pcap")
	if err != nil {
		t.Fatal(err)
	}
	const c, s = trace.Client, trace.Server
	want := []struct {
		end   capture.Ending
		by    trace.Side
		cause string
		text  string
		ended [2]string // the last states
	}{
		{capture.Refused, s, cause.PortNotListening, "where nobody listens", [2]string{"CLOSED", ""}},
		{capture.Reset, s, cause.UnreadData, "5 bytes came after the server last sent data", [2]string{"CLOSED", "CLOSED"}},
		{capture.Reset, c, cause.LingerZero, "nothing has arrived that could be unread", [2]string{"CLOSED", "CLOSED"}},
		{capture.Reset, s, cause.DataAfterClose, "brings 8 bytes", [2]string{"CLOSED", "CLOSED"}},
		{capture.ClosedByFIN, c, "", "", [2]string{"TIME_WAIT", "CLOSED"}},
	}
	if len(list) != len(want) {
		t.Fatalf("%d connections: %+v", len(list), list)
	}
	for i, w := range want {
		if list[i].End != w.end || w.cause != "" && list[i].ResetBy != w.by || !list[i].Begun {
			t.Errorf("connection %d: %+v", i+1, list[i])
		}
		tr, r := read(t, file, capture.Options{Conn: fmt.Sprint(i + 1)})
		var last [2]string
		for _, x := range tr.Transitions {
			last[x.Host] = x.To.String()
		}
		if diff := cmp.Diff(w.ended, last); diff != "" {
			t.Errorf("connection %d ends in other states:\n%s", i+1, diff)
		}
		if n := r.Counts.Kept + r.Counts.OtherConns; n != r.Counts.Packets {
			t.Errorf("connection %d: %d of %d packets", i+1, n, r.Counts.Packets)
		}
		var causes []*trace.Cause
		for _, seg := range tr.Segments {
			if seg.Cause != nil {
				causes = append(causes, seg.Cause)
			}
		}
		switch {
		case w.cause == "" && len(causes) == 0:
		case len(causes) != 1 || causes[0].ID != w.cause || !strings.Contains(causes[0].Text, w.text):
			t.Errorf("connection %d: want %s: %s\n%s", i+1, w.cause, w.text, tr)
		}
	}
}
