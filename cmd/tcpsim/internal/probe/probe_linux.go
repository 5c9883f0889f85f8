package probe

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ptraceChild tries to trace a child, which is how a kernel that runs as a
// program runs its own programs.
func ptraceChild() Check {
	c := Check{Name: "tracing a child process (ptrace)"}
	// A tracer is a thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.Command("/proc/self/exe")
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		c.Err = err
		switch scope := sysctl("kernel/yama/ptrace_scope"); {
		case scope == "3":
			c.Remedy = "sudo sysctl kernel.yama.ptrace_scope=1 (after a reboot: 3 cannot be taken back)"
		default:
			c.Remedy = "in a container: --cap-add SYS_PTRACE, or a seccomp profile that allows ptrace"
		}
		return c
	}
	// It stands at its first instruction.
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return c
}

// execInTemp tries to map a temporary file as code: the memory of such a kernel
// is one.
func execInTemp() Check {
	dir := tempDir()
	c := Check{Name: "running code from a file in " + dir}
	f, err := os.CreateTemp(dir, "tcpsim-probe-")
	if err != nil {
		c.Err = err
		c.Remedy = "set TMPDIR to a directory that can be written"
		return c
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		c.Err = err
		return c
	}
	if c.Err = f.Truncate(4096); c.Err != nil {
		return c
	}
	code, err := unix.Mmap(int(f.Fd()), 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_SHARED)
	if err != nil {
		c.Err = fmt.Errorf("mmap: %w (is it mounted noexec?)", err)
		c.Remedy = "set TMPDIR to a directory that is not mounted noexec"
		return c
	}
	c.Err = unix.Munmap(code)
	return c
}

// tempDir is where a User-Mode Linux puts its memory: the choice is its own.
func tempDir() string {
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		if dir := os.Getenv(name); dir != "" {
			return dir
		}
	}
	var s unix.Statfs_t
	if unix.Statfs("/dev/shm", &s) == nil && s.Type == unix.TMPFS_MAGIC {
		return "/dev/shm"
	}
	return "/tmp"
}

func sysctl(name string) string {
	text, err := os.ReadFile("/proc/sys/" + name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// What is tried inside a user and network namespace, in this order.
const (
	openTUN  = "/dev/net/tun"
	makeTUN  = "a TUN device (TUNSETIFF)"
	setLocal = "settings of the namespace (/proc/sys/net/ipv4)"
)

// Host tries what it takes to use the machine's own kernel without privileges.
// inside is the command that runs [Inside].
func Host(ctx context.Context, inside []string) []Check {
	ns := Check{Name: "a user and a network namespace"}
	cmd := exec.CommandContext(ctx, inside[0], inside[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			ns.Err = fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
			return []Check{ns}
		}
		ns.Err = err
		switch {
		case sysctl("user/max_user_namespaces") == "0":
			ns.Remedy = "sudo sysctl user.max_user_namespaces=10000"
		case sysctl("user/max_net_namespaces") == "0":
			ns.Remedy = "sudo sysctl user.max_net_namespaces=10000"
		case sysctl("kernel/unprivileged_userns_clone") == "0":
			ns.Remedy = "sudo sysctl kernel.unprivileged_userns_clone=1"
		default:
			ns.Remedy = "in a container: a seccomp profile that allows clone(CLONE_NEWUSER), such as --security-opt seccomp=unconfined"
		}
		return []Check{ns}
	}
	checks := []Check{ns}
	failed := false
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		name, text, _ := strings.Cut(lines.Text(), "\t")
		c := Check{Name: name}
		if text != "" {
			failed = true
			c.Err, c.Remedy = errors.New(text), remedy(name)
		}
		checks = append(checks, c)
	}
	if failed && sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1" {
		checks = append(checks, Check{
			Name:   "privileges in the namespace (AppArmor)",
			Err:    errors.New("kernel.apparmor_restrict_unprivileged_userns is 1: the namespace is made but gives no privileges"),
			Remedy: "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
		})
	}
	return checks
}

func remedy(name string) string {
	switch name {
	case openTUN:
		return "sudo modprobe tun; in a container: --device /dev/net/tun"
	case makeTUN, setLocal:
		return "a user namespace with its privileges: AppArmor, SELinux or seccomp holds them back"
	}
	return ""
}

// Inside tries what has to be tried in a namespace and writes a line for each
// thing: its name, a tab, and why it does not work.
func Inside(w io.Writer) error {
	tun, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	report := func(name string, err error) error {
		text := ""
		if err != nil {
			text = err.Error()
		}
		_, err = fmt.Fprintf(w, "%s\t%s\n", name, text)
		return err
	}
	if werr := report(openTUN, err); werr != nil {
		return werr
	}
	if err == nil {
		defer unix.Close(tun)
		var r *unix.Ifreq
		if r, err = unix.NewIfreq("tcpsim0"); err == nil {
			r.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
			err = unix.IoctlIfreq(tun, unix.TUNSETIFF, r)
		}
		if werr := report(makeTUN, err); werr != nil {
			return werr
		}
	}
	const file = "/proc/sys/net/ipv4/tcp_syn_retries"
	err = os.WriteFile(file, []byte("5"), 0)
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return report(setLocal, err)
}
