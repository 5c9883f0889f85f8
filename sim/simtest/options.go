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

func flag(name string, on bool) option {
	o := option{name: name}
	if on {
		o.value.Int = 1
	}
	return o
}

// seconds rounds up, as package net does.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// keepAlive gives the options behind a net.KeepAliveConfig: 15 s, 15 s and 9
// probes where it says zero, and no change where it is negative.
func keepAlive(k net.KeepAliveConfig) []option {
	options := []option{flag("SO_KEEPALIVE", k.Enable)}
	if !k.Enable {
		return options
	}
	const usual = 15 * time.Second
	for _, o := range []struct {
		name  string
		value time.Duration
	}{{"TCP_KEEPIDLE", k.Idle}, {"TCP_KEEPINTVL", k.Interval}} {
		if o.value == 0 {
			o.value = usual
		}
		if o.value > 0 {
			options = append(options, option{o.name, stack.Value{Int: seconds(o.value)}})
		}
	}
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
