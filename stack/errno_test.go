package stack

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestErrnos(t *testing.T) {
	// The numbers are Linux's on amd64 and arm64, wherever this runs.
	for name, number := range map[string]int{
		"EPERM": 1, "ENOENT": 2, "EINTR": 4, "EBADF": 9, "EAGAIN": 11, "EACCES": 13, "EFAULT": 14, "EINVAL": 22,
		"EMFILE": 24, "EPIPE": 32, "EDOM": 33, "ENOTSOCK": 88, "EDESTADDRREQ": 89, "ENOPROTOOPT": 92,
		"EOPNOTSUPP": 95, "EAFNOSUPPORT": 97, "EADDRINUSE": 98, "EADDRNOTAVAIL": 99, "ENETDOWN": 100,
		"ENETUNREACH": 101, "ECONNABORTED": 103, "ECONNRESET": 104, "ENOBUFS": 105, "EISCONN": 106, "ENOTCONN": 107,
		"ETIMEDOUT": 110, "ECONNREFUSED": 111, "EHOSTDOWN": 112, "EHOSTUNREACH": 113, "EALREADY": 114, "EINPROGRESS": 115,
	} {
		e, ok := ParseErrno(name)
		if !ok || int(e) != number || e.String() != name {
			t.Errorf("%s: number %d, name %s", name, int(e), e)
		}
		if !strings.HasPrefix(e.Error(), name+": ") {
			t.Errorf("%s as an error reads %q", name, e.Error())
		}
		if !slices.Contains(ErrnoNames(), name) {
			t.Errorf("%s is not in ErrnoNames", name)
		}
	}
	if n := len(ErrnoNames()); n != 31 {
		t.Errorf("%d errnos, 31 tested", n)
	}
	for _, name := range []string{"", "OK", "econnreset", "EFOO"} {
		if e, ok := ParseErrno(name); ok {
			t.Errorf("%q is taken for %s", name, e)
		}
	}
	if s := Errno(3).Error(); s != "errno 3" {
		t.Errorf("an unknown errno reads %q", s)
	}
	if s := OK.String(); s != "OK" {
		t.Errorf("success reads %q", s)
	}
}

func TestStatesHaveTwoNames(t *testing.T) {
	for s := Closed; s <= TimeWait; s++ {
		for _, name := range []string{s.String(), s.Linux()} {
			if got, ok := ParseState(name); !ok || got != s {
				t.Errorf("%s parses as %s", name, got)
			}
		}
	}
	if _, ok := ParseState("FOO"); ok || State(99).String() != "UNKNOWN" || State(99).Linux() != "UNKNOWN" {
		t.Error("an unknown state has a name")
	}
}

func TestPollEventsRoundTrip(t *testing.T) {
	for e := range PollEvents(0x40) {
		for _, e := range []PollEvents{e, e | PollRdHup} {
			if got, ok := ParsePollEvents(e.String()); !ok || got != e {
				t.Errorf("%#x prints as %s, which parses as %#x", int(e), e, int(got))
			}
		}
	}
	for _, s := range []string{"", "POLLFOO", "POLLIN|", "POLLIN|0"} {
		if e, ok := ParsePollEvents(s); ok {
			t.Errorf("%q is taken for %s", s, e)
		}
	}
}

func TestMsgFlagsRoundTrip(t *testing.T) {
	for f, want := range map[MsgFlags]string{
		0: "0", MsgPeek: "MSG_PEEK", MsgDontWait: "MSG_DONTWAIT", MsgNoSignal: "MSG_NOSIGNAL", MsgWaitAll: "MSG_WAITALL",
		MsgPeek | MsgDontWait: "MSG_PEEK|MSG_DONTWAIT",
	} {
		if f.String() != want {
			t.Errorf("%d prints as %s, want %s", f, f, want)
		}
	}
	if f, ok := ParseMsgFlag("MSG_WAITALL"); !ok || f != MsgWaitAll {
		t.Error("MSG_WAITALL does not parse")
	}
	if _, ok := ParseMsgFlag("MSG_OOB"); ok {
		t.Error("MSG_OOB does not exist here")
	}
}

// TestErrnosAreThoseOfSyscall: for errors.Is, under whatever number the system has.
func TestErrnosAreThoseOfSyscall(t *testing.T) {
	err := fmt.Errorf("recv: %w", ECONNRESET)
	if !errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || !errors.Is(err, ECONNRESET) {
		t.Errorf("%v is not what it is", err)
	}
	for _, name := range ErrnoNames() {
		e, _ := ParseErrno(name)
		if n, ok := e.System(); ok && runtime.GOOS == "linux" && int(n) != int(e) {
			t.Errorf("%s is number %d, not %d", name, int(n), int(e))
		}
	}
}
