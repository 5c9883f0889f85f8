package simtest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simtest"
)

// A server answers 413 as soon as it has seen the header, and closes, while
// the client still sends its body. Package net/http waits half a second before
// it closes over unread data, so that the answer gets through before the RST.
// That is enough where the answer arrives at once, and where it is lost and
// the way is short: it is sent again in time. On a long way it is not, and the
// client never learns why it was cut off. A server that reads the body to its
// end has no such limit.
func TestEarly413(t *testing.T) {
	for _, test := range []struct {
		latency time.Duration
		lost    bool // the first segment of the answer is
		drain   bool // the server reads the body
		reset   bool // what the client sees instead of 413
	}{
		{latency: 0},
		{latency: 20 * time.Millisecond},
		{latency: 400 * time.Millisecond},
		{latency: 20 * time.Millisecond, lost: true},
		{latency: 100 * time.Millisecond, lost: true, reset: true},
		{latency: 400 * time.Millisecond, lost: true, reset: true},
		{latency: 20 * time.Millisecond, drain: true},
		{latency: 400 * time.Millisecond, drain: true},
		{latency: 400 * time.Millisecond, drain: true, lost: true},
	} {
		name := fmt.Sprintf("latency=%v,lost=%v,drain=%v", test.latency, test.lost, test.drain)
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := simtest.Config{Seed: 1, Link: link.Symmetric(test.latency, 0)}
				if test.lost {
					rule, _ := link.ParseRule("server:DATA:1")
					c.Link.Drop = []link.Rule{rule}
				}
				nw := simtest.New(t, c)
				client := web(t, nw, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if test.drain {
						io.Copy(io.Discard, r.Body)
					}
					w.Header().Set("Connection", "close")
					w.WriteHeader(http.StatusRequestEntityTooLarge)
				}))
				client.Timeout = time.Minute
				resp, err := client.Post("http://server/", "text/plain", strings.NewReader(strings.Repeat("x", 1<<20)))
				switch {
				case test.reset:
					if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
						t.Errorf("%v, %v, want a reset", resp, err)
					}
				case err != nil:
					t.Errorf("%v, want the answer 413", err)
				case resp.StatusCode != http.StatusRequestEntityTooLarge:
					t.Errorf("%s, want 413", resp.Status)
				}
			})
		})
	}
}
