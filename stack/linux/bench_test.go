package linux_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/stack/linux"
)

// BenchmarkUnreadData is a whole run: a machine is booted, two hosts and two
// processes are made, the exchange of unread-data takes 21 s of virtual time.
func BenchmarkUnreadData(b *testing.B) {
	spent := time.Duration(0)
	for range b.N {
		l := boot(b, 1)
		unread(l)
		spent += cpu(b)
		l.m.Close()
	}
	report(b, spent)
}

// BenchmarkTwoHoursOfKeepalive is two idle hours and the probes after them.
func BenchmarkTwoHoursOfKeepalive(b *testing.B) {
	spent := time.Duration(0)
	for range b.N {
		l := boot(b, 1)
		client, _ := l.connected()
		l.ok(client, linux.SetsockoptInt(3, 1, 9, 1)) // SO_KEEPALIVE
		l.until(l.m.Now() + 2*time.Hour + time.Minute)
		spent += cpu(b)
		l.m.Close()
	}
	report(b, spent)
}

// cpu is the processor time of the machine so far: of the kernel and of the
// processes that its programs run in.
func cpu(b *testing.B) (sum time.Duration) {
	b.Helper()
	for _, pid := range started(b) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
		if err != nil {
			b.Fatal(err)
		}
		var ns int64
		if _, err := fmt.Sscan(string(text), &ns); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(ns)
	}
	return sum
}

func report(b *testing.B, spent time.Duration) {
	b.Helper()
	b.ReportMetric(float64(spent.Microseconds())/1000/float64(b.N), "kernel-cpu-ms/op")
}
