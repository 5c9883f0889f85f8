package linux

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// Numbers of system calls on x86-64 (arch/x86/entry/syscalls/syscall_64.tbl).
const (
	sysRead         = 0
	sysWrite        = 1
	sysOpen         = 2
	sysClose        = 3
	sysPoll         = 7
	sysRtSigaction  = 13
	sysIoctl        = 16
	sysDup          = 32
	sysSocket       = 41
	sysConnect      = 42
	sysSendto       = 44
	sysRecvfrom     = 45
	sysShutdown     = 48
	sysBind         = 49
	sysListen       = 50
	sysGetsockname  = 51
	sysGetpeername  = 52
	sysSetsockopt   = 54
	sysGetsockopt   = 55
	sysKill         = 62
	sysFcntl        = 72
	sysExitGroup    = 231
	sysUnshare      = 272
	sysAccept4      = 288
	sysSetns        = 308
	agentFork       = 0x10000 // a worker makes another of itself
	agentThread     = 0x10001
	afInet          = 2
	afInet6         = 10
	afNetlink       = 16
	sockStream      = 1
	sockDgram       = 2
	sockRaw         = 3
	cloexec         = 0o2000000
	oWronly         = 1
	oRdwr           = 2
	oNonblock       = 0o4000
	fSetFL          = 4
	fDupFDCloexec   = 1030
	cloneNewNet     = 0x40000000
	sizeofSockaddr  = 28 // of sockaddr_in6, the larger
	socketAddrRoom  = 64 // where its length stands behind a sockaddr
	sigPipe         = 13
	signalIgnore    = 1
	sizeofSigaction = 32
)

// A Call is a system call of a process, ready to be made. The functions of this
// file make them; each is named after the call in Linux.
type Call struct {
	Name   string
	raw    raw
	decode func(*Result)
}

// A Result is what a call has returned.
type Result struct {
	Call  string      // its name
	Value int         // -1 with an Errno
	Errno stack.Errno // of Linux

	Addr   netip.AddrPort     // accept, getsockname, getpeername
	Data   []byte             // recv, and the bytes of any option
	Number int                // an option that is a number
	Linger stack.Linger       // SO_LINGER
	Time   time.Duration      // SO_RCVTIMEO, SO_SNDTIMEO
	Events []stack.PollEvents // poll, for each descriptor
}

func result(c *Call, value int64, data []byte) Result {
	r := Result{Call: c.Name, Value: int(value), Data: data}
	if value < 0 {
		r.Value, r.Errno, r.Data = -1, stack.Errno(-value), nil
		return r
	}
	if c.decode != nil {
		c.decode(&r)
	}
	return r
}

func simple(name string, nr uint64, args ...int) Call {
	c := Call{Name: name, raw: raw{nr: nr}}
	for i, a := range args {
		c.raw.args[i] = uint64(a)
	}
	return c
}

// Socket is a TCP socket of IPv4, or of IPv6.
func Socket(ipv6 bool) Call {
	family := afInet
	if ipv6 {
		family = afInet6
	}
	return simple("socket", sysSocket, family, sockStream, 0)
}

// Bind gives a socket its own address.
func Bind(fd int, addr netip.AddrPort) Call {
	return withAddr(simple("bind", sysBind, fd), addr)
}

// Connect may block: until the handshake is over.
func Connect(fd int, addr netip.AddrPort) Call {
	return withAddr(simple("connect", sysConnect, fd), addr)
}

func withAddr(c Call, addr netip.AddrPort) Call {
	c.raw.in = sockaddr(addr)
	c.raw.args[1], c.raw.args[2], c.raw.pointers = 0, uint64(len(c.raw.in)), 1<<1
	return c
}

// Listen makes a socket listen.
func Listen(fd, backlog int) Call { return simple("listen", sysListen, fd, backlog) }

// Accept may block: until there is a connection. Its result is the new
// descriptor, and the peer's address.
func Accept(fd int) Call { return named(simple("accept", sysAccept4, fd)) }

// Getsockname gives the socket's own address.
func Getsockname(fd int) Call { return named(simple("getsockname", sysGetsockname, fd)) }

// Getpeername gives the peer's address.
func Getpeername(fd int) Call { return named(simple("getpeername", sysGetpeername, fd)) }

// named makes a call one that stores an address.
func named(c Call) Call {
	c.raw.args[1], c.raw.args[2], c.raw.pointers = 0, socketAddrRoom, 1<<1|1<<2
	c.raw.in = make([]byte, socketAddrRoom+4)
	c.raw.in[socketAddrRoom] = sizeofSockaddr
	c.raw.out = sizeofSockaddr
	c.decode = func(r *Result) { r.Addr, r.Data = parseSockaddr(r.Data), nil }
	return c
}

// Send may block: until all of the data is in the socket's buffer. The flags are
// Linux's numbers (MSG_NOSIGNAL is 0x4000).
func Send(fd int, data []byte, flags int) Call {
	c := simple("send", sysSendto, fd, 0, len(data), flags)
	c.raw.pointers, c.raw.in = 1<<1, data
	return c
}

// Recv may block: until there is something. Its result has the bytes.
func Recv(fd, size, flags int) Call {
	c := simple("recv", sysRecvfrom, fd, 0, size, flags)
	c.raw.pointers, c.raw.out = 1<<1, uint32(min(size, dataSize))|asReturned
	c.raw.args[2] = uint64(min(size, dataSize))
	return c
}

// Shutdown ends one direction of a connection, or both.
func Shutdown(fd int, how stack.How) Call { return simple("shutdown", sysShutdown, fd, int(how)) }

// Close gives a descriptor back.
func Close(fd int) Call { return simple("close", sysClose, fd) }

// Dup makes another descriptor of the same socket.
func Dup(fd int) Call { return simple("dup", sysDup, fd) }

// SetNonblock switches O_NONBLOCK (fcntl, F_SETFL).
func SetNonblock(fd int, on bool) Call {
	flags := 0
	if on {
		flags = oNonblock
	}
	return simple("fcntl", sysFcntl, fd, fSetFL, flags)
}

// SetsockoptInt sets an option that is a number. Level and option are Linux's
// numbers.
func SetsockoptInt(fd, level, option, value int) Call {
	return setsockopt(fd, level, option, binary.LittleEndian.AppendUint32(nil, uint32(value)))
}

// SetsockoptLinger sets SO_LINGER, to whole seconds.
func SetsockoptLinger(fd int, l stack.Linger) Call {
	on := uint32(0)
	if l.On {
		on = 1
	}
	b := binary.LittleEndian.AppendUint32(nil, on)
	return setsockopt(fd, solSocket, soLinger, binary.LittleEndian.AppendUint32(b, uint32(l.Time/time.Second)))
}

// SetsockoptTime sets SO_RCVTIMEO or SO_SNDTIMEO, to whole microseconds.
func SetsockoptTime(fd, option int, d time.Duration) Call {
	b := binary.LittleEndian.AppendUint64(nil, uint64(d/time.Second))
	return setsockopt(fd, solSocket, option, binary.LittleEndian.AppendUint64(b, uint64(d%time.Second/time.Microsecond)))
}

// SetsockoptText sets an option that is a name, such as TCP_CONGESTION.
func SetsockoptText(fd, level, option int, text string) Call {
	return setsockopt(fd, level, option, []byte(text))
}

func setsockopt(fd, level, option int, value []byte) Call {
	c := simple("setsockopt", sysSetsockopt, fd, level, option, 0, len(value))
	c.raw.pointers, c.raw.in = 1<<3, value
	return c
}

// Options and levels that have calls of their own.
const (
	solSocket   = 1
	soLinger    = 13
	soRcvTimeo  = 20
	soSndTimeo  = 21
	optionRoom  = 256
	optionLenAt = optionRoom
)

// Getsockopt asks for an option. The result has its bytes, and as it is read the
// number, the linger or the time.
func Getsockopt(fd, level, option int) Call {
	c := simple("getsockopt", sysGetsockopt, fd, level, option, 0, optionLenAt)
	c.raw.pointers = 1<<3 | 1<<4
	c.raw.in = make([]byte, optionRoom+4)
	binary.LittleEndian.PutUint32(c.raw.in[optionLenAt:], optionRoom)
	c.raw.out = optionRoom + 4
	c.decode = func(r *Result) {
		le := binary.LittleEndian
		r.Data = r.Data[:min(le.Uint32(r.Data[optionLenAt:]), optionRoom)]
		switch {
		case level == solSocket && option == soLinger && len(r.Data) == 8:
			r.Linger = stack.Linger{On: le.Uint32(r.Data) != 0, Time: time.Duration(le.Uint32(r.Data[4:])) * time.Second}
		case level == solSocket && (option == soRcvTimeo || option == soSndTimeo) && len(r.Data) == 16:
			r.Time = time.Duration(le.Uint64(r.Data))*time.Second + time.Duration(le.Uint64(r.Data[8:]))*time.Microsecond
		case len(r.Data) == 4:
			r.Number = int(int32(le.Uint32(r.Data)))
		}
	}
	return c
}

// A PollFD is one descriptor that poll looks at.
type PollFD struct {
	FD     int
	Events stack.PollEvents
}

// Poll may block: until something is as asked, or the time has passed. A negative
// time is for ever; it counts in milliseconds.
func Poll(fds []PollFD, timeout time.Duration) Call {
	ms := -1
	if timeout >= 0 {
		ms = int(timeout / time.Millisecond)
	}
	c := simple("poll", sysPoll, 0, len(fds), ms)
	c.raw.pointers = 1
	le := binary.LittleEndian
	for _, f := range fds {
		c.raw.in = le.AppendUint32(c.raw.in, uint32(int32(f.FD)))
		c.raw.in = le.AppendUint32(c.raw.in, uint32(f.Events))
	}
	c.raw.out = uint32(len(c.raw.in))
	c.decode = func(r *Result) {
		for i := 0; i+8 <= len(r.Data); i += 8 {
			r.Events = append(r.Events, stack.PollEvents(le.Uint16(r.Data[i+6:])))
		}
		r.Data = nil
	}
	return c
}

// IgnoreSIGPIPE sets what SIGPIPE does to the process: nothing, or its end.
func IgnoreSIGPIPE(ignore bool) Call {
	c := simple("rt_sigaction", sysRtSigaction, sigPipe, 0, 0, 8)
	c.raw.pointers, c.raw.in = 1<<1, make([]byte, sizeofSigaction)
	if ignore {
		c.raw.in[0] = signalIgnore
	}
	return c
}

// Exit ends the process; there is no result, but an [Exited].
func Exit(status int) Call { return simple("exit", sysExitGroup, status) }

// sockaddr is an address as the kernel takes it.
func sockaddr(a netip.AddrPort) []byte {
	be := binary.BigEndian
	if a.Addr().Is4() {
		b := binary.LittleEndian.AppendUint16(nil, afInet)
		b = be.AppendUint16(b, a.Port())
		b = append(b, a.Addr().AsSlice()...)
		return append(b, make([]byte, 8)...)
	}
	b := binary.LittleEndian.AppendUint16(nil, afInet6)
	b = be.AppendUint16(b, a.Port())
	b = append(b, 0, 0, 0, 0)
	b = append(b, a.Addr().AsSlice()...)
	return append(b, 0, 0, 0, 0)
}

func parseSockaddr(b []byte) netip.AddrPort {
	if len(b) < sizeofSockaddr {
		return netip.AddrPort{}
	}
	port := binary.BigEndian.Uint16(b[2:])
	switch binary.LittleEndian.Uint16(b) {
	case afInet:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), port)
	case afInet6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[8:24])), port)
	}
	return netip.AddrPort{}
}
