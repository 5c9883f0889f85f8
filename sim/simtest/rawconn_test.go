//go:build linux

package simtest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/simtest"
	"github.com/tcpsim/tcpsim/sim/trace"
	"golang.org/x/sys/unix"
)

// look is what a client asks of a pooled connection before it uses it: one read
// that does not wait.
func look(t *testing.T, c net.Conn) (n int, err error) {
	t.Helper()
	raw, rawErr := c.(syscall.Conn).SyscallConn()
	if rawErr != nil {
		t.Fatal(rawErr)
	}
	rawErr = raw.Read(func(fd uintptr) bool {
		n, err = syscall.Read(int(fd), make([]byte, 1))
		return true
	})
	if rawErr != nil {
		t.Errorf("the look itself: %v", rawErr)
	}
	return n, err
}

// A look at an idle connection tells what has become of it, as on the kernel's
// loopback.
func TestALookTellsWhatBecameOfAConnection(t *testing.T) {
	for name, test := range map[string]struct {
		peer func(s tcp)
		n    int
		err  error
	}{
		"idle":   {func(tcp) {}, -1, syscall.EAGAIN},
		"closed": {func(s tcp) { s.Close() }, 0, nil},
		"reset":  {func(s tcp) { s.SetLinger(0); s.Close() }, -1, syscall.ECONNRESET},
		"data":   {func(s tcp) { io.WriteString(s, "unasked for") }, 1, nil},
	} {
		check := func(t *testing.T, where string, c, s tcp) {
			test.peer(s)
			rest()
			if n, err := look(t, c); n != test.n || err != test.err {
				t.Errorf("%s: %d, %v, want %d, %v", where, n, err, test.n, test.err)
			}
			if name != "data" {
				return
			}
			buf := make([]byte, 20)
			if n, err := c.Read(buf); err != nil || string(buf[:n]) != "nasked for" {
				t.Errorf("%s: after the look there is %q, %v", where, buf[:n], err)
			}
		}
		t.Run(name, func(t *testing.T) {
			w := &world{dial: new(net.Dialer).DialContext, listen: net.Listen, any: "127.0.0.1:0"}
			c, s, l := w.pair()
			check(t, "on loopback", c, s)
			c.Close()
			s.Close()
			l.Close()
			bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
				c, s := pair(t, nw)
				check(t, "here", c, s)
			})
		})
	}
}

// Read and Write of a raw connection wait, keep to deadlines, and move what
// their functions move.
func TestRawReadAndWrite(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		c, s := pair(t, nw)
		raw, err := c.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(5*time.Second, func() { io.WriteString(s, "hello") })
		buf := make([]byte, 10)
		n := 0
		at := nw.Now()
		err = raw.Read(func(fd uintptr) bool {
			n, err = syscall.Read(int(fd), buf)
			return err != syscall.EAGAIN
		})
		if err != nil || string(buf[:max(n, 0)]) != "hello" || nw.Now()-at < 5*time.Second {
			t.Errorf("%q, %v after %v", buf[:max(n, 0)], err, nw.Now()-at)
		}
		c.SetReadDeadline(time.Now().Add(time.Second))
		err = raw.Read(func(uintptr) bool { return false })
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("past the deadline: %v", err)
		}
		err = raw.Write(func(fd uintptr) bool {
			n, err = syscall.Write(int(fd), []byte("back"))
			return true
		})
		if err != nil || n != 4 {
			t.Errorf("wrote %d, %v", n, err)
		}
		if n, err := s.Read(buf); string(buf[:n]) != "back" {
			t.Errorf("the peer got %q, %v", buf[:n], err)
		}
		c.Close()
		if err := raw.Control(func(uintptr) {}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after close: %v", err)
		}
	})
}

// Options that are set through a descriptor are set on the connection, and
// those of a Dialer and of a ListenConfig before it connects and listens.
func TestControlSetsOptions(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		var asked []string
		control := func(option int) func(network, address string, c syscall.RawConn) error {
			return func(network, address string, c syscall.RawConn) error {
				asked = append(asked, network+" "+address)
				return c.Control(func(fd uintptr) { unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, option, 5000) })
			}
		}
		lc := simtest.ListenConfig{Host: nw.Server}
		lc.Control = control(unix.TCP_USER_TIMEOUT)
		l, err := lc.Listen(t.Context(), "tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		d := simtest.Dialer{Host: nw.Client}
		d.Control, d.LocalAddr, d.KeepAlive = control(unix.TCP_KEEPIDLE), &net.TCPAddr{Port: 4321}, -1
		c, err := d.Dial("tcp", "server:80")
		if err != nil {
			t.Fatal(err)
		}
		if got := c.LocalAddr().(*net.TCPAddr).Port; got != 4321 {
			t.Errorf("the connection comes from port %d", got)
		}
		raw, _ := c.(syscall.Conn).SyscallConn()
		var was int
		err = raw.Control(func(fd uintptr) {
			was, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_KEEPIDLE)
			unix.SetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
		})
		if err != nil || was != 5000 {
			t.Errorf("TCP_KEEPIDLE is %d, %v", was, err)
		}
		l.Close()
		c.Close()
		var set []string
		for _, call := range nw.Trace().Calls {
			if call.Op == trace.OpSetsockopt {
				set = append(set, call.Args.Option+"="+call.Args.OptVal.String())
			}
		}
		got := strings.Join(set, " ")
		if want := "SO_REUSEADDR=1 TCP_USER_TIMEOUT=5000 TCP_KEEPIDLE=5000 SO_LINGER={l_onoff=1, l_linger=0}"; got != want {
			t.Errorf("setsockopt: %s, want %s", got, want)
		}
		if want := "tcp4 :80 tcp4 10.0.0.2:80"; strings.Join(asked, " ") != want {
			t.Errorf("the functions were asked about %v", asked)
		}
	})
}

// A Dialer gives up after its own time.
func TestDialerTimeout(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		nw.Server.Unplug()
		d := simtest.Dialer{Host: nw.Client}
		d.Timeout = 3 * time.Second
		at := nw.Now()
		_, err := d.DialContext(context.Background(), "tcp", "server:80")
		var n net.Error
		if !errors.As(err, &n) || !n.Timeout() || nw.Now()-at != 3*time.Second {
			t.Errorf("%v after %v", err, nw.Now()-at)
		}
	})
}
