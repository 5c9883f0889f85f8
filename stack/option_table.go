package stack

import (
	"math"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// sockopt is one socket option. low and high bound an integer value; unit is
// what it counts, where that is time.
type sockopt struct {
	name      string
	kind      ValueKind
	unit      time.Duration
	low, high int
	inherited bool // an accepted socket has the listener's value
	set       func(*Socket, Value) Errno
	get       func(*Socket) (Value, Errno)
}

const (
	maxKeepSeconds = 32767 // MAX_TCP_KEEPIDLE and MAX_TCP_KEEPINTVL in Linux's tcp.h
	maxKeepCount   = 127   // MAX_TCP_KEEPCNT
)

var sockopts []sockopt

// init breaks the cycle between the table and Socket's methods that walk it.
func init() {
	sockopts = []sockopt{
		{
			name: "SO_LINGER", kind: KindLinger, inherited: true,
			set: func(s *Socket, v Value) Errno {
				s.opts.linger = v.Linger
				s.ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: v.Linger.On, Timeout: v.Linger.Time})
				return OK
			},
			get: func(s *Socket) (Value, Errno) { return Value{Linger: s.opts.linger}, OK },
		},
		flag("SO_REUSEADDR", false, (*tcpip.SocketOptions).SetReuseAddress, (*tcpip.SocketOptions).GetReuseAddress),
		flag("SO_REUSEPORT", false, (*tcpip.SocketOptions).SetReusePort, (*tcpip.SocketOptions).GetReusePort),
		flag("SO_KEEPALIVE", true, (*tcpip.SocketOptions).SetKeepAlive, (*tcpip.SocketOptions).GetKeepAlive),
		{
			name: "SO_RCVBUF", low: 0, high: math.MaxInt32,
			set: func(s *Socket, v Value) Errno {
				o := s.ep.SocketOptions()
				low, high := o.ReceiveBufferLimits()
				o.SetReceiveBufferSize(bufferSize(v.Int, low, high), true)
				return OK
			},
			get: func(s *Socket) (Value, Errno) {
				return Value{Int: int(s.ep.SocketOptions().GetReceiveBufferSize())}, OK
			},
		},
		{
			name: "SO_SNDBUF", low: 0, high: math.MaxInt32, inherited: true,
			set: func(s *Socket, v Value) Errno {
				o := s.ep.SocketOptions()
				low, high := o.SendBufferLimits()
				o.SetSendBufferSize(bufferSize(v.Int, low, high), true)
				return OK
			},
			get: func(s *Socket) (Value, Errno) {
				return Value{Int: int(s.ep.SocketOptions().GetSendBufferSize())}, OK
			},
		},
		{
			name: "SO_RCVTIMEO", kind: KindTime, inherited: true,
			set: func(s *Socket, v Value) Errno { return setTimeout(&s.opts.recvTimeout, v.Time) },
			get: func(s *Socket) (Value, Errno) { return Value{Time: s.opts.recvTimeout}, OK },
		},
		{
			name: "SO_SNDTIMEO", kind: KindTime, inherited: true,
			set: func(s *Socket, v Value) Errno { return setTimeout(&s.opts.sendTimeout, v.Time) },
			get: func(s *Socket) (Value, Errno) { return Value{Time: s.opts.sendTimeout}, OK },
		},
		{
			name: "SO_ERROR",
			get: func(s *Socket) (Value, Errno) {
				s.sync()
				return Value{Int: int(s.takeError())}, OK
			},
		},
		lasting[tcpip.KeepaliveIdleOption]("TCP_KEEPIDLE", time.Second, 1, maxKeepSeconds),
		lasting[tcpip.KeepaliveIntervalOption]("TCP_KEEPINTVL", time.Second, 1, maxKeepSeconds),
		number("TCP_KEEPCNT", 1, maxKeepCount, true, tcpip.KeepaliveCountOption),
		lasting[tcpip.TCPUserTimeoutOption]("TCP_USER_TIMEOUT", time.Millisecond, 0, math.MaxInt32),
		{
			name: "TCP_LINGER2", unit: time.Second, low: math.MinInt32, high: math.MaxInt32, inherited: true,
			set: func(s *Socket, v Value) Errno {
				o := tcpip.TCPLingerTimeoutOption(time.Duration(v.Int) * time.Second)
				return errnoOf(s.ep.SetSockOpt(&o))
			},
			get: func(s *Socket) (Value, Errno) {
				var o tcpip.TCPLingerTimeoutOption
				err := s.ep.GetSockOpt(&o)
				if o < 0 {
					return Value{Int: -1}, errnoOf(err)
				}
				return Value{Int: int(time.Duration(o) / time.Second)}, errnoOf(err)
			},
		},
		flag("TCP_NODELAY", true,
			func(o *tcpip.SocketOptions, on bool) { o.SetDelayOption(!on) },
			func(o *tcpip.SocketOptions) bool { return !o.GetDelayOption() }),
		flag("TCP_CORK", false, (*tcpip.SocketOptions).SetCorkOption, (*tcpip.SocketOptions).GetCorkOption),
		flag("TCP_QUICKACK", false, (*tcpip.SocketOptions).SetQuickAck, (*tcpip.SocketOptions).GetQuickAck),
		{
			name: "TCP_SYNCNT", low: 1, high: 127,
			set: func(s *Socket, v Value) Errno {
				s.opts.synRetries = v.Int
				return errnoOf(s.ep.SetSockOptInt(tcpip.TCPSynCountOption, v.Int))
			},
			get: func(s *Socket) (Value, Errno) { return s.intOption(tcpip.TCPSynCountOption) },
		},
		{
			name: "TCP_DEFER_ACCEPT", unit: time.Second, low: math.MinInt32, high: math.MaxInt32,
			set: func(s *Socket, v Value) Errno {
				o := tcpip.TCPDeferAcceptOption(time.Duration(max(v.Int, 0)) * time.Second)
				return errnoOf(s.ep.SetSockOpt(&o))
			},
			get: func(s *Socket) (Value, Errno) {
				var o tcpip.TCPDeferAcceptOption
				err := s.ep.GetSockOpt(&o)
				return Value{Int: int(time.Duration(o) / time.Second)}, errnoOf(err)
			},
		},
		number("TCP_MAXSEG", 0, math.MaxUint16, false, tcpip.MaxSegOption),
		number("TCP_WINDOW_CLAMP", 0, math.MaxInt32, false, tcpip.TCPWindowClampOption),
		{
			name: "TCP_CONGESTION", kind: KindText,
			set: func(s *Socket, v Value) Errno {
				o := tcpip.CongestionControlOption(v.Text)
				return errnoOf(s.ep.SetSockOpt(&o))
			},
			get: func(s *Socket) (Value, Errno) {
				var o tcpip.CongestionControlOption
				err := s.ep.GetSockOpt(&o)
				return Value{Text: string(o)}, errnoOf(err)
			},
		},
		{
			name: "TCP_INFO", kind: KindText,
			get: func(s *Socket) (Value, Errno) {
				s.sync()
				if s.dead {
					return Value{Text: Closed.Linux()}, OK
				}
				return Value{Text: s.state().Linux()}, OK
			},
		},
	}
}

// flag is an option that is on or off, with any other number taken for on.
func flag(name string, inherited bool, set func(*tcpip.SocketOptions, bool), get func(*tcpip.SocketOptions) bool) sockopt {
	return sockopt{
		name: name, low: math.MinInt32, high: math.MaxInt32, inherited: inherited,
		set: func(s *Socket, v Value) Errno {
			set(s.ep.SocketOptions(), v.Int != 0)
			return OK
		},
		get: func(s *Socket) (Value, Errno) {
			if get(s.ep.SocketOptions()) {
				return Value{Int: 1}, OK
			}
			return Value{}, OK
		},
	}
}

// lasting is an option that gVisor keeps as a duration and Linux as a number of
// units. An accepted socket inherits it.
func lasting[T ~int64, P interface {
	*T
	tcpip.SettableSocketOption
	tcpip.GettableSocketOption
}](name string, unit time.Duration, low, high int,
) sockopt {
	return sockopt{
		name: name, unit: unit, low: low, high: high, inherited: true,
		set: func(s *Socket, v Value) Errno {
			o := T(time.Duration(v.Int) * unit)
			return errnoOf(s.ep.SetSockOpt(P(&o)))
		},
		get: func(s *Socket) (Value, Errno) {
			var o T
			err := s.ep.GetSockOpt(P(&o))
			return Value{Int: int(time.Duration(o) / unit)}, errnoOf(err)
		},
	}
}

// number is an option that gVisor keeps as an int.
func number(name string, low, high int, inherited bool, o tcpip.SockOptInt) sockopt {
	return sockopt{
		name: name, low: low, high: high, inherited: inherited,
		set: func(s *Socket, v Value) Errno { return errnoOf(s.ep.SetSockOptInt(o, v.Int)) },
		get: func(s *Socket) (Value, Errno) { return s.intOption(o) },
	}
}

// bufferSize doubles what was asked for, within the host's limits, as Linux
// does to make room for its bookkeeping (sock_setsockopt).
func bufferSize(want int, low, high int64) int64 {
	return max(low, 2*min(int64(want), high/2))
}

func setTimeout(field *time.Duration, v time.Duration) Errno {
	if v < 0 {
		return EDOM
	}
	*field = v
	return OK
}
