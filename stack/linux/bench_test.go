package linux_test

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/stack/linux"
)

// BenchmarkUnreadData is a whole run: a machine is booted, two hosts and two
// processes are made, the exchange of unread-data takes 21 s of virtual time.
func BenchmarkUnreadData(b *testing.B) {
	for range b.N {
		l := boot(b, 1)
		unread(l)
		l.m.Close()
	}
}

// BenchmarkTwoHoursOfKeepalive is two idle hours and the probes after them.
func BenchmarkTwoHoursOfKeepalive(b *testing.B) {
	for range b.N {
		l := boot(b, 1)
		client, _ := l.connected()
		l.ok(client, linux.SetsockoptInt(3, 1, 9, 1)) // SO_KEEPALIVE
		l.until(l.m.Now() + 2*time.Hour + time.Minute)
		l.m.Close()
	}
}
