package sim_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// A script is a run written as a list of calls with their results, one per
// line, in the order in which they are made: "c.recv = ECONNRESET". The names
// are descriptors: c and d on the client, l and s on the server; n is the
// experimenter. Every line begins 100 ms after the one before; with "+" before
// it at the same instant, with "@5s" at 5 s. A result that is left out is 0.
//
// recv does not wait; read does. A recv gives the number of bytes, a colon and
// the bytes; a result of * is not compared. SIGPIPE is ignored except by a process that says c.sigpipe.
const (
	// opened is a connection, accepted.
	opened = `l.listen
c.connect
l.accept s
`
	// greeted is a connection that has carried data in both directions, as in
	// most recordings.
	greeted = opened + `c.send ping = 4
s.recv = 4:ping
s.send pong = 4
c.recv = 4:pong
`
)

const notReturned = "did not return"

const (
	stepTime   = 100 * time.Millisecond
	serverPort = 8080
	clientPort = 40001
)

type step struct {
	line            string
	who, call, args string
	want, got       string
	at              time.Duration
}

func parseScript(t testing.TB, text string) []*step {
	var steps []*step
	var at time.Duration
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		s := &step{line: line, want: "0", got: "not reached"}
		rest, together := strings.CutPrefix(line, "+")
		if instant, after, ok := strings.Cut(rest, " "); ok && instant[0] == '@' {
			rest = after
			at, _ = time.ParseDuration(instant[1:])
		} else if !together {
			at += stepTime
		}
		s.at = at
		if head, want, ok := strings.Cut(rest, " = "); ok {
			rest, s.want = head, want
		}
		name, args, _ := strings.Cut(rest, " ")
		who, call, ok := strings.Cut(name, ".")
		if !ok || !strings.Contains("cdlsn", who) {
			t.Fatalf("script line %q: want NAME.CALL with c, d, l, s or n", line)
		}
		s.who, s.call, s.args = who, call, args
		steps = append(steps, s)
	}
	return steps
}

// play runs a script and compares every result.
func play(t testing.TB, script string) *trace.Trace {
	t.Helper()
	return playOn(t, sim.Config{Seed: 1, Link: link.Symmetric(5*time.Millisecond, 0)}, script)
}

func playOn(t testing.TB, config sim.Config, script string) *trace.Trace {
	t.Helper()
	s := newSim(t, config)
	steps := parseScript(t, script)
	pl := &player{sim: s, fds: map[string]int{}}
	of := func(names string) (mine []*step) {
		for _, st := range steps {
			if strings.Contains(names, st.who) {
				mine = append(mine, st)
			}
		}
		return mine
	}
	s.Client().Go("client", func(p *sim.Process) { pl.process(p, of("cd")) })
	s.Server().Go("server", func(p *sim.Process) { pl.process(p, of("ls")) })
	s.Network(func(n *sim.Network) {
		for _, st := range of("n") {
			n.Sleep(st.at - pl.now)
			pl.now = st.at
			st.got = pl.experiment(n, st)
		}
	})
	tr := run(t, s)
	var wrong strings.Builder
	for _, st := range steps {
		if st.got != st.want && st.want != "*" {
			fmt.Fprintf(&wrong, "at %v: %s, got %q\n", st.at, st.line, st.got)
		}
	}
	if wrong.Len() > 0 {
		t.Errorf("%s\n%s", wrong.String(), tr)
	}
	return tr
}

type player struct {
	sim *sim.Sim
	fds map[string]int
	now time.Duration // the experimenter's
}

func (pl *player) process(p *sim.Process, steps []*step) {
	p.IgnoreSIGPIPE(true)
	for _, st := range steps {
		if st.at > p.Now() {
			p.Sleep(st.at - p.Now())
		}
		st.got = notReturned
		st.got = pl.do(p, st)
	}
	p.Sleep(time.Hour) // its exit would close what the script left open
}

func (pl *player) do(p *sim.Process, st *step) string {
	server := netip.AddrPortFrom(pl.sim.Server().Addr(), serverPort)
	fd, known := pl.fds[st.who]
	if !known && st.call != "exit" && st.call != "sigpipe" {
		fd = pl.make(p, st.who, server)
	}
	switch st.call {
	case "socket": // made above
		return "0"
	case "exit":
		p.Exit(0)
	case "sigpipe":
		p.IgnoreSIGPIPE(false)
		return "0"
	case "now":
		return p.Now().Round(time.Millisecond).String()
	}
	op, args, err := st.decode(fd, server)
	if err != nil {
		return err.Error()
	}
	r := p.Call(op, args)
	if r.Errno == stack.OK && (op == trace.OpAccept || op == trace.OpDup) {
		pl.fds[st.args] = r.Value
	}
	return tell(op, args, r)
}

// make makes a descriptor that a script mentions for the first time.
func (pl *player) make(p *sim.Process, who string, server netip.AddrPort) int {
	fd, err := p.Socket()
	if err != nil {
		return -1
	}
	pl.fds[who] = fd
	if who == "l" {
		p.Bind(fd, server)
	} else {
		p.Bind(fd, netip.AddrPortFrom(p.Host().Addr(), clientPort))
	}
	return fd
}
