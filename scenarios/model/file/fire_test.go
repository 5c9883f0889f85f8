package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack"
)

// repeating repeats another scenario at levels of its own.
const repeating = `name: repeating
title: repeating
of: echo
until: 5s
outcomes:
  - name: reset-seen
    says: The RST arrives.
    sees: {client: [{recv: [ECONNRESET, EOF]}, {exit: 0}]}
    counts: {mild: 3, "2": 4}
  - name: reset-lost
    says: It does not.
    sees:
      client: {recv: never}
      server: {getsockopt: ESTABLISHED, option: TCP_INFO}
levels:
  - {name: mild, loss: 1%}
  - {name: "2", loss: 0.5, duplicate: 2%, reorder: 3%, jitter: 4ms}
level: mild
`

// ending has hosts of its own, and the usual levels.
const ending = `name: ending
title: ending
link: {latency: 3ms, drop: ["any:FIN:1"]}
hosts: {client: {processes: [{steps: [{socket: c}, {connect: c, address: "server:1"}]}]}}
outcomes:
  - {name: refused, says: x, sees: {client: {connect: ECONNREFUSED}}}
`

// echo is what repeating repeats.
const echo = `name: echo
title: echo
references: [r]
ip: 6
until: 1m
link: {latency: 7ms, drop: ["server:RST"]}
hosts:
  client: {processes: [{steps: [{socket: c}, {recv: c, expect: EOF}]}]}
  server: {settings: {tcp_sack: 0}, processes: [{steps: [{socket: s}, {getsockopt: s, option: TCP_INFO}]}]}
network: [{sleep: 1s}]
cases: [{name: v, title: v, seed: 3}]
`

// repeated finds a scenario that a file repeats: echo or one of the catalogue.
func repeated(name string) (*model.Case, error) {
	base, variant, _ := strings.Cut(name, "/")
	src := []byte(echo)
	if base != "echo" {
		var err error
		if src, err = os.ReadFile("../../catalogue/" + base + ".yaml"); err != nil {
			return nil, errors.New("no such scenario")
		}
	}
	f, err := Decode(base, src, Options{Scenario: repeated})
	if err != nil {
		return nil, err
	}
	for _, c := range f.Cases() {
		if c.Name == variant {
			return &c, nil
		}
	}
	return nil, fmt.Errorf("no case %q", variant)
}

func decodeFire(t *testing.T, src string) *model.File {
	t.Helper()
	f, err := Decode("x.yaml", []byte(src), Options{Scenario: repeated})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAScenarioThatRepeatsAnotherHasItsHostsAndALinkOfItsOwn(t *testing.T) {
	f := decodeFire(t, repeating)
	of, _ := repeated("echo")
	if diff := cmp.Diff(of.Server, f.Base.Server, addresses); diff != "" || f.Base.IP != 6 || f.Base.References[0] != "r" {
		t.Errorf("server (-repeated +got):\n%s", diff)
	}
	if f.Base.Until != 5*time.Second {
		t.Errorf("until is %v, want what the file says", f.Base.Until)
	}
	if got := fmt.Sprint(f.Base.Network); got != fmt.Sprint(of.Network) {
		t.Errorf("network is %s", got)
	}
	mild := model.Direction{Latency: 7 * time.Millisecond, Loss: 0.01}
	bad := model.Direction{Latency: 7 * time.Millisecond, Loss: 0.5, Duplicate: 0.02, Reorder: 0.03, Jitter: 4 * time.Millisecond}
	var names []string
	for i, want := range []model.Direction{mild, mild, bad} {
		c := f.Cases()[i]
		names = append(names, c.FullName()+" at "+c.Level)
		if diff := cmp.Diff(model.Link{ClientToServer: want, ServerToClient: want, Drop: of.Link.Drop}, c.Link, without); diff != "" {
			t.Errorf("link of %s (-want +got):\n%s", c.FullName(), diff)
		}
		if !c.UnderFire() || len(c.Outcomes) != 2 || c.Title == "" {
			t.Errorf("%s has %d outcomes and the title %q", c.FullName(), len(c.Outcomes), c.Title)
		}
	}
	want := []string{"repeating at mild", "repeating/mild at mild", "repeating/2 at 2"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

func TestOutcomesAreDecoded(t *testing.T) {
	f := decodeFire(t, repeating)
	want := []model.Outcome{
		{
			Name: "reset-seen", Says: "The RST arrives.",
			Sees: []model.View{{Process: "client", Sights: []model.Sight{
				{Verb: model.VerbRecv, Results: []model.Result{{Kind: model.ResultErrno, Errno: stack.ECONNRESET}, {Kind: model.ResultEOF}}},
				{Verb: model.VerbExit, Results: []model.Result{{Kind: model.ResultValue}}},
			}}},
			Counts: []model.Count{{Level: "mild", Runs: 3}, {Level: "2", Runs: 4}},
		},
		{
			Name: "reset-lost", Says: "It does not.",
			Sees: []model.View{
				{Process: "client", Sights: []model.Sight{{Verb: model.VerbRecv, Results: []model.Result{{Kind: model.ResultNever}}}}},
				{Process: "server", Sights: []model.Sight{{
					Verb: model.VerbGetsockopt, Option: "TCP_INFO", Results: []model.Result{{Kind: model.ResultState, State: stack.Established}},
				}}},
			},
		},
	}
	if diff := cmp.Diff(want, f.Base.Outcomes, without); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if at := f.Base.Outcomes[0].Counts[1].Pos; at != (model.Pos{Line: 9, Column: 28}) {
		t.Errorf("the second count stands at %v", at)
	}
	if n := f.Base.Measured("mild"); n != 3 {
		t.Errorf("%d runs were measured, want 3", n)
	}
	if n, ok := f.Base.Outcomes[1].Count("mild"); ok {
		t.Errorf("a count of %d from nowhere", n)
	}
}

func TestWithoutLevelsThereAreThree(t *testing.T) {
	f := decodeFire(t, ending)
	var got []string
	for _, c := range f.Cases() {
		got = append(got, fmt.Sprintf("%s: %s", c.Name, c.Link.ServerToClient.String()))
	}
	const rest = ", duplicate 5%, reorder 5%"
	want := []string{
		": latency 3ms +/- 5ms uniform, loss 30%" + rest, "loss-1: latency 3ms +/- 5ms uniform, loss 1%" + rest,
		"loss-10: latency 3ms +/- 5ms uniform, loss 10%" + rest, "loss-30: latency 3ms +/- 5ms uniform, loss 30%" + rest,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSchemaAcceptsTheCatalogueUnderFire(t *testing.T) {
	files, err := filepath.Glob("../../catalogue/*-under-fire.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	s := compileSchema(t)
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(s, string(src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
