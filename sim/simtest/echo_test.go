package simtest_test

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simtest"
)

// bubble runs f on a network with 10 ms of latency.
func bubble(t *testing.T, c simtest.Config, f func(t *testing.T, nw *simtest.Network)) {
	t.Helper()
	if c.Seed == 0 {
		c.Seed = 1
	}
	if c.Link.From[0].Latency == 0 {
		c.Link = link.Symmetric(10*time.Millisecond, 0)
	}
	synctest.Test(t, func(t *testing.T) { f(t, simtest.New(t, c)) })
}

func TestEcho(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		l, err := nw.Server.Listen("tcp", ":7")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := l.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			io.Copy(c, c)
			c.Close()
		}()
		c, err := nw.Client.Dial("tcp", "server:7")
		if err != nil {
			t.Fatal(err)
		}
		if got := nw.Now(); got != 20*time.Millisecond {
			t.Errorf("connected after %v, want one round trip, 20ms", got)
		}
		if _, err := c.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		c.(*simtest.Conn).CloseWrite()
		got, err := io.ReadAll(c)
		if err != nil || string(got) != "hello" {
			t.Errorf("read %q, %v", got, err)
		}
		if got := nw.Now(); got != 40*time.Millisecond {
			t.Errorf("answered at %v, want 40ms", got)
		}
		c.Close()
		l.Close()
	})
}
