package stack

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	netstack "gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// Setting is one host-wide knob under the name of Linux's sysctl, without the
// prefix net.ipv4.
type Setting struct{ Name, Value string }

// SettingDoc describes a setting for people.
type SettingDoc struct{ Name, Allowed, Doc string }

// setting ties a name to what it does. parse checks the value without a host.
type setting struct {
	SettingDoc
	parse func(value string) (apply func(*Host) tcpip.Error, err error)
}

// Settings lists what Set takes, in the order of the documentation.
func Settings() []SettingDoc {
	docs := make([]SettingDoc, len(settings))
	for i, s := range settings {
		docs[i] = s.SettingDoc
	}
	return docs
}

// SettingError says that there is no such setting, or that it does not take a
// value.
type SettingError struct {
	Name, Value string
	Allowed     string // what the value may be; empty when there is no such setting
}

// Error names what is allowed.
func (e *SettingError) Error() string {
	if e.Allowed != "" {
		return fmt.Sprintf("setting %s = %q: want %s", e.Name, e.Value, e.Allowed)
	}
	names := make([]string, len(settings))
	for i, s := range settings {
		names[i] = s.Name
	}
	return fmt.Sprintf("no setting %q: there are %s", e.Name, strings.Join(names, ", "))
}

// CheckSetting reports whether Set would take the setting. The error, a
// *SettingError, names what is allowed.
func CheckSetting(name, value string) error {
	_, err := parseSetting(name, value)
	return err
}

// Set changes a host-wide setting. It concerns sockets created from then on,
// as it does in gVisor. An unknown name and a value out of range are errors
// that say what is allowed.
func (h *Host) Set(name, value string) error {
	apply, err := parseSetting(name, value)
	if err != nil {
		return err
	}
	if err := apply(h); err != nil {
		return fmt.Errorf("setting %s = %s: %s", name, value, err)
	}
	return nil
}

func parseSetting(name, value string) (func(*Host) tcpip.Error, error) {
	name = strings.TrimPrefix(name, "net.ipv4.")
	for _, s := range settings {
		if s.Name != name {
			continue
		}
		apply, err := s.parse(value)
		if err != nil {
			return nil, &SettingError{name, value, s.Allowed}
		}
		return apply, nil
	}
	return nil, &SettingError{Name: name, Value: value}
}

// defaultSettings bring gVisor to what a Linux host starts with where its own
// default differs, and RACK to off: with equal transmit times, which only
// virtual time has, this version of it orders segments backwards and
// retransmits what was never lost.
func defaultSettings() []Setting {
	return []Setting{
		{"tcp_nagle", "1"},
		{"tcp_recovery", "0"},
	}
}

var settings = []setting{
	{
		SettingDoc{"tcp_retries2", "1 to 255", "retransmissions of one segment before the connection is given up; it stands for the time that so many take when the first timeout is 200ms (15, which is 924.6 s)"},
		integer(1, maxRetries, func(h *Host, v int) tcpip.Error {
			h.defaults.retries2 = v
			return h.countRetries()
		}),
	},
	{
		SettingDoc{"tcp_syn_retries", "1 to 6", "retransmissions of a SYN before connect gives up (6)"},
		integer(1, maxSynRetries, func(h *Host, v int) tcpip.Error {
			h.defaults.synRetries = v
			o := tcpip.TCPSynRetriesOption(v)
			return h.setTCP(&o)
		}),
	},
	{
		SettingDoc{"tcp_synack_retries", "0 to 6", "retransmissions of a SYN,ACK before a connection in SYN_RECEIVED is forgotten (5)"},
		integer(0, maxSynAckRetries, func(h *Host, v int) tcpip.Error {
			h.defaults.synAckRetries = v
			return nil
		}),
	},
	{
		SettingDoc{"tcp_fin_timeout", "seconds, 1 to 120", "how long an orphan stays in FIN_WAIT_2 (60)"},
		integer(1, 120, func(h *Host, v int) tcpip.Error {
			o := tcpip.TCPLingerTimeoutOption(time.Duration(v) * time.Second)
			return h.setTCP(&o)
		}),
	},
	{
		SettingDoc{"tcp_tw_timeout", "a duration, 0s to 10m", "length of TIME_WAIT (60s; a constant in mainline Linux)"},
		duration(0, 10*time.Minute, func(h *Host, v time.Duration) tcpip.Error {
			o := tcpip.TCPTimeWaitTimeoutOption(v)
			return h.setTCP(&o)
		}),
	},
	{
		SettingDoc{"tcp_tw_reuse", "0, 1 or 2", "reuse of a port in TIME_WAIT for a new outgoing connection: never, always, loopback only (2)"},
		integer(0, 2, func(h *Host, v int) tcpip.Error {
			o := tcpip.TCPTimeWaitReuseOption(v)
			return h.setTCP(&o)
		}),
	},
	{
		SettingDoc{"tcp_sack", "0 or 1", "selective acknowledgements (1)"},
		boolean(func(h *Host, v bool) tcpip.Error {
			o := tcpip.TCPSACKEnabled(v)
			return h.setTCP(&o)
		}),
	},
	{
		SettingDoc{"tcp_recovery", "0 or 1", "RACK loss detection (0; Linux has 1)"},
		boolean(func(h *Host, v bool) tcpip.Error {
			var o tcpip.TCPRecovery
			if v {
				o = tcpip.TCPRACKLossDetection
			}
			if err := h.setTCP(&o); err != nil {
				return err
			}
			h.defaults.rack = v
			return h.countRetries()
		}),
	},
	{
		SettingDoc{"tcp_nagle", "0 or 1", "Nagle's algorithm for sockets without TCP_NODELAY (1; not a sysctl of Linux)"},
		boolean(func(h *Host, v bool) tcpip.Error {
			o := tcpip.TCPDelayEnabled(v)
			return h.setTCP(&o)
		}),
	},
	{
		SettingDoc{"tcp_rmem", "three byte counts, 4096 <= min <= default <= max", "receive buffer (4096 1048576 4194304)"},
		triple(func(h *Host, min, def, max int) tcpip.Error {
			return h.setTCP(&tcpip.TCPReceiveBufferSizeRangeOption{Min: min, Default: def, Max: max})
		}),
	},
	{
		SettingDoc{"tcp_wmem", "three byte counts, 4096 <= min <= default <= max", "send buffer (4096 1048576 4194304)"},
		triple(func(h *Host, min, def, max int) tcpip.Error {
			return h.setTCP(&tcpip.TCPSendBufferSizeRangeOption{Min: min, Default: def, Max: max})
		}),
	},
	{
		SettingDoc{"tcp_moderate_rcvbuf", "0 or 1", "automatic growth of the receive buffer (1)"},
		boolean(func(h *Host, v bool) tcpip.Error {
			o := tcpip.TCPModerateReceiveBufferOption(v)
			return h.setTCP(&o)
		}),
	},
	{
		SettingDoc{"tcp_congestion_control", "reno or cubic", "congestion control (reno)"},
		func(v string) (func(*Host) tcpip.Error, error) {
			if v != "reno" && v != "cubic" {
				return nil, strconv.ErrSyntax
			}
			return func(h *Host) tcpip.Error {
				o := tcpip.CongestionControlOption(v)
				return h.setTCP(&o)
			}, nil
		},
	},
	{
		SettingDoc{"tcp_rto_min", "a duration, 1ms to 120s", "minimum retransmission timeout (200ms); at most tcp_rto_max"},
		duration(time.Millisecond, tcp.MaxRTO, func(h *Host, v time.Duration) tcpip.Error {
			o := tcpip.TCPMinRTOOption(v)
			if err := h.setTCP(&o); err != nil {
				return err
			}
			h.defaults.minRTO = v
			return h.countRetries()
		}),
	},
	{
		SettingDoc{"tcp_rto_max", "a duration, 1ms to 120s", "maximum retransmission timeout (120s); at least tcp_rto_min"},
		duration(time.Millisecond, tcp.MaxRTO, func(h *Host, v time.Duration) tcpip.Error {
			o := tcpip.TCPMaxRTOOption(v)
			if err := h.setTCP(&o); err != nil {
				return err
			}
			h.defaults.maxRTO = v
			return h.countRetries()
		}),
	},
	{
		SettingDoc{"tcp_syncookies", "1 or 2", "SYN cookies: when the SYN queue is full, or always (1; gVisor has no never)"},
		integer(1, 2, func(h *Host, v int) tcpip.Error {
			o := tcpip.TCPAlwaysUseSynCookies(v == 2)
			return h.setTCP(&o)
		}),
	},
	{
		SettingDoc{"tcp_invalid_ratelimit", "milliseconds, 0 to 60000", "shortest time between two challenge ACKs of a connection (500)"},
		integer(0, 60000, func(h *Host, v int) tcpip.Error {
			return h.ns.SetOption(netstack.TCPInvalidRateLimitOption(time.Duration(v) * time.Millisecond))
		}),
	},
	{
		SettingDoc{"ip_local_port_range", "two ports, 1 <= low <= high <= 65535", "ephemeral ports (16000 65535)"},
		func(v string) (func(*Host) tcpip.Error, error) {
			n, err := numbers(v, 2, 1, math.MaxUint16)
			if err != nil || n[0] > n[1] {
				return nil, strconv.ErrRange
			}
			return func(h *Host) tcpip.Error { return h.ns.SetPortRange(uint16(n[0]), uint16(n[1])) }, nil
		},
	},
	{
		SettingDoc{"ip_default_ttl", "1 to 255", "time to live of datagrams (64)"},
		integer(1, 255, func(h *Host, v int) tcpip.Error {
			o := tcpip.DefaultTTLOption(v)
			return h.ns.SetNetworkProtocolOption(h.net, &o)
		}),
	},
	{
		SettingDoc{"mtu", "bytes, 576 to 65535 (1280 and more for IPv6)", "MTU of the interface (1500)"},
		integer(576, math.MaxUint16, func(h *Host, v int) tcpip.Error {
			if h.net == header.IPv6ProtocolNumber && v < header.IPv6MinimumMTU {
				return &tcpip.ErrInvalidOptionValue{}
			}
			return h.ns.SetNICMTU(nic, uint32(v))
		}),
	},
}

func (h *Host) setTCP(o tcpip.SettableTransportProtocolOption) tcpip.Error {
	return h.ns.SetTransportProtocolOption(tcp.ProtocolNumber, o)
}
