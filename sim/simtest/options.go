package simtest

import (
	"net"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// option is a socket option and what it is set to.
type option struct {
	name  string
	value stack.Value
}

func onOff(name string, on bool) option {
	o := option{name: name}
	if on {
		o.value.Int = 1
	}
	return o
}

// seconds rounds up, as package net does.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// The limits of the kernel (Linux: do_tcp_setsockopt, MAX_TCP_KEEPIDLE and its
// like).
var limits = map[string]int{"TCP_KEEPIDLE": 32767, "TCP_KEEPINTVL": 32767, "TCP_KEEPCNT": 127}

// fits reports whether the kernel takes the value.
func (o option) fits() bool {
	limit, limited := limits[o.name]
	return !limited || 1 <= o.value.Int && o.value.Int <= limit
}

// usualKeepAlive is what package net takes for a time that is zero.
const usualKeepAlive = 15 * time.Second

// after is an option that is a time, of which there is none for a negative one.
func after(name string, d time.Duration) []option {
	if d == 0 {
		d = usualKeepAlive
	}
	if d < 0 {
		return nil
	}
	return []option{{name, stack.Value{Int: seconds(d)}}}
}

func keepIdle(d time.Duration) []option { return after("TCP_KEEPIDLE", d) }

// keepAlive gives the options behind a net.KeepAliveConfig: 15 s, 15 s and 9
// probes where it says zero, and no change where it is negative.
func keepAlive(k net.KeepAliveConfig) []option {
	options := []option{onOff("SO_KEEPALIVE", k.Enable)}
	if !k.Enable {
		return options
	}
	options = append(options, keepIdle(k.Idle)...)
	options = append(options, after("TCP_KEEPINTVL", k.Interval)...)
	if k.Count == 0 {
		k.Count = 9
	}
	if k.Count > 0 {
		options = append(options, option{"TCP_KEEPCNT", stack.Value{Int: k.Count}})
	}
	return options
}

func setKeepAlive(s *stack.Socket, k net.KeepAliveConfig) {
	for _, o := range keepAlive(k) {
		s.SetOption(o.name, o.value)
	}
}
