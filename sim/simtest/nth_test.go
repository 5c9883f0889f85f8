package simtest_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simtest"
)

// Each ending bears the name of the scenario of the catalogue that shows it.
func TestEndingsHaveTheNamesOfScenarios(t *testing.T) {
	names := map[string]bool{}
	for _, f := range scenarios.Catalogue() {
		names[f.Name] = true
	}
	for _, e := range simtest.All {
		if !names[string(e)] {
			t.Errorf("no scenario is named %s", e)
		}
	}
}

// Of three connections the second is ended, and the others go on.
func TestEveryEndingOfTheNthConnection(t *testing.T) {
	config := simtest.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)}
	e := simtest.Endings{
		Config: config, Nth: 2, After: []int{2},
		Endings: []simtest.Ending{simtest.FIN, simtest.Reset, simtest.HalfClose, simtest.Silence},
	}
	simtest.EveryEnding(t, e, func(t *testing.T, nw *simtest.Network) {
		l, err := nw.Server.Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					c.SetDeadline(time.Now().Add(time.Minute))
					io.WriteString(c, "1234")
					io.Copy(io.Discard, c)
				}()
			}
		}()
		undisturbed := strings.HasSuffix(t.Name(), "undisturbed")
		for n := 1; n <= 3; n++ {
			c, err := nw.Client.Dial("tcp", "server:80")
			if err != nil {
				t.Fatal(err)
			}
			c.SetDeadline(time.Now().Add(10 * time.Second))
			buf := make([]byte, 4)
			got, err := io.ReadFull(c, buf)
			c.Close()
			if whole := undisturbed || n != 2; whole != (err == nil) || got != 4 && got > 2 {
				t.Errorf("connection %d gave %d bytes and %v", n, got, err)
			}
		}
	})
}

// kill -9 ends everything that the program has open, and what comes after it
// can listen at once.
func TestKillEndsEverythingOfTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nw := simtest.New(t, simtest.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)})
		c, s := pair(t, nw)
		waiting, err := nw.Server.Listen("tcp", ":81")
		if err != nil {
			t.Fatal(err)
		}
		accepted, dialed := make(chan error), make(chan error)
		go func() {
			_, err := waiting.Accept()
			accepted <- err
		}()
		go func() {
			_, err := nw.Server.Dial("tcp", "10.0.0.99:1") // nobody is there
			dialed <- err
		}()
		time.Sleep(time.Second)
		if err := nw.Server.Kill(); err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]error{"Accept": <-accepted, "Dial": <-dialed} {
			if !errors.Is(got, net.ErrClosed) {
				t.Errorf("%s ended with %v", name, got)
			}
		}
		if _, err := s.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write of the dead gave %v", err)
		}
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the peer read %v, want EOF: nothing was unread", err)
		}
		l, err := nw.Server.Listen("tcp", ":81")
		if err != nil {
			t.Fatalf("the next program cannot listen: %v", err)
		}
		go func() {
			if c, err := l.Accept(); err == nil {
				c.Close()
			}
		}()
		if _, err := nw.Client.Dial("tcp", "server:81"); err != nil {
			t.Error(err)
		}
		nw.Server.Crash()
		if err := nw.Server.Kill(); err == nil {
			t.Error("a program was killed on a machine that is down")
		}
	})
}
