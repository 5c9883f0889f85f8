package stack

import "testing"

func TestASignalIsFoundByItsName(t *testing.T) {
	for _, s := range []Signal{SIGINT, SIGABRT, SIGKILL, SIGPIPE, SIGTERM} {
		if got, ok := ParseSignal(s.String()); !ok || got != s || !s.Known() {
			t.Errorf("%s: parsed as %s, %v", s, got, ok)
		}
	}
	if s, ok := ParseSignal("SIGHUP"); ok {
		t.Errorf("SIGHUP, which ends nothing here, is %s", s)
	}
	if s := Signal(1); s.Known() || s.String() != "signal 1" {
		t.Errorf("signal 1 is %s", s)
	}
}

func TestADirectionOfShutdownIsFoundByItsName(t *testing.T) {
	for text, want := range map[string]How{"RD": ShutRead, "SHUT_WR": ShutWrite, "RDWR": ShutBoth, "SHUT_RDWR": ShutBoth} {
		if got, ok := ParseHow(text); !ok || got != want {
			t.Errorf("%s is %s, %v", text, got, ok)
		}
	}
	if h, ok := ParseHow("SHUT_"); ok {
		t.Errorf("SHUT_ is %s", h)
	}
}

func TestASecondNameOfAnErrnoIsThatErrno(t *testing.T) {
	for name, want := range map[string]Errno{"EWOULDBLOCK": EAGAIN, "ENOTSUP": EOPNOTSUPP, "EAGAIN": EAGAIN} {
		if got, ok := ParseErrno(name); !ok || got != want {
			t.Errorf("%s is %s, %v", name, got, ok)
		}
	}
}
