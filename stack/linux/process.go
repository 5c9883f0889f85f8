package linux

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const sigKill = 9

// A Process is a process of a host, or a thread of one. It makes one call at a
// time; while that blocks, others go on.
type Process struct {
	m      *Machine
	host   *Host
	slot   int
	pid    int
	leader *Process // of a thread
	call   *Call    // that has not returned
	ended  bool
}

// Host is where the process runs.
func (p *Process) Host() *Host { return p.host }

// Blocked reports whether a call of the process has not returned.
func (p *Process) Blocked() bool { return p.call != nil }

// Ended reports whether the process is no more.
func (p *Process) Ended() bool { return p.ended }

func (m *Machine) freeSlot() (int, error) {
	for i := 1; i < slotCount; i++ {
		if m.slots[i] == nil {
			return i, nil
		}
	}
	return 0, fmt.Errorf("a machine has at most %d processes at a time", slotCount-1)
}

// Spawn starts a process on the host. It has no open descriptor from 3 on.
func (h *Host) Spawn() (*Process, error) {
	if err := h.enter(); err != nil {
		return nil, err
	}
	slot, err := h.m.freeSlot()
	if err != nil {
		return nil, err
	}
	b := binary.LittleEndian.AppendUint32(nil, cmdSpawn)
	step, err := h.m.exchange("start a process", binary.LittleEndian.AppendUint32(b, uint32(slot)))
	if err != nil {
		return nil, err
	}
	for _, e := range step.Events {
		if r, ok := e.(agentResult); ok && r.slot == slot {
			if r.value < 0 {
				return nil, fmt.Errorf("starting a process: error %d", -r.value)
			}
			p := &Process{m: h.m, host: h, slot: slot, pid: int(r.value)}
			h.m.slots[slot] = p
			return p, nil
		}
	}
	return nil, h.m.fail("start a process", errors.New("the agent said nothing of it"))
}

// Do makes a call. When the step has no result of it, it blocks: its result is in
// a later step.
func (p *Process) Do(c Call) (Step, error) {
	switch {
	case p.ended:
		return Step{}, errors.New("the process has ended")
	case p.call != nil:
		return Step{}, fmt.Errorf("%s: the process is in %s", c.Name, p.call.Name)
	case len(c.raw.in) > dataSize:
		return Step{}, fmt.Errorf("%s: %d bytes are more than %d", c.Name, len(c.raw.in), dataSize)
	}
	p.call = &c
	p.m.acting = p.host
	defer func() { p.m.acting = nil }()
	return p.m.exchange("call "+c.Name, c.raw.append(nil, p.slot))
}

// Fork makes another process with the same descriptors.
func (p *Process) Fork() (*Process, error) { return p.another("fork", agentFork) }

// Thread makes another thread of the process, whose calls can block beside its
// own.
func (p *Process) Thread() (*Process, error) { return p.another("thread", agentThread) }

func (p *Process) another(name string, nr uint64) (*Process, error) {
	slot, err := p.m.freeSlot()
	if err != nil {
		return nil, err
	}
	step, err := p.Do(Call{Name: name, raw: raw{nr: nr, args: [6]uint64{uint64(slot)}}})
	if err != nil {
		return nil, err
	}
	r, ok := step.Result(p)
	if !ok || r.Errno != 0 {
		return nil, fmt.Errorf("%s: %v", name, r.Errno)
	}
	q := &Process{m: p.m, host: p.host, slot: slot, pid: r.Value}
	if nr == agentThread {
		if q.leader = p; p.leader != nil {
			q.leader = p.leader
		}
	}
	p.m.slots[slot] = q
	return q, nil
}

// Kill sends the process a signal.
func (p *Process) Kill(signal int) (Step, error) {
	if p.ended {
		return Step{}, errors.New("the process has ended")
	}
	pid := p.pid
	if p.leader != nil {
		pid = p.leader.pid
	}
	p.m.acting = p.host
	defer func() { p.m.acting = nil }()
	_, step, err := p.m.agent("kill a process", raw{nr: sysKill, args: [6]uint64{uint64(pid), uint64(signal)}})
	return step, err
}

// exited takes note of the end of a process, and of its threads.
func (p *Process) exited(status uint32) Exited {
	for i, q := range p.m.slots {
		if q != nil && (q == p || q.leader == p) {
			q.ended, q.call = true, nil
			p.m.slots[i] = nil
		}
	}
	return Exited{Process: p, Status: int(status>>8) & 0xff, Signal: int(status & 0x7f)}
}
