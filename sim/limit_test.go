package sim_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack"
)

func TestLimitsEndARun(t *testing.T) {
	chatter := func(p *sim.Process) { // sleeps, for ever
		for {
			p.Sleep(time.Second)
		}
	}
	for name, test := range map[string]struct {
		limits sim.Limits
		client func(*sim.Process)
		limit  string
		stood  []string
	}{
		"time": {
			sim.Limits{Time: 90 * time.Second},
			chatter, "1m30s of virtual time",
			[]string{"process client is in sleep(1s)", "process server is in accept(3)", "server socket LISTEN unread=0 10.0.0.2:8080 *"},
		},
		"events": {
			sim.Limits{Events: 500},
			chatter, "500 events",
			[]string{"process client is in sleep(1s)"},
		},
		"segments": {
			sim.Limits{Segments: 40},
			func(p *sim.Process) {
				c, _ := p.Socket()
				p.Connect(c, serverOf(p))
				for {
					if _, err := p.Send(c, make([]byte, 10000), 0); err != nil {
						return
					}
				}
			}, "40 segments",
			[]string{"process client is in send(3, ", "client socket ESTABLISHED unread=0 10.0.0.1:", " 10.0.0.2:8080"},
		},
		"instant": {
			sim.Limits{Instant: 100},
			func(p *sim.Process) {
				c, _ := p.Socket()
				for {
					p.Recv(c, make([]byte, 1), stack.MsgDontWait)
				}
			}, "100 steps at one instant",
			[]string{"process client is in recv(3, 1, MSG_DONTWAIT)", "process late has not started"},
		},
		"instant, in its own code": {
			sim.Limits{Instant: 100},
			func(p *sim.Process) {
				for {
					p.Sleep(0)
				}
			}, "100 steps at one instant",
			[]string{"process client is in sleep(0s)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSim(t, sim.Config{Link: link.Symmetric(time.Millisecond, 0), Limits: test.limits})
			s.Server().Go("server", func(p *sim.Process) {
				l := listen(p)
				p.Accept(l)
				p.Accept(l)
			})
			s.Client().Go("client", test.client)
			s.Client().GoAt(time.Hour, "late", func(*sim.Process) {})
			tr, err := s.Run()
			var limit *sim.LimitError
			if !errors.As(err, &limit) {
				t.Fatalf("error %v, want a LimitError", err)
			}
			if limit.Limit != test.limit || !strings.Contains(err.Error(), "the run reached its limit of "+test.limit) {
				t.Errorf("limit %q, want %q; error %v", limit.Limit, test.limit, err)
			}
			for _, stood := range test.stood {
				if !strings.Contains(limit.Stood, stood) {
					t.Errorf("where it stood:\n%s\nwant %q", limit.Stood, stood)
				}
			}
			if tr == nil || len(tr.Calls) == 0 {
				t.Error("the trace until then is missing")
			}
		})
	}
}

func TestUntilEndsARunWithoutError(t *testing.T) {
	s := newSim(t, sim.Config{Until: 5 * time.Second})
	s.Client().Go("client", func(p *sim.Process) { p.Sleep(time.Hour) })
	tr := run(t, s)
	if tr.End != 5*time.Second || tr.Stopped != "until 5s" {
		t.Errorf("ended at %v: %q", tr.End, tr.Stopped)
	}
	s = newSim(t, sim.Config{Until: 5 * time.Second})
	s.Client().Go("client", func(p *sim.Process) { p.Sleep(time.Second) })
	if tr := run(t, s); tr.End != time.Second || tr.Stopped != "" {
		t.Errorf("ended at %v: %q", tr.End, tr.Stopped)
	}
}

func TestARunIsRunOnce(t *testing.T) {
	s := newSim(t, sim.Config{})
	run(t, s)
	if _, err := s.Run(); err == nil || !strings.Contains(err.Error(), "a Sim runs once") {
		t.Errorf("the second Run gives %v", err)
	}
	s = newSim(t, sim.Config{})
	s.Close()
	if _, err := s.Run(); err == nil {
		t.Error("Run after Close")
	}
}

func TestNewRefuses(t *testing.T) {
	for say, c := range map[string]sim.Config{
		"latency from client":     {Link: link.Symmetric(-1, 0)},
		"loss from client":        {Link: link.Symmetric(0, 2)},
		"no setting \"foo\"":      {Server: sim.HostConfig{Settings: []stack.Setting{{Name: "foo"}}}},
		"two different addresses": {Client: sim.HostConfig{Addr: addr("10.0.0.2")}},
		"of one family":           {Client: sim.HostConfig{Addr: addr("fd00::7")}},
	} {
		if s, err := sim.New(c); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("error %v, want one that says %s", err, say)
			if s != nil {
				s.Close()
			}
		}
	}
}

// TestTheLimitOfTimeIsTheLastInstant: what happens at it happens, and nothing
// after it does.
func TestTheLimitOfTimeIsTheLastInstant(t *testing.T) {
	for sleep, within := range map[time.Duration]bool{time.Minute - 1: true, time.Minute: true, time.Minute + 1: false} {
		s := newSim(t, sim.Config{Limits: sim.Limits{Time: time.Minute}})
		ended := false
		s.Client().Go("client", func(p *sim.Process) {
			p.Sleep(sleep)
			ended = true
		})
		tr, err := s.Run()
		if !within && (tr.End != time.Minute || tr.Stopped != "limit of 1m0s of virtual time") {
			t.Errorf("the trace ends at %v (%s)", tr.End, tr.Stopped)
		}
		var limit *sim.LimitError
		if errors.As(err, &limit) && !limit.Time() {
			t.Error("it is not the limit of time")
		}
		if ended != within || errors.As(err, &limit) == within {
			t.Errorf("a limit of 1m and an event at %v: it happened %t, %v", sleep, ended, err)
		}
	}
}
