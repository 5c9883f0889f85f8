package simtest_test

import (
	"net"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simtest"
	"golang.org/x/net/nettest"
)

// The suite that golang.org/x/net has for everything that calls itself a
// net.Conn. It runs each of its tests as a subtest, which a test in a bubble
// may not: so the bubble gets tests of its own, which do not know that they are
// in one.
func TestNettest(t *testing.T) {
	for name, c := range map[string]simtest.Config{
		"usual":  {},
		"remote": {Link: link.Symmetric(20*time.Millisecond, 0)},
	} {
		if testing.Short() && name == "usual" {
			continue // without a limit on its rate it moves a great deal within a deadline
		}
		synctest.Test(t, func(t *testing.T) {
			nw := simtest.New(t, c)
			l, err := nw.Server.Listen("tcp", ":80")
			if err != nil {
				t.Fatal(err)
			}
			pipe := func() (a, b net.Conn, stop func(), err error) {
				if a, err = nw.Client.Dial("tcp", "server:80"); err != nil {
					return
				}
				b, err = l.Accept()
				return a, b, func() { a.Close(); b.Close() }, err
			}
			procs := runtime.GOMAXPROCS(0)
			defer runtime.GOMAXPROCS(procs) // RunTests leaves it as -cpu says
			var ran int
			every := func(_, _ string) (bool, error) { return true, nil }
			ok := testing.RunTests(every, []testing.InternalTest{{Name: t.Name() + "/" + name, F: func(t *testing.T) {
				nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
					ran++
					return pipe()
				})
			}}})
			if !ok || ran < 11 {
				t.Errorf("%s: %d connections were tested; ok: %t", name, ran, ok)
			}
		})
	}
}
