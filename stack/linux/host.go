package linux

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// HostConfig says what a host is.
type HostConfig struct {
	Addrs []netip.Prefix // of its interface eth0, IPv4 or IPv6
	MTU   int            // of its interface; 0 means 1500
	// Settings are sysctls below /proc/sys, such as net/ipv4/tcp_retries2, with
	// the values as they are written there.
	Settings [][2]string
}

// A Host is a network namespace with one interface, eth0, whose cable the caller
// holds.
type Host struct {
	m             *Machine
	addrs         []netip.Prefix
	ns, tun, diag int // descriptors of the agent
	down          bool
}

// ioctls (linux/sockios.h, linux/if_tun.h).
const (
	siocSIfFlags   = 0x8914
	siocSIfAddr    = 0x8916
	siocSIfNetmask = 0x891c
	siocSIfMTU     = 0x8922
	tunSetIff      = 0x400454ca
	iffUp          = 0x1
	iffRunning     = 0x40
	iffTun         = 0x1
	iffNoPI        = 0x1000
	ifreqSize      = 40
	tunIndex       = 2 // of an interface that is the second of its namespace
	sockDiag       = 4
)

// NewHost makes a host. It is alone: another host sees nothing of it but the
// frames that the caller carries.
func (m *Machine) NewHost(c HostConfig) (*Host, error) {
	h := &Host{m: m, addrs: slices.Clone(c.Addrs)}
	const doing = "make a host"
	dup := raw{nr: sysFcntl, args: [6]uint64{lowFD, fDupFDCloexec, firstOwnFD}}
	done := raw{nr: sysClose, args: [6]uint64{lowFD}}
	tun := raw{nr: sysIoctl, args: [6]uint64{lowFD, tunSetIff, 0}, pointers: 1 << 2, in: ifreq("eth0", iffTun|iffNoPI)}
	results, _, err := m.agent(
		doing,
		raw{nr: sysUnshare, args: [6]uint64{cloneNewNet}},
		path(sysOpen, "/proc/self/ns/net", cloexec), dup, done,
		path(sysOpen, "/dev/net/tun", oRdwr|oNonblock|cloexec), tun, dup, done,
		raw{nr: sysSocket, args: [6]uint64{afNetlink, sockRaw | cloexec, sockDiag}}, dup, done,
	)
	if err != nil {
		return nil, err
	}
	h.ns, h.tun, h.diag = int(results[2].value), int(results[6].value), int(results[9].value)
	m.hosts, m.current = append(m.hosts, h), h
	if err := m.watch(); err != nil {
		return nil, err
	}
	six := slices.ContainsFunc(c.Addrs, func(p netip.Prefix) bool { return !p.Addr().Is4() })
	for _, s := range append(quiet(six), c.Settings...) {
		if err := h.Set(s[0], s[1]); err != nil {
			return nil, err
		}
	}
	return h, h.up(c)
}

// quiet are the settings that keep a host from asking for a router, and for
// another owner of its address.
func quiet(six bool) [][2]string {
	if !six {
		return [][2]string{{"net/ipv6/conf/all/disable_ipv6", "1"}}
	}
	var list [][2]string
	for _, name := range []string{"accept_dad", "router_solicitations", "accept_ra", "addr_gen_mode"} {
		value := "0"
		if name == "addr_gen_mode" {
			value = "1" // no address of its own making
		}
		list = append(list, [2]string{"net/ipv6/conf/eth0/" + name, value})
	}
	return list
}

// up gives the interface its addresses and its size and switches it on.
func (h *Host) up(c HostConfig) error {
	ioctl := func(request uint64, arg []byte) raw {
		return raw{nr: sysIoctl, args: [6]uint64{lowFD, request, 0}, pointers: 1 << 2, in: arg}
	}
	mtu := c.MTU
	if mtu == 0 {
		mtu = 1500
	}
	open := raw{nr: sysSocket, args: [6]uint64{afInet, sockDgram, 0}}
	done := raw{nr: sysClose, args: [6]uint64{lowFD}}
	calls := []raw{
		open,
		ioctl(siocSIfMTU, ifreq("eth0", uint32(mtu))),
		ioctl(siocSIfFlags, ifreq("lo", iffUp|iffRunning)),
		ioctl(siocSIfFlags, ifreq("eth0", iffUp|iffRunning)),
	}
	for _, p := range c.Addrs {
		if p.Addr().Is4() {
			mask := make([]byte, 4)
			binary.BigEndian.PutUint32(mask, ^uint32(0)<<(32-p.Bits()))
			calls = append(calls,
				ioctl(siocSIfAddr, ifreqAddr("eth0", p.Addr().AsSlice())),
				ioctl(siocSIfNetmask, ifreqAddr("eth0", mask)))
		}
	}
	calls = append(calls, done)
	for _, p := range c.Addrs {
		if p.Addr().Is4() {
			continue
		}
		in6 := binary.LittleEndian.AppendUint32(p.Addr().AsSlice(), uint32(p.Bits()))
		in6 = binary.LittleEndian.AppendUint32(in6, tunIndex)
		calls = append(calls, raw{nr: sysSocket, args: [6]uint64{afInet6, sockDgram, 0}}, ioctl(siocSIfAddr, in6), done)
	}
	_, _, err := h.m.agent("switch a host's interface on", calls...)
	return err
}

// ifreq is struct ifreq with a number.
func ifreq(name string, value uint32) []byte {
	b := make([]byte, ifreqSize)
	copy(b, name)
	binary.LittleEndian.PutUint32(b[16:], value)
	return b
}

// ifreqAddr is struct ifreq with an address of IPv4.
func ifreqAddr(name string, addr []byte) []byte {
	b := ifreq(name, afInet)
	copy(b[20:], addr)
	return b
}

// watch tells the agent which devices it reads.
func (m *Machine) watch() error {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, cmdWatch)
	b = le.AppendUint32(b, uint32(len(m.hosts)))
	for _, h := range m.hosts {
		b = le.AppendUint32(b, uint32(h.tun))
	}
	_, err := m.exchange("watch the hosts' cables", b)
	return err
}

var errDown = errors.New("the host is down")

// enter takes the agent into the host's namespace.
func (h *Host) enter() error {
	if h.down {
		return errDown
	}
	if h.m.current == h {
		return nil
	}
	_, _, err := h.m.agent("go to another host", raw{nr: sysSetns, args: [6]uint64{uint64(h.ns), cloneNewNet}})
	if err == nil {
		h.m.current = h
	}
	return err
}

// Set writes a sysctl of the host, by its path below /proc/sys, and makes sure
// that it has the value.
func (h *Host) Set(name, value string) error {
	if err := h.enter(); err != nil {
		return err
	}
	file := "/proc/sys/" + name
	if err := h.m.writeFile("set "+name, file, value); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s: this Linux has no such setting", name)
		}
		return err
	}
	got, err := h.Get(name)
	if err == nil && !slices.Equal(strings.Fields(got), strings.Fields(value)) {
		err = fmt.Errorf("%s: set to %q, it is %q", name, value, got)
	}
	return err
}

// Get reads a sysctl of the host.
func (h *Host) Get(name string) (string, error) {
	if err := h.enter(); err != nil {
		return "", err
	}
	text, err := h.m.readFile("read "+name, "/proc/sys/"+name)
	return strings.TrimSpace(text), err
}

// Inject hands a host an IP packet off its cable. It is processed before Inject
// returns, with all that it brings about at once: answers, calls that return.
func (h *Host) Inject(frame []byte) (Step, error) {
	if h.down {
		return Step{}, errDown
	}
	write := raw{nr: sysWrite, args: [6]uint64{uint64(h.tun), 0, uint64(len(frame))}, pointers: 1 << 1, in: frame}
	h.m.acting = h
	defer func() { h.m.acting = nil }()
	_, step, err := h.m.agent("take a packet", write)
	return step, err
}

// PowerOff ends a host at once, as a power cut does: nothing leaves its cable any
// more, then its processes are gone, then its sockets.
func (h *Host) PowerOff() (Step, error) {
	if h.down {
		return Step{}, errDown
	}
	h.down = true
	m := h.m
	m.hosts = slices.DeleteFunc(m.hosts, func(o *Host) bool { return o == h })
	if err := m.watch(); err != nil {
		return Step{}, err
	}
	calls := []raw{{nr: sysClose, args: [6]uint64{uint64(h.tun)}}}
	for _, p := range m.slots {
		if p != nil && p.host == h && p.leader == nil {
			calls = append(calls, raw{nr: sysKill, args: [6]uint64{uint64(p.pid), sigKill}})
		}
	}
	calls = append(
		calls,
		raw{nr: sysClose, args: [6]uint64{uint64(h.diag)}},
		raw{nr: sysClose, args: [6]uint64{uint64(h.ns)}},
	)
	if m.current == h {
		m.current = nil
	}
	_, step, err := m.agent("cut a host's power", calls...)
	return step, err
}
