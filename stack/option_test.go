package stack

import (
	"math"
	"testing"
	"time"
)

func intValue(n int) Value { return Value{Int: n} }

func timeValue(d time.Duration) Value { return Value{Kind: KindTime, Time: d} }

func lingerValue(on bool, d time.Duration) Value {
	return Value{Kind: KindLinger, Linger: Linger{On: on, Time: d}}
}

func textValue(s string) Value { return Value{Kind: KindText, Text: s} }

// optionTests has one entry for every option of the table.
var optionTests = map[string]struct {
	fresh Value   // of a new socket
	set   []Value // accepted, and given back as they are
	as    map[int]int
	bad   []Value // EINVAL
	fixed bool    // cannot be set
}{
	"SO_LINGER": {
		fresh: lingerValue(false, 0),
		set:   []Value{lingerValue(true, 0), lingerValue(true, 5*time.Second), lingerValue(false, 0)},
		bad:   []Value{intValue(1)},
	},
	"SO_REUSEADDR":     {set: []Value{intValue(1), intValue(0)}, as: map[int]int{7: 1}},
	"SO_REUSEPORT":     {set: []Value{intValue(1), intValue(0)}, as: map[int]int{7: 1}},
	"SO_KEEPALIVE":     {set: []Value{intValue(1), intValue(0)}, as: map[int]int{-1: 1}},
	"SO_RCVBUF":        {fresh: intValue(1 << 20), as: map[int]int{0: 4096, 10000: 20000, math.MaxInt32: 4 << 20}, bad: []Value{intValue(-1)}},
	"SO_SNDBUF":        {fresh: intValue(1 << 20), as: map[int]int{0: 4096, 10000: 20000, math.MaxInt32: 4 << 20}, bad: []Value{intValue(-1)}},
	"SO_RCVTIMEO":      {fresh: timeValue(0), set: []Value{timeValue(1500 * time.Millisecond), timeValue(0)}, bad: []Value{intValue(1)}},
	"SO_SNDTIMEO":      {fresh: timeValue(0), set: []Value{timeValue(1500 * time.Millisecond), timeValue(0)}, bad: []Value{intValue(1)}},
	"SO_ERROR":         {fixed: true},
	"TCP_KEEPIDLE":     {fresh: intValue(7200), set: []Value{intValue(1), intValue(32767)}, bad: []Value{intValue(0), intValue(32768)}},
	"TCP_KEEPINTVL":    {fresh: intValue(75), set: []Value{intValue(1), intValue(32767)}, bad: []Value{intValue(0), intValue(32768)}},
	"TCP_KEEPCNT":      {fresh: intValue(9), set: []Value{intValue(1), intValue(127)}, bad: []Value{intValue(0), intValue(128)}},
	"TCP_USER_TIMEOUT": {set: []Value{intValue(1), intValue(3000), intValue(0)}, bad: []Value{intValue(-1)}},
	"TCP_LINGER2":      {fresh: intValue(60), set: []Value{intValue(5), intValue(-1)}, as: map[int]int{-7: -1}},
	"TCP_NODELAY":      {set: []Value{intValue(1), intValue(0)}, as: map[int]int{7: 1}},
	"TCP_CORK":         {set: []Value{intValue(1), intValue(0)}},
	"TCP_QUICKACK":     {fresh: intValue(1), set: []Value{intValue(0), intValue(1)}},
	"TCP_SYNCNT":       {fresh: intValue(6), set: []Value{intValue(1), intValue(127)}, bad: []Value{intValue(0), intValue(128)}},
	"TCP_DEFER_ACCEPT": {set: []Value{intValue(3)}, as: map[int]int{-1: 0}},
	"TCP_MAXSEG":       {fresh: intValue(536), set: []Value{intValue(1000)}, bad: []Value{intValue(-1), intValue(1 << 16)}},
	"TCP_WINDOW_CLAMP": {fresh: intValue(1 << 20), set: []Value{intValue(20000)}, bad: []Value{intValue(-1)}},
	"TCP_CONGESTION":   {fresh: textValue("reno"), set: []Value{textValue("cubic"), textValue("reno")}, bad: []Value{intValue(1)}},
	"TCP_INFO":         {fresh: textValue("CLOSE"), fixed: true},
}

func TestOptions(t *testing.T) {
	for _, name := range Options() {
		test, ok := optionTests[name]
		if !ok {
			t.Errorf("%s has no test", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			n := newNet(t)
			s := n.socket(n.client)
			get := func(want Value) {
				t.Helper()
				if v, e := s.Option(name); e != OK || v != want {
					t.Errorf("get gives %v %s, want %v", v, e, want)
				}
			}
			get(test.fresh)
			for _, v := range test.set {
				n.must(s.SetOption(name, v))
				get(v)
			}
			for v, as := range test.as {
				n.must(s.SetOption(name, intValue(v)))
				get(intValue(as))
			}
			before, _ := s.Option(name)
			for _, v := range test.bad {
				if e := s.SetOption(name, v); e != EINVAL {
					t.Errorf("set %v gives %s, want EINVAL", v, e)
				}
			}
			get(before)
			if test.fixed {
				if e := s.SetOption(name, test.fresh); e != ENOPROTOOPT {
					t.Errorf("set gives %s, want ENOPROTOOPT", e)
				}
			}
		})
	}
}

func TestUnknownOptionIsENOPROTOOPT(t *testing.T) {
	n := newNet(t)
	s := n.socket(n.client)
	for _, name := range []string{"TCP_FASTOPEN", "TCP_MD5SIG", "so_linger", ""} {
		if e := s.SetOption(name, Value{}); e != ENOPROTOOPT {
			t.Errorf("set %q: %s", name, e)
		}
		if _, e := s.Option(name); e != ENOPROTOOPT {
			t.Errorf("get %q: %s", name, e)
		}
	}
}

func TestTimeoutBelowZeroIsEDOM(t *testing.T) {
	n := newNet(t)
	s := n.socket(n.client)
	for _, name := range []string{"SO_RCVTIMEO", "SO_SNDTIMEO"} {
		if e := s.SetOption(name, timeValue(-1)); e != EDOM {
			t.Errorf("%s: %s", name, e)
		}
	}
}

func TestUnknownCongestionControlIsENOENT(t *testing.T) {
	n := newNet(t)
	if e := n.socket(n.client).SetOption("TCP_CONGESTION", textValue("vegas")); e != ENOENT {
		t.Error(e)
	}
}

func TestValuesPrintAsInStrace(t *testing.T) {
	for want, v := range map[string]Value{
		"7":                          intValue(7),
		"{l_onoff=1, l_linger=5}":    lingerValue(true, 5*time.Second),
		"{l_onoff=0, l_linger=0}":    lingerValue(false, 0),
		"{tv_sec=1, tv_usec=500000}": timeValue(1500 * time.Millisecond),
		"reno":                       textValue("reno"),
	} {
		if got := v.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAcceptedSocketInheritsOptions(t *testing.T) {
	// As Linux's sk_clone does. SO_REUSEADDR is copied there too; here it
	// would let nothing happen that is not allowed anyway.
	inherited := map[string]Value{
		"SO_LINGER":        lingerValue(true, 5*time.Second),
		"SO_KEEPALIVE":     intValue(1),
		"SO_RCVTIMEO":      timeValue(time.Second),
		"SO_SNDTIMEO":      timeValue(time.Second),
		"TCP_KEEPIDLE":     intValue(10),
		"TCP_KEEPINTVL":    intValue(11),
		"TCP_KEEPCNT":      intValue(3),
		"TCP_USER_TIMEOUT": intValue(3000),
		"TCP_LINGER2":      intValue(5),
		"TCP_NODELAY":      intValue(1),
	}
	n := newNet(t)
	l, c := n.socket(n.server), n.socket(n.client)
	for name, v := range inherited {
		n.must(l.SetOption(name, v))
	}
	n.must(l.Bind(serverPort))
	n.must(l.Listen(1))
	c.Connect(serverPort)
	n.deliver()
	s, _, e := l.Accept()
	n.must(e)
	for name, want := range inherited {
		if v, e := s.Option(name); e != OK || v != want {
			t.Errorf("%s is %v %s, want %v", name, v, e, want)
		}
	}
}

func TestOptionsSurviveARefusedConnect(t *testing.T) {
	n := newNet(t)
	s := n.socket(n.client)
	set := map[string]Value{
		"TCP_NODELAY": intValue(1), "SO_LINGER": lingerValue(true, 0), "TCP_KEEPIDLE": intValue(10), "SO_SNDBUF": intValue(10000),
	}
	for name, v := range set {
		n.must(s.SetOption(name, v))
	}
	set["SO_SNDBUF"] = intValue(20000)
	s.Connect(serverPort)
	n.deliver()
	if e := s.Connect(serverPort); e != ECONNREFUSED {
		t.Fatal(e)
	}
	for name, want := range set {
		if v, e := s.Option(name); e != OK || v != want {
			t.Errorf("%s is %v %s, want %v", name, v, e, want)
		}
	}
}
