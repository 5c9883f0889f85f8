//go:build linux

package simtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simtest"
)

// world is where a program runs: on the kernel's loopback or on a network of
// this package. What the program saw is in its log.
type world struct {
	dial, dialSelf func(ctx context.Context, network, address string) (net.Conn, error)
	listen         func(network, address string) (net.Listener, error)
	any            string // an address to listen at
	log            strings.Builder
}

// tcp is what both kinds of connections have.
type tcp interface {
	net.Conn
	CloseRead() error
	CloseWrite() error
	SetLinger(sec int) error
	SetNoDelay(on bool) error
	SetReadBuffer(bytes int) error
	SetWriteBuffer(bytes int) error
	SetKeepAlive(on bool) error
	SetKeepAlivePeriod(d time.Duration) error
	SetKeepAliveConfig(k net.KeepAliveConfig) error
}

var (
	hostPort = regexp.MustCompile(`(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]*\]):\d+`)
	resolver = regexp.MustCompile(` on HOST:PORT: `)
)

// saw notes the outcome of a call: the number if there is one, the text of the
// error, its types all the way down, and what errors.Is finds in it.
func (w *world) saw(what string, results ...any) {
	fmt.Fprintf(&w.log, "%s:", what)
	for _, r := range results {
		err, isError := r.(error)
		if !isError {
			fmt.Fprintf(&w.log, " %v", r)
			continue
		}
		text := hostPort.ReplaceAllString(err.Error(), "HOST:PORT")
		// Which resolver was asked is the machine's.
		text = resolver.ReplaceAllString(text, ": ")
		fmt.Fprintf(&w.log, " %q", text)
		for e := err; e != nil; e = errors.Unwrap(e) {
			fmt.Fprintf(&w.log, " %T", e)
			if op, ok := e.(*net.OpError); ok {
				fmt.Fprintf(&w.log, "{%s %s %T %T}", op.Op, op.Net, op.Source, op.Addr)
			}
		}
		for _, is := range []error{
			io.EOF, net.ErrClosed, os.ErrClosed, os.ErrDeadlineExceeded, context.Canceled, context.DeadlineExceeded,
			syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNREFUSED, syscall.ENOTCONN, syscall.EADDRINUSE, syscall.EADDRNOTAVAIL, syscall.EINVAL,
		} {
			if errors.Is(err, is) {
				fmt.Fprintf(&w.log, " is(%v)", is)
			}
		}
		var n net.Error
		if errors.As(err, &n) {
			fmt.Fprintf(&w.log, " timeout=%t", n.Timeout())
		}
	}
	w.log.WriteString("\n")
}

// rest is long enough for everything to arrive, on the kernel's clock too.
func rest() { time.Sleep(20 * time.Millisecond) }

func (w *world) pair() (client, server tcp, l net.Listener) {
	l, err := w.listen("tcp", w.any)
	if err != nil {
		panic(err)
	}
	c, err := w.dial(context.Background(), "tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	s, err := l.Accept()
	if err != nil {
		panic(err)
	}
	return c.(tcp), s.(tcp), l
}

var background = context.Background()

// programs are the ways in which connections and listeners are used and
// misused.
var programs = map[string]func(*world){
	"nobody listens": func(w *world) {
		l, _ := w.listen("tcp", w.any)
		l.Close()
		_, err := w.dial(background, "tcp", l.Addr().String())
		w.saw("dial", err)
	},
	"the peer closes": func(w *world) {
		c, s, l := w.pair()
		defer l.Close()
		buf := make([]byte, 5)
		s.Close()
		rest()
		n, err := c.Read(buf)
		w.saw("read", n, err)
		n, err = c.Write([]byte("first"))
		w.saw("write", n, err)
		rest()
		n, err = c.Write([]byte("second"))
		w.saw("write", n, err)
		n, err = c.Read(buf)
		w.saw("read", n, err)
		w.saw("close", c.Close())
		w.saw("close", c.Close())
	},
	"the peer resets": func(w *world) {
		c, s, l := w.pair()
		defer l.Close()
		s.SetLinger(0)
		s.Close()
		rest()
		for range 2 {
			n, err := c.Read(make([]byte, 5))
			w.saw("read", n, err)
		}
		n, err := c.Write([]byte("x"))
		w.saw("write", n, err)
		w.saw("deadline", c.SetDeadline(time.Time{}))
		w.saw("close write", c.CloseWrite())
		w.saw("close", c.Close())
	},
	"the peer resets, and a write finds it": func(w *world) {
		c, s, l := w.pair()
		defer l.Close()
		s.SetLinger(0)
		s.Close()
		rest()
		for range 2 {
			n, err := c.Write([]byte("x"))
			w.saw("write", n, err)
		}
		n, err := c.Read(make([]byte, 5))
		w.saw("read", n, err)
	},
	"the peer closes over unread data": func(w *world) {
		c, s, l := w.pair()
		defer l.Close()
		c.Write([]byte("question"))
		rest()
		s.Write([]byte("answer"))
		rest()
		s.Close()
		rest()
		got, err := io.ReadAll(c)
		w.saw("read all", string(got), err)
	},
	"calls after close": func(w *world) {
		c, s, l := w.pair()
		defer s.Close()
		c.Close()
		for _, p := range [][]byte{make([]byte, 1), nil} {
			n, err := c.Read(p)
			w.saw("read", len(p), n, err)
			n, err = c.Write(p)
			w.saw("write", len(p), n, err)
		}
		w.saw("deadline", c.SetDeadline(time.Now()))
		w.saw("read deadline", c.SetReadDeadline(time.Now()))
		w.saw("write deadline", c.SetWriteDeadline(time.Now()))
		w.saw("linger", c.SetLinger(0))
		w.saw("no delay", c.SetNoDelay(true))
		w.saw("keep-alive", c.SetKeepAlive(true))
		w.saw("close write", c.CloseWrite())
		w.saw("close read", c.CloseRead())
		w.saw("addresses", c.LocalAddr() != nil, c.RemoteAddr() != nil)
		l.Close()
		_, err := l.Accept()
		w.saw("accept", err)
		w.saw("listener close", l.Close())
		w.saw("listener deadline", l.(interface{ SetDeadline(time.Time) error }).SetDeadline(time.Now()))
		w.saw("listener address", l.Addr() != nil)
	},
	"close wakes": func(w *world) {
		c, s, l := w.pair()
		defer s.Close()
		woken := make(chan error)
		go func() { _, err := c.Read(make([]byte, 1)); woken <- err }()
		rest()
		c.Close()
		w.saw("read", <-woken)
		go func() { _, err := l.Accept(); woken <- err }()
		rest()
		l.Close()
		w.saw("accept", <-woken)
	},
	"deadlines": func(w *world) {
		c, s, l := w.pair()
		defer l.Close()
		c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		for _, p := range [][]byte{make([]byte, 1), nil} {
			n, err := c.Read(p)
			w.saw("read", len(p), n, err)
		}
		c.SetWriteDeadline(time.Now().Add(-time.Second))
		for _, p := range [][]byte{make([]byte, 1), nil} {
			n, err := c.Write(p)
			w.saw("write", len(p), n, err)
		}
		c.SetDeadline(time.Time{})
		n, err := c.Write([]byte("x"))
		w.saw("write", n, err)
		c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, err = c.Write(make([]byte, 64<<20))
		w.saw("large write", err)
		l.(interface{ SetDeadline(time.Time) error }).SetDeadline(time.Now().Add(20 * time.Millisecond))
		_, err = l.Accept()
		w.saw("accept", err)
		runtime.KeepAlive(s) // which would be closed with the last reference to it
	},
	"half-close": func(w *world) {
		c, s, l := w.pair()
		defer l.Close()
		buf := make([]byte, 10)
		w.saw("close write", c.CloseWrite())
		w.saw("close write", c.CloseWrite())
		n, err := c.Write([]byte("x"))
		w.saw("write", n, err)
		got, err := io.ReadAll(s)
		w.saw("peer read all", string(got), err)
		s.Write([]byte("late"))
		rest()
		n, err = c.Read(buf)
		w.saw("read", string(buf[:n]), err)
		w.saw("close read", c.CloseRead())
		n, err = c.Read(buf)
		w.saw("read", n, err)
		n, err = s.Write([]byte("later"))
		w.saw("peer write", n, err)
		rest()
		n, err = c.Read(buf)
		w.saw("read", string(buf[:n]), err)
	},
	"a listener closes with its queue": func(w *world) {
		l, _ := w.listen("tcp", w.any)
		c, err := w.dial(background, "tcp", l.Addr().String())
		w.saw("dial", err)
		l.Close()
		rest()
		n, err := c.Read(make([]byte, 1))
		w.saw("read", n, err)
	},
	"contexts that are over": func(w *world) {
		l, _ := w.listen("tcp", w.any)
		defer l.Close()
		ctx, cancel := context.WithCancel(background)
		cancel()
		_, err := w.dial(ctx, "tcp", l.Addr().String())
		w.saw("cancelled", err)
		ctx, cancel = context.WithDeadline(background, time.Unix(1, 0))
		defer cancel()
		_, err = w.dial(ctx, "tcp", l.Addr().String())
		w.saw("late", err)
	},
	"names": func(w *world) {
		for _, address := range []string{
			"localhost:0", "nobody.invalid:80", ":0", "1.2.3.4", "127.0.0.1:nosuchport", "127.0.0.1:99999", "127.0.0.1:smtp",
			"127.0.0.1:-1", "[::1", "",
		} {
			_, err := w.dial(background, "tcp", address)
			w.saw("dial "+address, err)
		}
		for _, network := range []string{"tcp4", "udp", "ip", "tcp7"} {
			l, err := w.listen(network, ":0")
			w.saw("listen "+network, err)
			if err == nil {
				l.Close()
			}
		}
	},
	"one address twice": func(w *world) {
		l, _ := w.listen("tcp", w.any)
		at := l.Addr().String()
		_, err := w.listen("tcp", at)
		w.saw("second", err)
		l.Close()
		l, err = w.listen("tcp", at)
		w.saw("after close", err)
		if err == nil {
			l.Close()
		}
		_, err = w.listen("tcp", "9.9.9.9:80")
		w.saw("another host's address", err)
	},
	"the own host": func(w *world) {
		l, err := w.listen("tcp", w.any)
		w.saw("listen", err)
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		for _, address := range []string{l.Addr().String(), "127.0.0.1:" + port, "localhost:" + port} {
			c, err := w.dialSelf(background, "tcp", address)
			w.saw("dial", err)
			if err == nil {
				c.Close()
			}
		}
	},
	"what a connection can do": func(w *world) {
		c, _, l := w.pair()
		defer l.Close()
		_, from := c.(io.ReaderFrom)
		_, to := c.(io.WriterTo)
		_, raw := c.(syscall.Conn)
		_, rawListener := l.(syscall.Conn)
		_, paths := c.(interface{ MultipathTCP() (bool, error) })
		w.saw("interfaces", from, to, paths, raw, rawListener)
		w.saw("addresses", fmt.Sprintf("%T %T %T", c.LocalAddr(), c.RemoteAddr(), l.Addr()), c.LocalAddr().Network())
	},
	"reset during a write": func(w *world) {
		c, s, l := w.pair()
		defer l.Close()
		go func() {
			time.Sleep(50 * time.Millisecond)
			s.SetLinger(0)
			s.Close()
		}()
		_, err := c.Write(make([]byte, 64<<20))
		w.saw("write", err)
		n, err := c.Read(make([]byte, 1))
		w.saw("read", n, err)
	},
	"a deadline wakes": func(w *world) {
		c, s, l := w.pair()
		defer l.Close()
		woken := make(chan error)
		go func() { _, err := c.Read(make([]byte, 1)); woken <- err }()
		rest()
		w.saw("deadline", c.SetReadDeadline(time.Unix(1, 0)))
		w.saw("read", <-woken)
		runtime.KeepAlive(s)
	},
	"options": func(w *world) {
		c, s, l := w.pair()
		defer l.Close()
		w.saw("read buffer", c.SetReadBuffer(-1))
		w.saw("write buffer", c.SetWriteBuffer(0))
		for _, d := range []time.Duration{0, -time.Second, time.Millisecond, 32767 * time.Second, 32768 * time.Second, 100 * time.Hour} {
			w.saw("keep-alive "+d.String(), c.SetKeepAlivePeriod(d))
			w.saw("keep-alive idle "+d.String(), c.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: d}))
			w.saw("keep-alive interval "+d.String(), c.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Interval: d}))
		}
		for _, n := range []int{-1, 0, 1, 127, 128} {
			w.saw(fmt.Sprint("keep-alive count ", n), c.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Count: n}))
		}
		w.saw("linger", c.SetLinger(1<<20))
		runtime.KeepAlive(s)
	},
}

// A program sees word for word what it sees on the kernel's loopback.
func TestProgramsSeeWhatLoopbackShows(t *testing.T) {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Skipf("this machine has no loopback: %v", err)
	} else {
		l.Close()
	}
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			var dialer net.Dialer
			real := &world{dial: dialer.DialContext, dialSelf: dialer.DialContext, listen: net.Listen, any: "127.0.0.1:0"}
			program(real)
			synctest.Test(t, func(t *testing.T) {
				nw := simtest.New(t, simtest.Config{Link: link.Symmetric(time.Millisecond, 0)})
				simulated := &world{
					dial: nw.Client.DialContext, dialSelf: nw.Server.DialContext, listen: nw.Server.Listen, any: ":0",
				}
				program(simulated)
				want, got := strings.Split(real.log.String(), "\n"), strings.Split(simulated.log.String(), "\n")
				for i := range max(len(want), len(got)) {
					if i >= len(want) || i >= len(got) || want[i] != got[i] {
						t.Errorf("line %d:\nloopback: %s\nhere:     %s", i+1, want[min(i, len(want)-1)], got[min(i, len(got)-1)])
					}
				}
			})
		})
	}
}
