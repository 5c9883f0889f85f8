package linux

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// Options say how to boot a machine.
type Options struct {
	// Kernel is the path of a kernel that the package kernel built.
	Kernel string
	// Seed is what everything random in the machine follows from.
	Seed uint64
	// Patience is how long the machine may take, by the clock on the wall, for
	// any one thing that it is told to do. 0 means 30 s. A kernel that takes
	// longer hangs.
	Patience time.Duration
}

// A Machine is a Linux that runs. Close it.
type Machine struct {
	kernel   string
	patience time.Duration
	line     *os.File
	program  *program
	now      time.Duration
	err      error // why it is no longer there

	hosts   []*Host
	current *Host // whose namespace the agent is in
	acting  *Host // that is told to do something, if one is
	slots   [slotCount]*Process
	request []byte
	buffer  []byte
}

// Boot starts a machine. It is up after some hundredths of a second, with no
// host. It does not outlive the context.
func Boot(ctx context.Context, o Options) (*Machine, error) {
	if o.Patience == 0 {
		o.Patience = 30 * time.Second
	}
	m := &Machine{kernel: o.Kernel, patience: o.Patience}
	var err error
	m.program, m.line, err = start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", o.Kernel, err)
	}
	if _, err := m.exchange("boot", nil); err != nil {
		return nil, err
	}
	if err := m.settle(); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

// What a Linux computes from its memory as one with a gigabyte or more has it
// (tcp_init): a machine that is small to boot fast would otherwise offer smaller
// windows than users see. A new namespace takes these over from the first.
var memorySettings = [][2]string{
	{"/proc/sys/net/ipv4/tcp_rmem", "4096 131072 6291456"},
	{"/proc/sys/net/ipv4/tcp_wmem", "4096 16384 4194304"},
}

// settle makes the machine what every host of it begins with.
func (m *Machine) settle() error {
	for _, f := range memorySettings {
		if err := m.writeFile("boot", f[0], f[1]); err != nil {
			return err
		}
	}
	return nil
}

// Now is the time of the machine: since it was switched on.
func (m *Machine) Now() time.Duration { return m.now }

// A Step is what has come of one thing that the machine was told to do.
type Step struct {
	At     time.Duration // the machine's time afterwards
	Events []Event
}

// Result is what a call of a process has returned, if it has.
func (s *Step) Result(p *Process) (Result, bool) {
	for _, e := range s.Events {
		if r, ok := e.(Returned); ok && r.Process == p {
			return r.Result, true
		}
	}
	return Result{}, false
}

// An Event is something that has happened in the machine: a [Frame], [Returned],
// [Exited], [StateChange], [ResetSent], [ResetReceived] or [Dropped].
type Event interface{ event() }

// A Frame is an IP packet that a host has put on its cable. With an address of
// IPv6 not all are of TCP: a host tells which multicast groups it listens to.
type Frame struct {
	Host *Host
	Data []byte
}

// Returned tells that a call of a process is over.
type Returned struct {
	Process *Process
	Result  Result
}

// Exited tells that a process has ended.
type Exited struct {
	Process *Process
	Status  int // of exit
	Signal  int // that ended it, or 0
}

func (Frame) event()         {}
func (Returned) event()      {}
func (Exited) event()        {}
func (StateChange) event()   {}
func (ResetSent) event()     {}
func (ResetReceived) event() {}
func (Dropped) event()       {}

// Advance lets time go by until something happens by itself, and not beyond an
// instant. Step.At tells how far it went: past the instant by some hundred
// nanoseconds at most, for each look at the clock takes one.
func (m *Machine) Advance(until time.Duration) (Step, error) {
	b := binary.LittleEndian.AppendUint32(nil, cmdAdvance)
	return m.exchange("let time go by until "+until.String(), binary.LittleEndian.AppendUint64(b, uint64(max(0, until))))
}

// Close switches the machine off. Nothing is left of it.
func (m *Machine) Close() {
	if m.err == nil {
		m.err = errors.New("the machine is closed")
		_ = m.line.Close()
		m.program.end(0)
	}
}

// fail takes a machine down that has failed, and says what it was doing.
func (m *Machine) fail(doing string, err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("no answer within %v", m.patience)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), isBroken(err):
		err = errors.New("the kernel has stopped")
	}
	at := m.now
	end := m.program.end(50 * time.Millisecond) // it may be dying, and tell why
	_ = m.line.Close()
	m.err = fmt.Errorf("kernel %s at %v, told to %s: %w%s", m.kernel, at, doing, err, end)
	return m.err
}

// exchange tells the agent to do something and takes its answer.
func (m *Machine) exchange(doing string, commands []byte) (Step, error) {
	if m.err != nil {
		return Step{}, m.err
	}
	m.request = binary.LittleEndian.AppendUint32(m.request[:0], uint32(len(commands)))
	m.request = append(m.request, commands...)
	if err := m.line.SetDeadline(time.Now().Add(m.patience)); err != nil {
		return Step{}, m.fail(doing, err)
	}
	if _, err := m.line.Write(m.request); err != nil {
		return Step{}, m.fail(doing, err)
	}
	var head [4]byte
	if _, err := io.ReadFull(m.line, head[:]); err != nil {
		return Step{}, m.fail(doing, err)
	}
	n := binary.LittleEndian.Uint32(head[:])
	if uint64(n) > uint64(cap(m.buffer)) {
		m.buffer = make([]byte, n)
	}
	answer := m.buffer[:n]
	if _, err := io.ReadFull(m.line, answer); err != nil {
		return Step{}, m.fail(doing, err)
	}
	now, list, err := parseAnswer(answer)
	if err != nil {
		return Step{}, m.fail(doing, err)
	}
	m.now = time.Duration(now)
	step, err := m.understand(list)
	if err != nil {
		return Step{}, m.fail(doing, err)
	}
	return step, nil
}

// understand makes events of what the agent tells. The kernel's words come
// first: they say why the rest happened.
func (m *Machine) understand(list []happening) (Step, error) {
	s := Step{At: m.now}
	for _, h := range list {
		if h.kind != gotTrace {
			continue
		}
		for line := range strings.Lines(string(h.data)) {
			if e := m.parseTrace(strings.TrimSuffix(line, "\n")); e != nil {
				s.Events = append(s.Events, e)
			}
		}
	}
	for _, h := range list {
		switch h.kind {
		case gotFrame:
			for _, host := range m.hosts {
				if host.tun == h.fd {
					s.Events = append(s.Events, Frame{host, append([]byte(nil), h.data...)})
				}
			}
		case gotResult:
			p := m.slots[h.slot]
			if h.slot == agentSlot || p == nil {
				// The agent's own calls and new workers: whoever asked knows.
				s.Events = append(s.Events, agentResult{h.slot, h.value, append([]byte(nil), h.data...)})
				continue
			}
			if p.call == nil {
				return Step{}, fmt.Errorf("a call of process %d has returned that was not made", h.slot)
			}
			c := p.call
			p.call = nil
			s.Events = append(s.Events, Returned{p, result(c, h.value, append([]byte(nil), h.data...))})
		case gotExit:
			if p := m.slots[h.slot]; p != nil && h.slot != agentSlot {
				s.Events = append(s.Events, p.exited(h.status))
			}
		}
	}
	return s, nil
}

// agentResult is what a call of the agent has returned, or the birth of a
// worker. It is taken out before anybody else sees the events.
type agentResult struct {
	slot  int
	value int64
	data  []byte
}

func (agentResult) event() {}

// agent makes system calls in the agent, one after the other, and returns their
// results; the step has what else happened. The first that fails ends it, but
// the others are made all the same.
func (m *Machine) agent(doing string, calls ...raw) ([]agentResult, Step, error) {
	var b []byte
	for i := range calls {
		b = calls[i].append(b, agentSlot)
	}
	s, err := m.exchange(doing, b)
	if err != nil {
		return nil, s, err
	}
	var results []agentResult
	rest := s.Events[:0]
	for _, e := range s.Events {
		if r, ok := e.(agentResult); ok {
			results = append(results, r)
			continue
		}
		rest = append(rest, e)
	}
	s.Events = rest
	if len(results) != len(calls) {
		return nil, s, m.fail(doing, fmt.Errorf("%d results of %d calls", len(results), len(calls)))
	}
	for i, r := range results {
		if r.value < 0 {
			return results, s, &callError{doing, calls[i].nr, stack.Errno(-r.value)}
		}
	}
	return results, s, nil
}

// callError tells that a system call of the agent has failed.
type callError struct {
	doing string
	nr    uint64
	errno stack.Errno
}

func (e *callError) Error() string {
	return fmt.Sprintf("%s: system call %d: %v", e.doing, e.nr, e.errno)
}

func (e *callError) Is(target error) bool {
	return target == os.ErrNotExist && e.errno == stack.ENOENT
}

// path is a call whose first argument is a name.
func path(nr uint64, name string, flags uint64) raw {
	return raw{nr: nr, args: [6]uint64{0, flags}, pointers: 1, in: append([]byte(name), 0)}
}

// lowFD is what the agent's next descriptor is: its own are out of the way.
const lowFD = 3

// open opens a file of the machine as lowFD.
func (m *Machine) open(doing, name string, flags uint64) error {
	results, _, err := m.agent(doing, path(sysOpen, name, flags))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if results[0].value != lowFD {
		return m.fail(doing, fmt.Errorf("%s is descriptor %d of the agent, not %d", name, results[0].value, lowFD))
	}
	return nil
}

// writeFile writes all of a file of the machine at once, as a setting is.
func (m *Machine) writeFile(doing, name, text string) error {
	if err := m.open(doing, name, oWronly); err != nil {
		return err
	}
	write := raw{nr: sysWrite, args: [6]uint64{lowFD, 0, uint64(len(text))}, pointers: 1 << 1, in: []byte(text)}
	results, _, err := m.agent(doing, write, raw{nr: sysClose, args: [6]uint64{lowFD}})
	if err != nil {
		return fmt.Errorf("%s: writing %q: %w", name, text, err)
	}
	if results[0].value != int64(len(text)) {
		return fmt.Errorf("%s: writing %q: took %d bytes", name, text, results[0].value)
	}
	return nil
}

// readFile reads a file of the machine of at most a page.
func (m *Machine) readFile(doing, name string) (string, error) {
	if err := m.open(doing, name, 0); err != nil {
		return "", err
	}
	read := raw{nr: sysRead, args: [6]uint64{lowFD, 0, 4096}, pointers: 1 << 1, out: 4096 | asReturned}
	results, _, err := m.agent(doing, read, raw{nr: sysClose, args: [6]uint64{lowFD}})
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return string(results[0].data), nil
}
