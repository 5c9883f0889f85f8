package linux

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/tcpsim/tcpsim/stack"
)

// A SocketInfo is one line of ss -tan: what the kernel knows of a socket, or of a
// connection that has none any more (TIME_WAIT).
type SocketInfo struct {
	State         stack.State
	Local, Remote netip.AddrPort
	// RecvQ and SendQ are the bytes that nobody has read, and those that are not
	// acknowledged; of a listening socket, how many connections wait and how many
	// may.
	RecvQ, SendQ uint32
	Orphan       bool // no process has it
	id           []byte
}

// Of the netlink family of sockets (linux/netlink.h, linux/inet_diag.h,
// linux/sock_diag.h).
const (
	diagByFamily    = 20
	diagDestroy     = 21
	nlmRequest      = 0x1
	nlmAck          = 0x4
	nlmDump         = 0x300
	nlmsgError      = 2
	nlmsgDone       = 3
	nlHeader        = 16
	diagRequestSize = 56
	diagMessageSize = 72
	diagIDSize      = 48
	protoTCP        = 6
	diagRoom        = 64 << 10
)

// states are the kernel's numbers (include/net/tcp_states.h).
var states = [...]stack.State{
	1: stack.Established, 2: stack.SynSent, 3: stack.SynReceived, 4: stack.FinWait1, 5: stack.FinWait2,
	6: stack.TimeWait, 7: stack.Closed, 8: stack.CloseWait, 9: stack.LastAck, 10: stack.Listen,
	11: stack.Closing, 12: stack.SynReceived,
}

// Sockets lists the TCP sockets of a host, of both families.
func (h *Host) Sockets() ([]SocketInfo, error) {
	if h.down {
		return nil, errDown
	}
	var list []SocketInfo
	for _, family := range []byte{afInet, afInet6} {
		request := diagRequest(diagByFamily, nlmRequest|nlmDump, family)
		binary.LittleEndian.PutUint32(request[nlHeader+4:], ^uint32(0)) // in whatever state
		if err := h.diagSend(request); err != nil {
			return nil, err
		}
		for done := false; !done; {
			answer, err := h.diagRecv()
			if err != nil {
				return nil, err
			}
			if list, done, err = parseSockets(list, answer); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// Destroy ends a connection as ss -K does (SOCK_DESTROY): its processes get
// ECONNABORTED.
func (h *Host) Destroy(s SocketInfo) (Step, error) {
	if h.down {
		return Step{}, errDown
	}
	family := byte(afInet)
	if s.Local.Addr().Is6() {
		family = afInet6
	}
	request := diagRequest(diagDestroy, nlmRequest|nlmAck, family)
	copy(request[nlHeader+8:], s.id)
	send, recv := h.diagCalls(request)
	h.m.acting = h
	defer func() { h.m.acting = nil }()
	results, step, err := h.m.agent("destroy a socket", send, recv)
	if err != nil {
		return step, err
	}
	answer := results[1].data
	if len(answer) < nlHeader+4 || binary.LittleEndian.Uint16(answer[4:]) != nlmsgError {
		return step, errDiag
	}
	if errno := -int32(binary.LittleEndian.Uint32(answer[nlHeader:])); errno != 0 {
		return step, fmt.Errorf("destroying %v > %v: %w", s.Local, s.Remote, stack.Errno(errno))
	}
	return step, nil
}

var errDiag = errors.New("the kernel's answer about sockets is garbled")

func diagRequest(kind, flags uint16, family byte) []byte {
	b := make([]byte, nlHeader+diagRequestSize)
	le := binary.LittleEndian
	le.PutUint32(b, uint32(len(b)))
	le.PutUint16(b[4:], kind)
	le.PutUint16(b[6:], flags)
	b[nlHeader], b[nlHeader+1] = family, protoTCP
	return b
}

func (h *Host) diagCalls(request []byte) (send, recv raw) {
	send = raw{nr: sysWrite, args: [6]uint64{uint64(h.diag), 0, uint64(len(request))}, pointers: 1 << 1, in: request}
	recv = raw{nr: sysRead, args: [6]uint64{uint64(h.diag), 0, diagRoom}, pointers: 1 << 1, out: diagRoom | asReturned}
	return send, recv
}

func (h *Host) diagSend(request []byte) error {
	send, _ := h.diagCalls(request)
	_, _, err := h.m.agent("list sockets", send)
	return err
}

func (h *Host) diagRecv() ([]byte, error) {
	_, recv := h.diagCalls(nil)
	results, _, err := h.m.agent("list sockets", recv)
	if err != nil {
		return nil, err
	}
	return results[0].data, nil
}

// parseSockets reads one part of a dump.
func parseSockets(list []SocketInfo, b []byte) (_ []SocketInfo, done bool, err error) {
	le, be := binary.LittleEndian, binary.BigEndian
	for len(b) >= nlHeader {
		n := int(le.Uint32(b))
		if n < nlHeader || n > len(b) {
			return nil, false, errDiag
		}
		switch kind := le.Uint16(b[4:]); {
		case kind == nlmsgDone:
			return list, true, nil
		case kind == nlmsgError && n >= nlHeader+4:
			return nil, false, fmt.Errorf("listing sockets: %w", stack.Errno(-int32(le.Uint32(b[nlHeader:]))))
		case n < nlHeader+diagMessageSize || int(b[nlHeader+1]) >= len(states):
			return nil, false, errDiag
		}
		m := b[nlHeader:n]
		addr := func(at int) netip.Addr {
			if m[0] == afInet {
				return netip.AddrFrom4([4]byte(m[at : at+4]))
			}
			return netip.AddrFrom16([16]byte(m[at : at+16]))
		}
		list = append(list, SocketInfo{
			State:  states[m[1]],
			Local:  netip.AddrPortFrom(addr(8), be.Uint16(m[4:])),
			Remote: netip.AddrPortFrom(addr(24), be.Uint16(m[6:])),
			RecvQ:  le.Uint32(m[56:]),
			SendQ:  le.Uint32(m[60:]),
			Orphan: le.Uint32(m[68:]) == 0,
			id:     append([]byte(nil), m[4:4+diagIDSize]...),
		})
		b = b[min(len(b), (n+3)&^3):]
	}
	return list, false, nil
}
