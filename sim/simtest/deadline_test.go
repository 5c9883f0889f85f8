package simtest_test

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/simtest"
)

func TestEndOfStreamIsPlainEOF(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		c, s := pair(t, nw)
		s.Close()
		if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("%d, %v, want io.EOF itself", n, err)
		}
	})
}

// A deadline that has passed holds until it is moved, and what arrives in the
// meantime is not lost.
func TestADeadlineCanBeMoved(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		c, s := pair(t, nw)
		buf := make([]byte, 10)
		time.AfterFunc(time.Second, func() { c.SetReadDeadline(time.Unix(1, 0)) })
		if _, err := c.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a read that goes on: %v", err)
		}
		s.Write([]byte("late"))
		time.Sleep(time.Second)
		if _, err := c.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("with data there: %v", err)
		}
		c.SetReadDeadline(time.Time{})
		if n, err := c.Read(buf); err != nil || string(buf[:n]) != "late" {
			t.Errorf("%q, %v", buf[:n], err)
		}
	})
}

// With a positive linger time, close waits for what it sent to be
// acknowledged, and not longer than that time.
func TestCloseLingers(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		c, s := pair(t, nw)
		c.SetLinger(5)
		s.SetLinger(5)
		at := nw.Now()
		s.Write([]byte("x"))
		s.Close()
		if got := nw.Now() - at; got != 20*time.Millisecond {
			t.Errorf("close waited %v, want one round trip", got)
		}
		c.Read(make([]byte, 1))
		nw.Server.Unplug()
		at = nw.Now()
		c.Close()
		if got := nw.Now() - at; got != 5*time.Second {
			t.Errorf("close waited %v, want 5s", got)
		}
	})
}

func TestWriteBlocksWhileBuffersAreFull(t *testing.T) {
	bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
		c, s := pair(t, nw)
		const size = 20 << 20
		go func() {
			time.Sleep(10 * time.Second)
			n, err := io.Copy(io.Discard, s)
			if n != size || err != nil {
				t.Errorf("read %d, %v", n, err)
			}
			s.Close()
		}()
		if n, err := c.Write(make([]byte, size)); n != size || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
		if nw.Now() < 10*time.Second {
			t.Errorf("everything was written at %v, before anybody read", nw.Now())
		}
		c.Close()
		time.Sleep(time.Minute)
	})
}
