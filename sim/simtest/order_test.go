package simtest_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim/simtest"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// A server that restarts closes its listener and listens again.
func TestCloseThenListen(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		l, err := nw.Server.Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if _, err := nw.Server.Listen("tcp", ":80"); err != nil {
			t.Error(err)
		}
	})
}

// What one goroutine closed is closed on the link before what it then dials is
// opened.
func TestCloseThenDial(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		c, _ := pair(t, nw)
		c.Close()
		if _, err := nw.Client.Dial("tcp", "server:80"); err != nil {
			t.Fatal(err)
		}
		var order []wire.Flags
		for _, s := range nw.Trace().Segments[3:] {
			order = append(order, s.Flags)
		}
		if !order[0].Has(wire.FIN) || !order[1].Has(wire.SYN) {
			t.Errorf("after the handshake there were %v, want FIN and then SYN", order)
		}
	})
}

// Writes of one goroutine to several connections are sent in the order in
// which they were made, whichever connection is the older one.
func TestWritesOfOneGoroutineKeepTheirOrder(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		l, err := nw.Server.Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		go echo(l)
		older, err1 := nw.Client.Dial("tcp", "server:80")
		newer, err2 := nw.Client.Dial("tcp", "server:80")
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		before := len(nw.Trace().Segments)
		io.WriteString(newer, "one")
		io.WriteString(older, "three")
		io.WriteString(newer, "seven..")
		nw.Client.Unplug() // after the writes, so they are sent
		var sizes []int
		for _, s := range nw.Trace().Segments[before:] {
			sizes = append(sizes, s.Len)
		}
		if len(sizes) != 3 || sizes[0] != 3 || sizes[1] != 5 || sizes[2] != 7 {
			t.Errorf("segments of %v bytes, want 3, 5 and 7", sizes)
		}
		older.Close()
		newer.Close()
		l.Close()
	})
}

func TestWriteAfterCloseWrite(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		c, s := pair(t, nw)
		c.CloseWrite()
		if n, err := c.Write([]byte("x")); n != 0 || !errors.Is(err, syscall.EPIPE) {
			t.Errorf("%d, %v, want EPIPE", n, err)
		}
		if n, err := s.Read(make([]byte, 10)); n != 0 || err != io.EOF {
			t.Errorf("the peer read %d, %v", n, err)
		}
	})
}

// Close and a deadline that has passed let blocked calls go on at once: the
// program may spin until it sees it, and the bubble does not rest meanwhile.
func TestCloseReleasesBlockedCallsAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		block func(c *simtest.Conn, l *simtest.Listener) error
		end   func(c *simtest.Conn, l *simtest.Listener)
	}{
		"read": {
			func(c *simtest.Conn, _ *simtest.Listener) error { _, err := c.Read(make([]byte, 1)); return err },
			func(c *simtest.Conn, _ *simtest.Listener) { c.Close() },
		},
		"write": {
			func(c *simtest.Conn, _ *simtest.Listener) error { _, err := c.Write(make([]byte, 64<<20)); return err },
			func(c *simtest.Conn, _ *simtest.Listener) { c.Close() },
		},
		"accept": {
			func(_ *simtest.Conn, l *simtest.Listener) error { _, err := l.Accept(); return err },
			func(_ *simtest.Conn, l *simtest.Listener) { l.Close() },
		},
		"read, by a deadline": {
			func(c *simtest.Conn, _ *simtest.Listener) error { _, err := c.Read(make([]byte, 1)); return err },
			func(c *simtest.Conn, _ *simtest.Listener) { c.SetReadDeadline(time.Unix(1, 0)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
				l, err := nw.Server.Listen("tcp", ":80")
				if err != nil {
					t.Fatal(err)
				}
				d, err := nw.Client.Dial("tcp", "server:80")
				if err != nil {
					t.Fatal(err)
				}
				l.Accept()
				c, ln := d.(*simtest.Conn), l.(*simtest.Listener)
				var over atomic.Bool
				var got error
				var wg sync.WaitGroup
				wg.Go(func() {
					got = test.block(c, ln)
					over.Store(true)
				})
				time.Sleep(time.Second)
				test.end(c, ln)
				for !over.Load() {
				}
				wg.Wait()
				if got == nil {
					t.Error("no error")
				}
			})
		})
	}
}

// The record can be looked at while the network goes on.
func TestTraceInTheMiddleIsASnapshot(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		c, s := pair(t, nw)
		tr := nw.Trace()
		segments, calls := len(tr.Segments), len(tr.Calls)
		if segments != 3 {
			t.Errorf("%d segments, want the handshake", segments)
		}
		if _, err := c.Write([]byte("x")); err != nil {
			t.Error(err)
		}
		if n, err := s.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Error(n, err)
		}
		if _, err := nw.Client.Dial("tcp", "server:80"); err != nil {
			t.Error(err)
		}
		if len(tr.Segments) != segments || len(tr.Calls) != calls {
			t.Error("the snapshot has changed")
		}
		if now := nw.Trace(); len(now.Segments) <= segments || now.End <= tr.End {
			t.Errorf("later there are %d segments until %v", len(now.Segments), now.End)
		}
	})
}

// A host reaches itself under its name, its address, localhost and 127.0.0.1,
// and the other host reaches none of the last two.
func TestAHostReachesItself(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		l, err := nw.Server.Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		go echo(l)
		dial := func(h *simtest.Host, address string) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c, err := h.DialContext(ctx, "tcp", address)
			if err != nil {
				return err
			}
			defer c.Close()
			if c.LocalAddr().String() == c.RemoteAddr().String() {
				t.Errorf("%s: both ends are %s", address, c.LocalAddr())
			}
			io.WriteString(c, "to myself")
			buf := make([]byte, 100)
			if n, err := c.Read(buf); err != nil || string(buf[:n]) != "to myself" {
				t.Errorf("%s: %q, %v", address, buf[:n], err)
			}
			return nil
		}
		for _, address := range []string{"server:80", "10.0.0.2:80", "localhost:80", "127.0.0.1:80", ":80"} {
			if err := dial(nw.Server, address); err != nil {
				t.Errorf("%s: %v", address, err)
			}
		}
		if err := dial(nw.Client, "server:80"); err != nil {
			t.Errorf("from the other host: %v", err)
		}
		at := nw.Now()
		for _, address := range []string{"localhost:80", "127.0.0.1:80", ":80", "client:80"} {
			if err := dial(nw.Client, address); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("the client, where nobody listens: %s: %v", address, err)
			}
		}
		if took := nw.Now() - at; took > time.Millisecond {
			t.Errorf("it took %v to be refused by oneself", took)
		}
		own, err := nw.Client.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go echo(own)
		if err := dial(nw.Client, own.Addr().String()); err != nil {
			t.Errorf("a listener at 127.0.0.1: %v", err)
		}
		if err := nw.Server.Kill(); err != nil {
			t.Error(err)
		}
		if err := dial(nw.Server, "localhost:80"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("after kill -9: %v", err)
		}
		own.Close()
	})
}

// Without a word about the link it has a latency, so that an exchange without
// an end gets to its deadline.
func TestTheZeroConfigHasALatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nw := simtest.New(t, simtest.Config{})
		c, s := pair(t, nw)
		c.SetDeadline(time.Now().Add(time.Second))
		go io.Copy(s, s)
		c.Write(make([]byte, 1000))
		at := nw.Now()
		if _, err := io.Copy(c, c); err == nil {
			t.Error("the exchange ended without an error")
		}
		if took := nw.Now() - at; took != time.Second {
			t.Errorf("it took %v, want 1s", took)
		}
	})
}
