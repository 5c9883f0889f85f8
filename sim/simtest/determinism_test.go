package simtest_test

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simtest"
)

// echo answers on every connection in a goroutine of its own.
func echo(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			io.Copy(c, c)
		}()
	}
}

// Goroutines that wake at one instant and use connections of their own leave
// one record, in whatever order the scheduler lets them run.
func TestRacingConnectionsAreTheSameInEveryRun(t *testing.T) {
	c := simtest.Config{Seed: 3, Link: link.Symmetric(5*time.Millisecond, 0.05)}
	same(t, 20, c, func(t *testing.T, nw *simtest.Network) {
		l, err := nw.Server.Listen("tcp", ":7")
		if err != nil {
			t.Fatal(err)
		}
		go echo(l)
		var all sync.WaitGroup
		for i := range 8 {
			c, err := nw.Client.Dial("tcp", "server:7") // one after the other
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				defer c.Close()
				for round := range 5 {
					time.Sleep(time.Until(time.Date(2000, 1, 1, 0, 1, round, 0, time.UTC)))
					fmt.Fprintf(c, "goroutine %d, round %d", i, round)
					if n, err := c.Read(make([]byte, 100)); n == 0 || err != nil {
						t.Errorf("%d, %v", n, err)
					}
				}
			})
		}
		all.Wait()
		l.Close()
	})
}

// Goroutines that dial one address at one instant get their ports by chance.
// What is on the link does not depend on it as long as they all do the same.
func TestRacingDialsAreTheSameOnTheLink(t *testing.T) {
	c := simtest.Config{Seed: 3, Link: link.Symmetric(5*time.Millisecond, 0)}
	same(t, 20, c, func(t *testing.T, nw *simtest.Network) {
		l, err := nw.Server.Listen("tcp", ":7")
		if err != nil {
			t.Fatal(err)
		}
		go echo(l)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				c, err := nw.Client.Dial("tcp", "server:7")
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				io.WriteString(c, "the same from everybody")
				c.Read(make([]byte, 100))
			})
		}
		all.Wait()
		l.Close()
	})
}

// A program may write and close under a lock that others wait for. Somebody
// who waits for a lock keeps a bubble from resting, so neither may wait for
// that.
func TestWriteAndCloseUnderALock(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		c, s := pair(t, nw)
		go io.Copy(io.Discard, s)
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 100 {
					mu.Lock()
					c.Write([]byte("x"))
					c.SetDeadline(time.Now().Add(time.Hour))
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for range 4 {
			all.Go(func() {
				mu.Lock()
				defer mu.Unlock()
				c.CloseWrite()
				c.Close()
			})
		}
		all.Wait()
		s.Close()
	})
}
