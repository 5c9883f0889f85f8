package program_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// notebook is a stack that does nothing but note what it is asked to do.
type notebook struct {
	name    string
	did     *[]string
	answers []trace.Result // what the next calls return; then zeros
}

func (n *notebook) note(format string, args ...any) {
	*n.did = append(*n.did, fmt.Sprintf(format, args...))
}

func (n *notebook) Call(op trace.Op, a trace.Args) (r trace.Result) {
	c := trace.Call{Op: op, Args: &a}
	n.note("%s", c.Begun())
	if len(n.answers) > 0 {
		r, n.answers = n.answers[0], n.answers[1:]
	}
	return r
}

func (n *notebook) Fork(name string, child func(program.Process)) {
	n.note("fork %s", name)
	child(&notebook{name: name, did: n.did})
}
func (n *notebook) Exit(status int)           { n.note("exit %d", status) }
func (n *notebook) IgnoreSIGPIPE(ignore bool) { n.note("ignore SIGPIPE %t", ignore) }
func (n *notebook) Name() string              { return n.name }
func (n *notebook) Now() time.Duration        { return 0 }
func (n *notebook) Sleep(d time.Duration)     { n.note("sleep %s", d) }
func (n *notebook) WaitFor(label string)      { n.note("wait for %s", label) }
func (n *notebook) Mark(label string)         { n.note("reach %s", label) }
func (n *notebook) SetStep(int)               {}

var on = true

// TestAStepMakesItsCalls says what each step is, on any stack.
func TestAStepMakesItsCalls(t *testing.T) {
	for _, test := range []struct {
		step    model.Step
		answers []trace.Result
		want    string // separated by semicolons; the sockets s and l are 3 and 4
	}{
		{step: model.Step{Verb: model.VerbSocket, Socket: "n"}, want: "socket(AF_INET, SOCK_STREAM)"},
		{step: model.Step{Verb: model.VerbBind, Socket: "s", Address: model.Address{Host: "server", Port: 80}}, want: "bind(3, 10.0.0.2:80)"},
		{step: model.Step{Verb: model.VerbBind, Socket: "s", Address: model.Address{Port: 80}}, want: "bind(3, *:80)"},
		{step: model.Step{Verb: model.VerbListen, Socket: "l", Backlog: 5}, want: "listen(4, 5)"},
		{
			step: model.Step{Verb: model.VerbConnect, Socket: "s", Address: model.Address{IP: netip.MustParseAddr("10.0.0.9"), Port: 1}, Nonblock: &on},
			want: "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK);connect(3, 10.0.0.9:1);fcntl(3, F_SETFL, O_RDWR)",
		},
		{step: model.Step{Verb: model.VerbAccept, Socket: "l", As: "c"}, want: "accept(4)"},
		{step: model.Step{Verb: model.VerbSend, Socket: "s", Data: []byte("hi")}, want: `send(3, "hi", 2)`},
		{step: model.Step{Verb: model.VerbSend, Socket: "s", Bytes: 3, Flags: stack.MsgDontWait}, want: `send(3, "abc", 3, MSG_DONTWAIT)`},
		{
			step:    model.Step{Verb: model.VerbRecv, Socket: "s", Size: 10, Until: model.UntilEOF},
			answers: []trace.Result{{Value: 10}, {Value: 2}, {}},
			want:    "recv(3, 10);recv(3, 10);recv(3, 10)",
		},
		{
			step:    model.Step{Verb: model.VerbRecv, Socket: "s", Size: 10, Until: model.UntilEAGAIN},
			answers: []trace.Result{{Value: -1, Errno: stack.ECONNRESET}},
			want:    "recv(3, 10)",
		},
		{step: model.Step{Verb: model.VerbShutdown, Socket: "s", How: stack.ShutWrite}, want: "shutdown(3, SHUT_WR)"},
		{step: model.Step{Verb: model.VerbClose, Socket: "s"}, want: "close(3)"},
		{step: model.Step{Verb: model.VerbClose, Socket: "nobody"}, want: "close(-1)"},
		{step: model.Step{Verb: model.VerbDup, Socket: "s", As: "d"}, want: "dup(3)"},
		{
			step: model.Step{Verb: model.VerbSetsockopt, Socket: "s", Option: "TCP_NODELAY", Value: stack.Value{Kind: stack.KindInt, Int: 1}},
			want: "setsockopt(3, TCP_NODELAY, 1)",
		},
		{step: model.Step{Verb: model.VerbGetsockopt, Socket: "s", Option: "SO_ERROR"}, want: "getsockopt(3, SO_ERROR)"},
		{step: model.Step{Verb: model.VerbPoll, Socket: "s", Events: stack.PollIn, Timeout: time.Second}, want: "poll({fd=3, events=POLLIN}, 1s)"},
		{step: model.Step{Verb: model.VerbFcntl, Socket: "s", Nonblock: &on}, want: "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)"},
		{step: model.Step{Verb: model.VerbGetsockname, Socket: "s"}, want: "getsockname(3)"},
		{step: model.Step{Verb: model.VerbGetpeername, Socket: "s"}, want: "getpeername(3)"},
		{step: model.Step{Verb: model.VerbSleep, Duration: time.Minute}, want: "sleep 1m0s"},
		{step: model.Step{Verb: model.VerbWaitFor, Target: "x"}, want: "wait for x"},
		{step: model.Step{Verb: model.VerbSigpipe, IgnoreSIGPIPE: true}, want: "ignore SIGPIPE true"},
		{step: model.Step{Verb: model.VerbFork, Target: "child"}, want: "fork child;close(3);reach closed"},
		{step: model.Step{Verb: model.VerbExit, Status: 7, Label: "over"}, want: "reach over;exit 7"},
	} {
		t.Run(test.step.String(), func(t *testing.T) {
			var did []string
			n := &notebook{did: &did, answers: []trace.Result{{Value: 3}, {Value: 4}}}
			v := program.New(n, program.Environment{
				Hosts: map[string]netip.Addr{"server": netip.MustParseAddr("10.0.0.2")},
				Child: func(name string) *model.Process {
					return &model.Process{Name: name, Steps: []model.Step{{Verb: model.VerbClose, Socket: "s", Label: "closed"}}}
				},
			})
			v.Perform(&model.Step{Verb: model.VerbSocket, Socket: "s"})
			v.Perform(&model.Step{Verb: model.VerbSocket, Socket: "l"})
			did, n.answers = nil, test.answers
			v.Perform(&test.step)
			if diff := cmp.Diff(strings.Split(test.want, ";"), did); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestNamesAreAsVariables: a name that a failed call should have set is no
// descriptor, and one that was closed keeps its.
func TestNamesAreAsVariables(t *testing.T) {
	var did []string
	n := &notebook{did: &did, answers: []trace.Result{{Value: 3}, {}, {Value: -1, Errno: stack.EAGAIN}}}
	v := program.New(n, program.Environment{})
	for _, s := range []model.Step{
		{Verb: model.VerbSocket, Socket: "l"},
		{Verb: model.VerbClose, Socket: "l"},
		{Verb: model.VerbAccept, Socket: "l", As: "c"},
	} {
		v.Perform(&s)
	}
	if v.FD("l") != 3 || v.FD("c") != trace.NoFD {
		t.Errorf("l is %d, want 3; c is %d, want none", v.FD("l"), v.FD("c"))
	}
}

func TestAForkWithoutAChildFails(t *testing.T) {
	var did []string
	var failed error
	v := program.New(&notebook{did: &did}, program.Environment{Fail: func(_ *model.Step, err error) { failed = err }})
	v.Perform(&model.Step{Verb: model.VerbFork, Target: "child"})
	if failed == nil || failed.Error() != `no process "child" starts by a fork` || slices.Contains(did, "fork child") {
		t.Errorf("%v, %q", failed, did)
	}
}
