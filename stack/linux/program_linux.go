package linux

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// program is the process in which a kernel runs.
type program struct {
	cmd     *exec.Cmd
	console tail
	ended   chan struct{}
	err     error // of Wait; after ended
}

// start starts a kernel and returns it with our end of the line.
//
// The kernel's process is the head of a process group, in which the processes are
// that its programs run in; they die with it (PTRACE_O_EXITKILL). It dies when the
// thread ends that started it, which is here kept until then: so nothing is left
// when this program is killed.
func start(ctx context.Context, o Options) (*program, *os.File, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	theirs := os.NewFile(uintptr(pair[1]), "line")
	defer theirs.Close()
	if err := unix.SetNonblock(pair[0], true); err != nil {
		_ = unix.Close(pair[0])
		return nil, nil, err
	}
	ours := os.NewFile(uintptr(pair[0]), "line")
	p := &program{ended: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, o.Kernel, arguments()...)
	p.cmd.Env = environment(o.Seed)
	p.cmd.ExtraFiles = []*os.File{theirs} // descriptor 3
	p.cmd.Stdout, p.cmd.Stderr = &p.console, &p.console
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p.cmd.Cancel = p.kill
	p.cmd.WaitDelay = 5 * time.Second
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.ended)
		}
		runtime.UnlockOSThread()
	}()
	if err := <-started; err != nil {
		_ = ours.Close()
		return nil, nil, err
	}
	return p, ours, nil
}

// arguments are the kernel's command line.
func arguments() []string {
	return []string{
		// Enough for what a scenario can have in buffers, and little to set up.
		"mem=96M",
		"time-travel=inf-cpu",
		// The clock on the wall of the machine: some day, always the same.
		"time-travel-start=1700000000000000000",
		"norandmaps",
		// The seed is to be trusted, so that nothing waits for entropy.
		"random.trust_cpu=1",
		// As many as a PC with 8 GB has: limits on half-open connections follow.
		"thash_entries=65536",
		// The tracepoints whose words are passed on, in virtual time. One that a
		// kernel does not have (tcp_send_reset has its reason since 6.10) is not
		// missed.
		"trace_event=sock:inet_sock_set_state,tcp:tcp_send_reset,tcp:tcp_receive_reset,skb:kfree_skb",
		"trace_clock=mono",
		"trace_buf_size=256k",
		"panic=-1",
		"quiet",
	}
}

// environment is all that the kernel sees of ours.
func environment(seed uint64) []string {
	env := []string{"TCPSIM_SEED=" + strconv.FormatUint(seed, 10)}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} { // where its memory lies
		if dir := os.Getenv(name); dir != "" {
			env = append(env, name+"="+dir)
		}
	}
	return env
}

// kill ends the kernel and what it has started, whatever they are doing.
func (p *program) kill() error {
	err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		err = os.ErrProcessDone
	}
	return err
}

// end ends the program, after a while in which it may end of its own accord, and
// waits until it is gone. It says how it ended in the while, and what was last on
// its console.
func (p *program) end(while time.Duration) string {
	text := ""
	select {
	case <-p.ended:
		text = p.ending()
	case <-time.After(while):
		_ = p.kill()
		<-p.ended
	}
	if last := p.console.last(12); last != "" {
		text += "; last on its console:\n" + last
	}
	return text
}

func (p *program) ending() string {
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		return fmt.Sprintf(" (%v)", exit)
	}
	return " (it has ended)"
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text = append(t.text, b...); len(t.text) > 16<<10 {
		t.text = append(t.text[:0], t.text[len(t.text)-8<<10:]...)
	}
	return len(b), nil
}

func (t *tail) last(n int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(t.text), "\r", "")), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func isBroken(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}
