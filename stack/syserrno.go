package stack

import "syscall"

// systemErrnos are the errnos that a TCP socket gives a Go program, under the
// numbers of the system that the program runs on.
var systemErrnos = map[Errno]syscall.Errno{
	EBADF:         syscall.EBADF,
	EAGAIN:        syscall.EAGAIN,
	EINVAL:        syscall.EINVAL,
	EACCES:        syscall.EACCES,
	EPIPE:         syscall.EPIPE,
	EOPNOTSUPP:    syscall.EOPNOTSUPP,
	ENOPROTOOPT:   syscall.ENOPROTOOPT,
	EAFNOSUPPORT:  syscall.EAFNOSUPPORT,
	EADDRINUSE:    syscall.EADDRINUSE,
	EADDRNOTAVAIL: syscall.EADDRNOTAVAIL,
	ENETDOWN:      syscall.ENETDOWN,
	ENETUNREACH:   syscall.ENETUNREACH,
	ECONNABORTED:  syscall.ECONNABORTED,
	ECONNRESET:    syscall.ECONNRESET,
	ENOBUFS:       syscall.ENOBUFS,
	EALREADY:      syscall.EALREADY,
	EINPROGRESS:   syscall.EINPROGRESS,
	EISCONN:       syscall.EISCONN,
	ENOTCONN:      syscall.ENOTCONN,
	ETIMEDOUT:     syscall.ETIMEDOUT,
	ECONNREFUSED:  syscall.ECONNREFUSED,
	EHOSTDOWN:     syscall.EHOSTDOWN,
	EHOSTUNREACH:  syscall.EHOSTUNREACH,
}

// System is the errno of the same name on the system that the program runs on,
// whose numbers need not be Linux's; false for one that no TCP socket gives.
func (e Errno) System() (n syscall.Errno, ok bool) {
	n, ok = systemErrnos[e]
	return n, ok
}

// Is makes errors.Is find an Errno by the name that package syscall has for it:
// errors.Is(err, syscall.ECONNRESET).
func (e Errno) Is(target error) bool {
	n, ok := e.System()
	return ok && target == n
}
