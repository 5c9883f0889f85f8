package simtest_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simtest"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// An http.Client never takes half an answer for a whole one, however the
// server's end of the connection goes away, and never outlasts its timeout.
func TestHTTPClientSurvivesEveryEnding(t *testing.T) {
	page := bytes.Repeat([]byte("page "), 1000)
	config := simtest.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)}
	simtest.EveryEnding(t, simtest.Endings{Config: config, Points: 5}, func(t *testing.T, nw *simtest.Network) {
		client := web(t, nw, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(page) }))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, "GET", "http://server/", nil)
		resp, err := client.Do(r)
		if err == nil {
			var got []byte
			got, err = io.ReadAll(resp.Body)
			resp.Body.Close()
			if err == nil && !bytes.Equal(got, page) {
				t.Errorf("%d bytes of %d, and no error", len(got), len(page))
			}
		}
		if strings.HasSuffix(t.Name(), "undisturbed") && err != nil {
			t.Error(err)
		}
		if nw.Now() > 31*time.Second {
			t.Errorf("the client came back after %v", nw.Now())
		}
	})
}

// Each ending does to the wire, and to the peer that reads, what its name says.
func TestEndingsAreWhatTheyAreCalled(t *testing.T) {
	config := simtest.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)}
	want := map[simtest.Ending]struct{ result, cause string }{
		simtest.FIN:        {"EOF", ""},
		simtest.Reset:      {"connection reset by peer", "linger-zero"},
		simtest.UnreadData: {"connection reset by peer", "unread-data"},
		simtest.HalfClose:  {"EOF", ""},
		simtest.Silence:    {"i/o timeout", ""},
		simtest.Reboot:     {"connection reset by peer", "host-rebooted"},
		simtest.Timeout:    {"connection timed out", ""},
		simtest.Middlebox:  {"connection reset by peer", "forged"},
		simtest.Kill:       {"EOF", ""},
		simtest.Crash:      {"connection timed out", ""},
	}
	var mu sync.Mutex
	tried := map[string]bool{}
	simtest.EveryEnding(t, simtest.Endings{Config: config, After: []int{0, 3, 10}}, func(t *testing.T, nw *simtest.Network) {
		l, err := nw.Server.Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			io.WriteString(c, "0123456789")
			if strings.HasSuffix(t.Name(), "undisturbed") {
				return
			}
			io.Copy(io.Discard, c)
		}()
		c, err := nw.Client.Dial("tcp", "server:80")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		result := hear(c)
		_, name, _ := strings.Cut(t.Name(), "/")
		name, _, _ = strings.Cut(name, "/")
		mu.Lock()
		tried[name] = true
		mu.Unlock()
		if name == "undisturbed" {
			return
		}
		ending := simtest.Ending(name)
		w := want[ending]
		if strings.Contains(t.Name(), "after_0_") && (ending == simtest.Reboot || ending == simtest.UnreadData || ending == simtest.Middlebox) {
			return // the client says nothing first, so that nothing is reset
		}
		if strings.Contains(t.Name(), "after_0_") && (ending == simtest.Timeout || ending == simtest.Crash) {
			w.cause = "keepalive-timeout" // it only waits, and has nothing to retransmit
		}
		if result != w.result {
			t.Errorf("the client's calls ended with %q, want %q", result, w.result)
		}
		if got := cause(nw.Trace()); got != w.cause {
			t.Errorf("the first reset has the cause %q, want %q", got, w.cause)
		}
	})
	for _, e := range simtest.All {
		if !tried[string(e)] {
			t.Errorf("%s was not tried", e)
		}
	}
}

// A reader that asks for a length gets all of it or an error, whichever side
// ends the connection, and after whichever byte.
func TestEveryByteBoundary(t *testing.T) {
	config := simtest.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)}
	for _, side := range []string{"server", "client"} {
		e := simtest.Endings{Config: config, Points: -1, Client: side == "client"}
		t.Run(side, func(t *testing.T) { simtest.EveryEnding(t, e, exchange) })
	}
}

// exchange is five bytes in each direction.
func exchange(t *testing.T, nw *simtest.Network) {
	undisturbed := strings.HasSuffix(t.Name(), "undisturbed")
	talk := func(c net.Conn, name string) {
		defer c.Close()
		c.SetDeadline(time.Now().Add(time.Minute))
		c.Write([]byte("12345"))
		buf := make([]byte, 5)
		n, err := io.ReadFull(c, buf)
		if err == nil && string(buf) != "12345" || undisturbed && err != nil {
			t.Errorf("%s: %q, %v", name, buf[:n], err)
		}
	}
	l, err := nw.Server.Listen("tcp", ":80")
	if err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	both.Go(func() {
		if c, err := l.Accept(); err == nil {
			talk(c, "server")
		}
	})
	c, err := nw.Client.Dial("tcp", "server:80")
	switch {
	case err == nil:
		talk(c, "client")
	case undisturbed:
		t.Error(err)
	}
	l.Close()
	both.Wait()
}

// hear reads, and says something after each read for the peer to answer, until
// one of the two fails. It returns the error in short.
func hear(c net.Conn) string {
	c.SetReadDeadline(time.Now().Add(time.Hour))
	buf := make([]byte, 100)
	for {
		_, err := c.Read(buf)
		if err == nil {
			time.Sleep(500 * time.Millisecond)
			_, err = c.Write([]byte("more"))
		}
		if err != nil {
			parts := strings.Split(err.Error(), ": ")
			return parts[len(parts)-1]
		}
	}
}

// cause is why the first RST was sent, empty without one.
func cause(tr *trace.Trace) string {
	for _, s := range tr.Segments {
		if s.Flags.Has(wire.RST) {
			return s.Cause.ID
		}
	}
	return ""
}
