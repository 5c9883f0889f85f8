package simtest_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/simtest"
)

// pair is a connection and its two ends.
func pair(t *testing.T, nw *simtest.Network) (client, server *simtest.Conn) {
	t.Helper()
	l, err := nw.Server.Listen("tcp", ":80")
	if err != nil {
		t.Fatal(err)
	}
	c, err := nw.Client.Dial("tcp", "server:80")
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return c.(*simtest.Conn), s.(*simtest.Conn)
}

// want checks the whole error: that it is one of package net's, what it wraps
// and how it reads.
func want(t *testing.T, err error, is error, text string) {
	t.Helper()
	var op *net.OpError
	if !errors.As(err, &op) {
		t.Errorf("%v (%T), want a *net.OpError", err, err)
		return
	}
	if !errors.Is(err, is) {
		t.Errorf("%v does not wrap %v", err, is)
	}
	if err.Error() != text {
		t.Errorf("%q, want %q", err, text)
	}
}

func TestErrorsAreThoseOfTheKernel(t *testing.T) {
	buf := make([]byte, 100)
	for name, test := range map[string]struct {
		errno error
		text  string
		err   func(t *testing.T, nw *simtest.Network) error
	}{
		"nobody listens": {
			syscall.ECONNREFUSED, "dial tcp 10.0.0.2:81: connect: connection refused",
			func(t *testing.T, nw *simtest.Network) error {
				_, err := nw.Client.Dial("tcp", "server:81")
				return err
			},
		},
		"no answer to SYN": {
			syscall.ETIMEDOUT, "dial tcp 10.0.0.2:81: connect: connection timed out",
			func(t *testing.T, nw *simtest.Network) error {
				nw.Server.Unplug()
				_, err := nw.Client.Dial("tcp", "server:81")
				if got := nw.Now().Truncate(time.Second); got != 127*time.Second {
					t.Errorf("gave up after %v, want 127s as Linux does", got)
				}
				return err
			},
		},
		"read after reset": {
			syscall.ECONNRESET, "read tcp 10.0.0.1:PORT->10.0.0.2:80: read: connection reset by peer",
			func(t *testing.T, nw *simtest.Network) error {
				c, s := pair(t, nw)
				s.SetLinger(0)
				s.Close()
				_, err := c.Read(buf)
				return err
			},
		},
		"unread data": {
			syscall.ECONNRESET, "read tcp 10.0.0.1:PORT->10.0.0.2:80: read: connection reset by peer",
			func(t *testing.T, nw *simtest.Network) error {
				c, s := pair(t, nw)
				c.Write(buf)
				time.Sleep(time.Second)
				s.Close()
				_, err := c.Read(buf)
				return err
			},
		},
		"write after reset": {
			syscall.EPIPE, "write tcp 10.0.0.1:PORT->10.0.0.2:80: write: broken pipe",
			func(t *testing.T, nw *simtest.Network) error {
				c, s := pair(t, nw)
				s.SetLinger(0)
				s.Close()
				time.Sleep(time.Second)
				if _, err := c.Write(buf); !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("the first write gave %v, want ECONNRESET", err)
				}
				_, err := c.Write(buf)
				return err
			},
		},
		"peer gone silent": {
			syscall.ETIMEDOUT, "read tcp 10.0.0.1:PORT->10.0.0.2:80: read: connection timed out",
			func(t *testing.T, nw *simtest.Network) error {
				c, _ := pair(t, nw)
				nw.DropAll()
				_, err := c.Read(buf) // ends by keep-alive: 15 s and 9 probes
				if got := nw.Now().Truncate(time.Second); got != 150*time.Second {
					t.Errorf("gave up after %v, want 150s", got)
				}
				return err
			},
		},
		"read past a deadline": {
			os.ErrDeadlineExceeded, "read tcp 10.0.0.1:PORT->10.0.0.2:80: i/o timeout",
			func(t *testing.T, nw *simtest.Network) error {
				c, _ := pair(t, nw)
				c.SetReadDeadline(time.Now().Add(3 * time.Second))
				_, err := c.Read(buf)
				if e, ok := err.(net.Error); !ok || !e.Timeout() {
					t.Errorf("%v is no timeout", err)
				}
				return err
			},
		},
		"write past a deadline": {
			os.ErrDeadlineExceeded, "write tcp 10.0.0.1:PORT->10.0.0.2:80: i/o timeout",
			func(t *testing.T, nw *simtest.Network) error {
				c, _ := pair(t, nw)
				c.SetWriteDeadline(time.Now().Add(3 * time.Second))
				n, err := c.Write(make([]byte, 64<<20))
				if n == 0 || n == 64<<20 {
					t.Errorf("wrote %d bytes, want what the buffers hold", n)
				}
				return err
			},
		},
		"read after close": {
			net.ErrClosed, "read tcp 10.0.0.1:PORT->10.0.0.2:80: use of closed network connection",
			func(t *testing.T, nw *simtest.Network) error {
				c, _ := pair(t, nw)
				time.AfterFunc(time.Second, func() { c.Close() })
				_, err := c.Read(buf)
				return err
			},
		},
		"port taken": {
			syscall.EADDRINUSE, "listen tcp :80: bind: address already in use",
			func(t *testing.T, nw *simtest.Network) error {
				nw.Server.Listen("tcp", ":80")
				_, err := nw.Server.Listen("tcp", ":80")
				return err
			},
		},
		"accept past a deadline": {
			os.ErrDeadlineExceeded, "accept tcp 10.0.0.2:80: i/o timeout",
			func(t *testing.T, nw *simtest.Network) error {
				l, _ := nw.Server.Listen("tcp", ":80")
				l.(*simtest.Listener).SetDeadline(time.Now().Add(time.Second))
				_, err := l.Accept()
				return err
			},
		},
		"accept on a closed listener": {
			net.ErrClosed, "accept tcp 10.0.0.2:80: use of closed network connection",
			func(t *testing.T, nw *simtest.Network) error {
				l, _ := nw.Server.Listen("tcp", ":80")
				time.AfterFunc(time.Second, func() { l.Close() })
				_, err := l.Accept()
				return err
			},
		},
		"dial past a context's deadline": {
			context.DeadlineExceeded, "dial tcp 10.0.0.2:80: i/o timeout",
			func(t *testing.T, nw *simtest.Network) error {
				nw.Server.Unplug()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, err := nw.Client.DialContext(ctx, "tcp", "server:80")
				return err
			},
		},
		"half-closed and written to": {
			syscall.EPIPE, "write tcp 10.0.0.1:PORT->10.0.0.2:80: write: broken pipe",
			func(t *testing.T, nw *simtest.Network) error {
				c, _ := pair(t, nw)
				c.CloseWrite()
				nw.Wait()
				_, err := c.Write(buf)
				return err
			},
		},
		"power loss": {
			net.ErrClosed, "read tcp 10.0.0.1:PORT->10.0.0.2:80: the host has lost power",
			func(t *testing.T, nw *simtest.Network) error {
				c, _ := pair(t, nw)
				nw.Client.Crash()
				_, err := c.Read(buf)
				return err
			},
		},
		"reset by a middlebox": {
			syscall.ECONNRESET, "read tcp 10.0.0.1:PORT->10.0.0.2:80: read: connection reset by peer",
			func(t *testing.T, nw *simtest.Network) error {
				c, _ := pair(t, nw)
				nw.InjectRST()
				c.Write(buf)
				_, err := c.Read(buf)
				return err
			},
		},
		"reboot of the peer": {
			syscall.ECONNRESET, "read tcp 10.0.0.1:PORT->10.0.0.2:80: read: connection reset by peer",
			func(t *testing.T, nw *simtest.Network) error {
				c, _ := pair(t, nw)
				nw.Server.Reboot()
				c.Write(buf)
				_, err := c.Read(buf)
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
				err := test.err(t, nw)
				text := test.text
				var op *net.OpError
				if errors.As(err, &op) && op.Source != nil {
					_, port, _ := net.SplitHostPort(op.Source.String())
					text = strings.Replace(text, "PORT", port, 1)
				}
				want(t, err, test.errno, text)
			})
		})
	}
}
