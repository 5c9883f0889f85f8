package model

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tcpsim/tcpsim/stack/words"
)

// errnos are Linux's names. Two names of one number are the same result, see
// errnoAliases.
var errnos = strings.Fields(`
E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EADV EAFNOSUPPORT EAGAIN EALREADY EBADE
EBADF EBADFD EBADMSG EBADR EBADRQC EBADSLT EBFONT EBUSY ECANCELED ECHILD ECHRNG
ECOMM ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDESTADDRREQ EDOM EDOTDOT
EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EHWPOISON EIDRM EILSEQ
EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR EISNAM EKEYEXPIRED EKEYREJECTED
EKEYREVOKED EL2HLT EL2NSYNC EL3HLT EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX
ELIBSCN ELNRNG ELOOP EMEDIUMTYPE EMFILE EMLINK EMSGSIZE EMULTIHOP ENAMETOOLONG
ENAVAIL ENETDOWN ENETRESET ENETUNREACH ENFILE ENOANO ENOBUFS ENOCSI ENODATA
ENODEV ENOENT ENOEXEC ENOKEY ENOLCK ENOLINK ENOMEDIUM ENOMEM ENOMSG ENONET
ENOPKG ENOPROTOOPT ENOSPC ENOSR ENOSTR ENOSYS ENOTBLK ENOTCONN ENOTDIR
ENOTEMPTY ENOTNAM ENOTRECOVERABLE ENOTSOCK ENOTTY ENOTUNIQ ENXIO EOPNOTSUPP
EOVERFLOW EOWNERDEAD EPERM EPFNOSUPPORT EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE
ERANGE EREMCHG EREMOTE EREMOTEIO ERESTART ERFKILL EROFS ESHUTDOWN
ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT ESTALE ESTRPIPE ETIME ETIMEDOUT
ETOOMANYREFS ETXTBSY EUCLEAN EUNATCH EUSERS EXDEV EXFULL`)

var errnoAliases = map[string]string{
	"EWOULDBLOCK": "EAGAIN",
	"EDEADLOCK":   "EDEADLK",
	"ENOTSUP":     "EOPNOTSUPP",
}

// states are RFC 9293's, with the hyphens written as underscores.
var states = strings.Fields(`CLOSED LISTEN SYN_SENT SYN_RECEIVED ESTABLISHED
FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT`)

var (
	requestedEvents = strings.Fields("POLLIN POLLPRI POLLOUT POLLRDHUP")
	reportedEvents  = strings.Fields("POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDHUP")
)

// meant ends a message about an unknown name: with the nearest valid one or,
// when none is near, with all of them.
func meant(name string, candidates []string) string {
	if len(candidates) == 0 {
		return ""
	}
	return words.Meant(name, candidates, "; expected "+words.Either(candidates))
}

// quote quotes a value for a message, and shortens it: a message is one line.
func quote(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) > most {
		return strconv.Quote(string([]rune(s)[:most])) + "..."
	}
	return strconv.Quote(s)
}

// inOrder returns the names that are given, in the order of all.
func inOrder(given, all []string) []string {
	var sorted []string
	for _, name := range all {
		if slices.Contains(given, name) {
			sorted = append(sorted, name)
		}
	}
	return sorted
}
