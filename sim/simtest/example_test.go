package simtest_test

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simtest"
)

// serve answers each connection with what it gets.
func serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			io.Copy(c, c)
			c.Close()
		}()
	}
}

// Code that was written for real sockets runs over two simulated hosts, in
// virtual time.
func ExampleNew() {
	var t *testing.T // of the test

	synctest.Test(t, func(t *testing.T) {
		nw := simtest.New(t, simtest.Config{Seed: 1, Link: link.Symmetric(20*time.Millisecond, 0.01)})
		l, err := nw.Server.Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		go serve(l)
		c, err := nw.Client.Dial("tcp", "server:80")
		if err != nil {
			t.Fatal(err)
		}
		nw.Server.Unplug()
		c.SetReadDeadline(time.Now().Add(30 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("there is an answer from a server without a cable")
		}
	})
}

// A client is tried with every way in which a connection can end, at several
// places.
func ExampleEveryEnding() {
	var t *testing.T // of the test

	simtest.EveryEnding(t, simtest.Endings{Config: simtest.Config{Seed: 1}}, func(t *testing.T, nw *simtest.Network) {
		l, err := nw.Server.Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		go serve(l)
		c, err := nw.Client.Dial("tcp", "server:80")
		if err != nil {
			return // before it has begun
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(time.Minute))
		c.Write([]byte("hello"))
		answer := make([]byte, 5)
		if n, err := io.ReadFull(c, answer); err == nil && string(answer[:n]) != "hello" {
			t.Errorf("the answer is %q", answer[:n])
		}
	})
}

// A test ends one connection, where it matters to it.
func ExampleConn_End() {
	var t *testing.T // of the test

	synctest.Test(t, func(t *testing.T) {
		nw := simtest.New(t, simtest.Config{})
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
		s.(*simtest.Conn).End(simtest.Reset)
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v", err)
		}
	})
}
