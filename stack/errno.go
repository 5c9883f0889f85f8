package stack

import (
	"fmt"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// Errno is a Linux error number. Zero is success. The numbers are those of
// Linux on amd64 and arm64, also where tcpsim itself runs on something else,
// so that a trace does not depend on the machine that made it.
type Errno int

// The errnos that a TCP socket can give (errno-base.h and errno.h of Linux).
const (
	OK              Errno = 0
	EPERM           Errno = 1
	ENOENT          Errno = 2
	EINTR           Errno = 4
	EBADF           Errno = 9
	EAGAIN          Errno = 11
	EACCES          Errno = 13
	EFAULT          Errno = 14
	EINVAL          Errno = 22
	EMFILE          Errno = 24
	EPIPE           Errno = 32
	EDOM            Errno = 33
	ENOTSOCK        Errno = 88
	EDESTADDRREQ    Errno = 89
	ENOPROTOOPT     Errno = 92
	EOPNOTSUPP      Errno = 95
	EAFNOSUPPORT    Errno = 97
	EADDRINUSE      Errno = 98
	EADDRNOTAVAIL   Errno = 99
	ENETDOWN        Errno = 100
	ENETUNREACH     Errno = 101
	ECONNABORTED    Errno = 103
	ECONNRESET      Errno = 104
	ENOBUFS         Errno = 105
	EISCONN         Errno = 106
	ENOTCONN        Errno = 107
	ETIMEDOUT       Errno = 110
	ECONNREFUSED    Errno = 111
	EHOSTDOWN       Errno = 112
	EHOSTUNREACH    Errno = 113
	EALREADY        Errno = 114
	EINPROGRESS     Errno = 115
	errnoTableWidth       = 116
)

var errnos = [errnoTableWidth]struct{ name, text string }{
	EPERM:         {"EPERM", "Operation not permitted"},
	ENOENT:        {"ENOENT", "No such file or directory"},
	EINTR:         {"EINTR", "Interrupted system call"},
	EBADF:         {"EBADF", "Bad file descriptor"},
	EAGAIN:        {"EAGAIN", "Resource temporarily unavailable"},
	EACCES:        {"EACCES", "Permission denied"},
	EFAULT:        {"EFAULT", "Bad address"},
	EINVAL:        {"EINVAL", "Invalid argument"},
	EMFILE:        {"EMFILE", "Too many open files"},
	EPIPE:         {"EPIPE", "Broken pipe"},
	EDOM:          {"EDOM", "Numerical argument out of domain"},
	ENOTSOCK:      {"ENOTSOCK", "Socket operation on non-socket"},
	EDESTADDRREQ:  {"EDESTADDRREQ", "Destination address required"},
	ENOPROTOOPT:   {"ENOPROTOOPT", "Protocol not available"},
	EOPNOTSUPP:    {"EOPNOTSUPP", "Operation not supported"},
	EAFNOSUPPORT:  {"EAFNOSUPPORT", "Address family not supported by protocol"},
	EADDRINUSE:    {"EADDRINUSE", "Address already in use"},
	EADDRNOTAVAIL: {"EADDRNOTAVAIL", "Cannot assign requested address"},
	ENETDOWN:      {"ENETDOWN", "Network is down"},
	ENETUNREACH:   {"ENETUNREACH", "Network is unreachable"},
	ECONNABORTED:  {"ECONNABORTED", "Software caused connection abort"},
	ECONNRESET:    {"ECONNRESET", "Connection reset by peer"},
	ENOBUFS:       {"ENOBUFS", "No buffer space available"},
	EISCONN:       {"EISCONN", "Transport endpoint is already connected"},
	ENOTCONN:      {"ENOTCONN", "Transport endpoint is not connected"},
	ETIMEDOUT:     {"ETIMEDOUT", "Connection timed out"},
	ECONNREFUSED:  {"ECONNREFUSED", "Connection refused"},
	EHOSTDOWN:     {"EHOSTDOWN", "Host is down"},
	EHOSTUNREACH:  {"EHOSTUNREACH", "No route to host"},
	EALREADY:      {"EALREADY", "Operation already in progress"},
	EINPROGRESS:   {"EINPROGRESS", "Operation now in progress"},
}

// String is the errno's name, such as ECONNRESET, and "OK" for success.
func (e Errno) String() string {
	switch {
	case e == OK:
		return "OK"
	case e > 0 && int(e) < len(errnos) && errnos[e].name != "":
		return errnos[e].name
	}
	return fmt.Sprintf("errno %d", int(e))
}

// Text is what strerror(3) says of it.
func (e Errno) Text() string {
	if e > 0 && int(e) < len(errnos) {
		return errnos[e].text
	}
	return ""
}

// Error makes an Errno an error: the name, then the text.
func (e Errno) Error() string {
	if t := e.Text(); t != "" {
		return e.String() + ": " + t
	}
	return e.String()
}

// errnoAliases are second names that Linux has for a number.
var errnoAliases = map[string]Errno{"EWOULDBLOCK": EAGAIN, "ENOTSUP": EOPNOTSUPP}

// ParseErrno finds an errno by its name or its second name.
func ParseErrno(name string) (Errno, bool) {
	if e, ok := errnoAliases[name]; ok {
		return e, true
	}
	for i, e := range errnos {
		if e.name != "" && e.name == name {
			return Errno(i), true
		}
	}
	return OK, false
}

// ErrnoNames lists the known names in the order of their numbers, without
// second names.
func ErrnoNames() []string {
	var names []string
	for _, e := range errnos {
		if e.name != "" {
			names = append(names, e.name)
		}
	}
	return names
}

// errnoOf gives the errno that Linux uses where gVisor gives err.
func errnoOf(err tcpip.Error) Errno {
	switch err.(type) {
	case nil, *tcpip.ErrClosedForReceive:
		return OK
	case *tcpip.ErrWouldBlock, *tcpip.ErrNoPortAvailable:
		return EAGAIN
	case *tcpip.ErrConnectStarted:
		return EINPROGRESS
	case *tcpip.ErrAlreadyConnecting:
		return EALREADY
	case *tcpip.ErrAlreadyConnected:
		return EISCONN
	case *tcpip.ErrConnectionRefused:
		return ECONNREFUSED
	case *tcpip.ErrConnectionReset:
		return ECONNRESET
	case *tcpip.ErrConnectionAborted:
		return ECONNABORTED
	case *tcpip.ErrAborted, *tcpip.ErrClosedForSend:
		return EPIPE
	case *tcpip.ErrTimeout:
		return ETIMEDOUT
	case *tcpip.ErrNotConnected:
		return ENOTCONN
	case *tcpip.ErrPortInUse, *tcpip.ErrDuplicateAddress:
		return EADDRINUSE
	case *tcpip.ErrBadLocalAddress:
		return EADDRNOTAVAIL
	case *tcpip.ErrHostUnreachable:
		return EHOSTUNREACH
	case *tcpip.ErrHostDown:
		return EHOSTDOWN
	case *tcpip.ErrNetworkUnreachable, *tcpip.ErrNoNet:
		return ENETUNREACH
	case *tcpip.ErrNoBufferSpace:
		return ENOBUFS
	case *tcpip.ErrUnknownProtocolOption:
		return ENOPROTOOPT
	case *tcpip.ErrNotSupported:
		return EOPNOTSUPP
	case *tcpip.ErrNoSuchFile:
		return ENOENT
	case *tcpip.ErrBadBuffer:
		return EFAULT
	case *tcpip.ErrDestinationRequired:
		return EDESTADDRREQ
	case *tcpip.ErrBroadcastDisabled:
		return EACCES
	case *tcpip.ErrAddressFamilyNotSupported:
		return EAFNOSUPPORT
	default:
		return EINVAL
	}
}
