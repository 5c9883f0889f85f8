package linux

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The language of the line; the agent's side is kernel/recipe/agent.c. Numbers
// are little endian.
const (
	cmdCall    = 1
	cmdSpawn   = 2
	cmdWatch   = 3
	cmdAdvance = 4

	gotResult = 1
	gotFrame  = 2
	gotExit   = 3
	gotTrace  = 4
)

const (
	slotCount  = 64
	agentSlot  = 0
	dataSize   = 4 << 20 // what a call can read or write
	asReturned = 1 << 31 // give back only as much as the call returns
	firstOwnFD = 901     // of the agent, out of the way
)

// raw is a system call as the agent takes it. Arguments whose bit is set in
// pointers are offsets in the data.
type raw struct {
	nr       uint64
	args     [6]uint64
	pointers uint32
	in       []byte   // the data, from offset 0
	out, at  uint32   // how many bytes of the data come back, and from where
	within   []uint32 // where the data holds offsets that are to be addresses
}

func (r *raw) append(b []byte, slot int) []byte {
	le := binary.LittleEndian
	b = le.AppendUint32(b, cmdCall)
	b = le.AppendUint32(b, uint32(slot))
	b = le.AppendUint64(b, r.nr)
	for _, a := range r.args {
		b = le.AppendUint64(b, a)
	}
	b = le.AppendUint32(b, r.pointers)
	b = le.AppendUint32(b, r.out)
	b = le.AppendUint32(b, r.at)
	b = le.AppendUint32(b, uint32(len(r.in)))
	b = append(b, r.in...)
	b = le.AppendUint32(b, uint32(len(r.within)))
	for _, at := range r.within {
		b = le.AppendUint32(b, at)
	}
	return b
}

// happening is one thing that the agent tells.
type happening struct {
	kind   uint32
	slot   int // gotResult, gotExit
	fd     int // gotFrame
	pid    int // gotExit
	status uint32
	value  int64 // gotResult
	data   []byte
}

var errGarbled = errors.New("the answer of the machine is garbled")

// parseAnswer reads what follows the length: the time, in nanoseconds, and what
// has happened.
func parseAnswer(b []byte) (now uint64, list []happening, err error) {
	le := binary.LittleEndian
	if len(b) < 8 {
		return 0, nil, errGarbled
	}
	now, b = le.Uint64(b), b[8:]
	for len(b) > 0 {
		var h happening
		words := func(n int) bool { return len(b) >= 4*n }
		data := func(at int) bool {
			n := le.Uint32(b[at-4:])
			if uint64(len(b)-at) < uint64(n) {
				return false
			}
			h.data, b = b[at:at+int(n)], b[at+int(n):]
			return true
		}
		ok := words(1)
		if ok {
			h.kind = le.Uint32(b)
		}
		switch {
		case !ok:
		case h.kind == gotResult && words(5):
			h.slot, h.value = int(le.Uint32(b[4:])), int64(le.Uint64(b[8:]))
			ok = data(20)
		case h.kind == gotFrame && words(3):
			h.fd = int(le.Uint32(b[4:]))
			ok = data(12)
		case h.kind == gotExit && words(4):
			h.slot, h.pid, h.status = int(le.Uint32(b[4:])), int(le.Uint32(b[8:])), le.Uint32(b[12:])
			b = b[16:]
		case h.kind == gotTrace && words(2):
			ok = data(8)
		default:
			ok = false
		}
		if !ok {
			return 0, nil, fmt.Errorf("%w: %d bytes are left at kind %d", errGarbled, len(b), h.kind)
		}
		if h.slot >= slotCount {
			return 0, nil, fmt.Errorf("%w: slot %d", errGarbled, h.slot)
		}
		list = append(list, h)
	}
	return now, list, nil
}
