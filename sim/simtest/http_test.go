package simtest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simtest"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// web starts an unmodified server and gives an unmodified client.
func web(t *testing.T, nw *simtest.Network, h http.Handler) *http.Client {
	t.Helper()
	l, err := nw.Server.Listen("tcp", ":80")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(l)
	transport := &http.Transport{DialContext: nw.Client.DialContext}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return &http.Client{Transport: transport}
}

// routes is a server with a fast page, a slow page and a large one.
func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(5 * time.Second):
			io.WriteString(w, "slow")
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Write(bytes.Repeat([]byte("large "), 200_000/6))
	})
	return mux
}

// session is an exchange with keep-alive, a slow handler, large bodies, a
// timeout and four requests at once.
func session(t *testing.T, nw *simtest.Network) {
	client := web(t, nw, routes())
	get := func(path string, body []byte, limit time.Duration) (int, error) {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, "POST", "http://server"+path, bytes.NewReader(body))
		resp, err := client.Do(r)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		return len(got), err
	}
	for _, step := range []struct {
		path  string
		body  int
		limit time.Duration
		want  int
		late  bool
	}{
		{"/echo", 5, time.Minute, 5, false},
		{"/slow", 0, time.Minute, 4, false},
		{"/large", 200_000, time.Minute, 199_998, false},
		{"/slow", 0, 2 * time.Second, 0, true},
		{"/echo", 200_000, time.Minute, 200_000, false},
	} {
		n, err := get(step.path, make([]byte, step.body), step.limit)
		if n != step.want || errors.Is(err, context.DeadlineExceeded) != step.late || err != nil && !step.late {
			t.Errorf("%s: %d bytes, %v", step.path, n, err)
		}
		time.Sleep(3 * time.Second)
	}
}

// sums are hashes over every byte of every packet with its instants, and over
// the whole record with calls and states.
func sums(tr *trace.Trace) [2]uint64 {
	frames, all := fnv.New64a(), fnv.New64a()
	for _, s := range tr.Segments {
		fmt.Fprintln(frames, s.From, s.SentAt, s.ReceivedAt, s.Lost)
		frames.Write(s.Frame)
	}
	tr.WriteText(all, trace.Style{})
	return [2]uint64{frames.Sum64(), all.Sum64()}
}

// same runs f many times at several GOMAXPROCS and wants one record.
func same(t *testing.T, runs int, c simtest.Config, f func(*testing.T, *simtest.Network)) {
	if testing.Short() {
		runs = 3
	}
	var first [2]uint64
	for _, procs := range []int{1, 2, 4} {
		prev := runtime.GOMAXPROCS(procs)
		for i := range runs {
			var tr *trace.Trace
			synctest.Test(t, func(t *testing.T) {
				nw := simtest.New(t, c)
				f(t, nw)
				tr = nw.Trace()
			})
			switch got := sums(tr); {
			case first == [2]uint64{}:
				first = got
			case got != first:
				t.Errorf("run %d at GOMAXPROCS %d: packets and record %x, want %x", i, procs, got, first)
			}
		}
		runtime.GOMAXPROCS(prev)
	}
}

func TestHTTPIsTheSameInEveryRun(t *testing.T) {
	for name, l := range map[string]link.Config{
		"clean": link.Symmetric(10*time.Millisecond, 0),
		"lossy": link.Symmetric(10*time.Millisecond, 0.02),
	} {
		t.Run(name, func(t *testing.T) {
			runs := 50
			if name == "lossy" {
				runs = 10
			}
			same(t, runs, simtest.Config{Seed: 7, Link: l}, session)
		})
	}
}
