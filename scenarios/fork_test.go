package scenarios_test

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
)

const forks = `
name: forks
title: What a child inherits
hosts:
  client:
    processes:
      - steps:
          - {socket: c}
          - {connect: c, address: "server:80", expect: ok}
          - {recv: c, expect: EOF}
          - {sleep: 5s}
  server:
    processes:
      - name: parent
        sigpipe: ignore
        exits: 0
        steps:
          - {socket: l}
          - {bind: l, address: ":80"}
          - {listen: l}
          - {accept: l, as: s}
          - {fork: child}
          - {close: s, expect: 0}
          - {send: s, data: x, expect: EBADF}
      - name: child
        start: fork
        exits: 141
        steps:
          - {shutdown: s, how: WR}
          - {send: s, data: x, expect: EPIPE}
          - {fork: grandchild}
          - {close: s, expect: 0}
          - {socket: s, expect: ok}
          - {sleep: 2s}
          - {sigpipe: default}
          - {send: s, data: x, expect: EPIPE}
      - name: grandchild
        start: fork
        exits: 0
        steps:
          - {sleep: 1s}
          - {getsockopt: s, option: TCP_INFO, expect: FIN_WAIT_2}
          - {close: s, expect: 0}
`

func TestAChildHasDescriptorsNamesAndSignalsOfItsParent(t *testing.T) {
	f, err := scenarios.Decode("forks.yaml", []byte(forks))
	if err != nil {
		t.Fatal(err)
	}
	res, err := scenarios.Run(&f.Base, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		t.Error(p)
	}
	var forked []string
	for i := range res.Trace.Calls {
		if c := &res.Trace.Calls[i]; c.Op == trace.OpFork {
			forked = append(forked, c.String())
			if name := res.Trace.Processes[c.Value].Name; c.Args.Child != name {
				t.Errorf("%s is process %s", c, name)
			}
		}
	}
	if len(forked) != 2 {
		t.Errorf("the trace has the forks %q", forked)
	}
}

// A case that does not come from a file may have lost its child.
func TestAForkOfNobodyIsAnError(t *testing.T) {
	f, err := scenarios.Decode("forks.yaml", []byte(forks))
	if err != nil {
		t.Fatal(err)
	}
	c := f.Base
	c.Server.Processes = append([]model.Process{}, c.Server.Processes[0])
	_, err = scenarios.Run(&c, scenarios.Options{})
	if err == nil || !strings.Contains(err.Error(), `the server's step fork() of child: no process "child" starts by a fork`) {
		t.Errorf("the error is %v", err)
	}
}
