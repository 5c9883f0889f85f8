package sim

import (
	"iter"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// task is a coroutine: a process, or the experimenter. Exactly one thing runs
// at a time, so that a task needs no locks and switching costs no scheduler.
type task struct {
	sim     *Sim
	name    string
	body    func()
	process *Process // nil for the experimenter
	start   time.Duration

	started bool
	over    bool
	doing   string   // for messages, when it is not in a call
	call    trace.Op // that it is in, OpNone for none
	args    *trace.Args
	resume  func() (struct{}, bool)
	stop    func()
	yield   func(struct{}) bool

	slept   uint64 // counts waits; an entry of the heap with another count is stale
	expired bool
	ready   func() bool

	// What most waits are for, without a function to allocate.
	socket *stack.Socket
	stirs  uint64
}

// unwound is what a task panics with to leave its function: when it exits,
// when it is killed and when the run is over.
type unwound struct{}

// forever is a deadline that never comes.
const forever = time.Duration(-1)

// wait blocks the task until ready reports true or the deadline, an instant of
// virtual time, has come. It reports whether it was the deadline.
func (t *task) wait(deadline time.Duration, ready func() bool) (expired bool) {
	t.slept++
	t.expired, t.ready = false, ready
	if deadline != forever {
		t.sim.heap.push(event{at: deadline, task: t, slept: t.slept})
	}
	if !t.yield(struct{}{}) || t.over {
		panic(unwound{})
	}
	t.slept++
	return t.expired
}

// expire is the deadline of a wait, or the start of the task.
func (s *Sim) expire(t *task) { t.expired = true }

// waitSocket is wait until something has happened to a socket since it was in
// the state that stirs stands for.
func (t *task) waitSocket(deadline time.Duration, sock *stack.Socket, stirs uint64) (expired bool) {
	t.socket, t.stirs = sock, stirs
	expired = t.wait(deadline, nil)
	t.socket = nil
	return expired
}

func (t *task) canRun() bool {
	switch {
	case t.over:
		return false
	case t.expired:
		return true
	case t.socket != nil:
		return t.socket.Stirs() != t.stirs
	}
	return t.started && t.ready != nil && t.ready()
}

// runTasks lets every task that can go on do so, in the order in which they
// were made, until none can.
func (s *Sim) runTasks() {
	for again := true; again; {
		again = false
		for i := 0; i < len(s.tasks); i++ {
			t := s.tasks[i]
			if !t.canRun() {
				continue
			}
			if s.err != nil || !s.spend() {
				return
			}
			t.run()
			again = true
		}
	}
}

func (t *task) run() {
	if !t.started {
		t.started = true
		t.resume, t.stop = iter.Pull(t.sequence)
	}
	t.resume()
}

func (t *task) sequence(yield func(struct{}) bool) {
	t.yield = yield
	defer func() {
		t.over = true
		if r := recover(); r != nil {
			if _, ok := r.(unwound); !ok {
				panic(t.panicked(r))
			}
		}
	}()
	growStack()
	t.body()
}

// growStack makes the stack of a task that begins as large as TCP is going to
// need. A stack that grows is copied, call by call: doing that three times,
// deep inside gVisor, is an eighth of a short run, and nothing while the stack
// is empty.
//
//go:noinline
func growStack() {
	var room [10 << 10]byte
	use(&room)
}

//go:noinline
func use(*[10 << 10]byte) {}

// unwind ends the task where it stands.
func (t *task) unwind() {
	t.over = true
	if t.stop != nil {
		t.stop()
	}
}

func (t *task) sleep(d time.Duration) {
	t.wait(t.sim.now+max(d, 0), nil)
}
