package simtest

import (
	"time"

	"github.com/tcpsim/tcpsim/stack"
	"golang.org/x/sys/unix"
)

// kernelOption is where the kernel has an option.
type kernelOption struct{ level, number int }

var kernelOptions = map[string]kernelOption{
	"SO_REUSEADDR":     {unix.SOL_SOCKET, unix.SO_REUSEADDR},
	"SO_REUSEPORT":     {unix.SOL_SOCKET, unix.SO_REUSEPORT},
	"SO_KEEPALIVE":     {unix.SOL_SOCKET, unix.SO_KEEPALIVE},
	"SO_LINGER":        {unix.SOL_SOCKET, unix.SO_LINGER},
	"SO_RCVBUF":        {unix.SOL_SOCKET, unix.SO_RCVBUF},
	"SO_SNDBUF":        {unix.SOL_SOCKET, unix.SO_SNDBUF},
	"TCP_NODELAY":      {unix.IPPROTO_TCP, unix.TCP_NODELAY},
	"TCP_KEEPIDLE":     {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
	"TCP_KEEPINTVL":    {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL},
	"TCP_KEEPCNT":      {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
	"TCP_USER_TIMEOUT": {unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT},
}

// doubled are the options that getsockopt gives twice as large as setsockopt
// takes them (Linux: sock_setsockopt).
var doubled = map[string]bool{"SO_RCVBUF": true, "SO_SNDBUF": true}

// withOptions calls f with a socket that has the options now, and gives those
// that it has changed.
func withOptions(ip4 bool, now []option, f func(fd uintptr)) ([]option, error) {
	family := unix.AF_INET
	if !ip4 {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	for _, o := range now {
		at := kernelOptions[o.name]
		switch {
		case o.name == "SO_LINGER":
			l := unix.Linger{Linger: int32(o.value.Linger.Time / time.Second)}
			if o.value.Linger.On {
				l.Onoff = 1
			}
			unix.SetsockoptLinger(fd, at.level, at.number, &l)
		case doubled[o.name]:
			unix.SetsockoptInt(fd, at.level, at.number, o.value.Int/2)
		default:
			unix.SetsockoptInt(fd, at.level, at.number, o.value.Int)
		}
	}
	before := kernelHas(fd)
	f(uintptr(fd))
	changed := differing(before, kernelHas(fd))
	for i, o := range changed {
		if doubled[o.name] {
			changed[i].value.Int /= 2
		}
	}
	return changed, nil
}

// kernelHas reads the options of a socket.
func kernelHas(fd int) []option {
	var all []option
	for _, name := range mirrored {
		at := kernelOptions[name]
		if name == "SO_LINGER" {
			if l, err := unix.GetsockoptLinger(fd, at.level, at.number); err == nil {
				all = append(all, option{name, stack.Value{Kind: stack.KindLinger, Linger: stack.Linger{
					On: l.Onoff != 0, Time: time.Duration(l.Linger) * time.Second,
				}}})
			}
			continue
		}
		if n, err := unix.GetsockoptInt(fd, at.level, at.number); err == nil {
			if at.level == unix.SOL_SOCKET && !doubled[name] && n != 0 || name == "TCP_NODELAY" && n != 0 {
				n = 1
			}
			all = append(all, option{name, stack.Value{Int: n}})
		}
	}
	return all
}

// withPair calls f with the ends of a stream that goes nowhere.
func withPair(f func(near, far int) error) error {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	return f(fds[0], fds[1])
}

// withUnread calls f with a stream in which data is unread and that goes on as
// state says. It gives how much f has left of the data.
func withUnread(data []byte, state streamState, f func(fd uintptr) bool) (left int, done bool, err error) {
	err = withPair(func(near, far int) error {
		for put := data; len(put) > 0; {
			n, err := unix.Write(far, put)
			if err != nil {
				return err
			}
			put = put[n:]
		}
		switch state {
		case streamEnded:
			if err := unix.Shutdown(far, unix.SHUT_WR); err != nil {
				return err
			}
		case streamReset:
			if err := reset(near, far); err != nil {
				return err
			}
		}
		done = f(uintptr(near))
		if state == streamOpen {
			left, err = unix.IoctlGetInt(near, unix.TIOCINQ)
		}
		return err
	})
	return left, done, err
}

// reset makes the near end of a pair fail with ECONNRESET: a Unix socket that
// is shut down for good with data unread tells its peer so (Linux:
// unix_release_sock). The far end stays a descriptor, of something else.
func reset(near, far int) error {
	if _, err := unix.Write(near, []byte{0}); err != nil {
		return err
	}
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(null)
	return unix.Dup3(null, far, unix.O_CLOEXEC)
}

// withRoom calls f with a stream that has room, or that is broken, and gives
// what f has written to it.
func withRoom(broken bool, f func(fd uintptr) bool) (data []byte, done bool, err error) {
	err = withPair(func(near, far int) error {
		if broken {
			if err := unix.Shutdown(near, unix.SHUT_WR); err != nil {
				return err
			}
		}
		done = f(uintptr(near))
		buf := make([]byte, 64<<10)
		for {
			n, err := unix.Read(far, buf)
			if n <= 0 || err != nil {
				return nil // all is read: EAGAIN, or the end of what was shut
			}
			data = append(data, buf[:n]...)
		}
	})
	return data, done, err
}
