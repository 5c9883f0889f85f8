package file

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

const inheriting = `name: base
title: base
group: g
shows: prose
linux: prose
references: [a]
seed: 5
until: 1m
link: {latency: 5ms, loss: 50%, drop: ["any:FIN"]}
hosts:
  client:
    settings: {tcp_sack: true}
    processes: [{steps: [{sleep: 1s}]}]
  server:
    settings: {tcp_sack: false}
    processes: [{steps: [{sleep: 2s}]}]
network: [{sleep: 3s}]
expect: {contains: [{flags: S}]}
`

// variant decodes the case that extends inheriting, and gives the base too.
func variant(t *testing.T, keys string) (base, v model.Case) {
	t.Helper()
	f := mustDecode(t, inheriting+"cases:\n  - name: v\n    title: v\n"+indent(keys, 4))
	all := f.Cases()
	if len(all) != 2 {
		t.Fatalf("%d cases", len(all))
	}
	return all[0], all[1]
}

func TestCasesBeginWithTheBase(t *testing.T) {
	var names []string
	for _, c := range mustDecode(t, readFile(t, "unread-data.yaml")).Cases() {
		names = append(names, c.Name+" = "+c.FullName())
	}
	want := []string{" = unread-data", "all-read = unread-data/all-read", "ipv6 = unread-data/ipv6"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

func TestCaseInheritsWhatItDoesNotName(t *testing.T) {
	base, v := variant(t, "")
	base.Name, base.Title = "v", "v"
	if diff := cmp.Diff(base, v, cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Pos" }, cmp.Ignore()), addresses); diff != "" {
		t.Error(diff)
	}
}

func TestCaseReplacesWhatItNames(t *testing.T) {
	for _, r := range []struct {
		name, keys string
		change     func(c *model.Case)
	}{
		{"prose", "shows: other", func(c *model.Case) { c.Shows = "other" }},
		{"references", "references: []", func(c *model.Case) { c.References = []string{} }},
		{"version of IP", "ip: 6", func(c *model.Case) { c.IP = 6 }},
		{"seed", "seed: 0", func(c *model.Case) { c.Seed = 0 }},
		{"end", "until: 1s", func(c *model.Case) { c.Until = time.Second }},
		{"link as a whole", "link: {loss: 0}", func(c *model.Case) { c.Link = newLink(model.Pos{}) }},
		{"network", "network: []", func(c *model.Case) { c.Network = []model.Step{} }},
		{"expectations as a whole", "expect: {}", func(c *model.Case) { c.Expect = model.Wire{} }},
		{"settings of one host", "hosts: {client: {settings: {}}}", func(c *model.Case) { c.Client.Settings = []model.Setting{} }},
		{"processes of one host", "hosts: {server: {processes: []}}", func(c *model.Case) { c.Server.Processes = []model.Process{} }},
	} {
		t.Run(r.name, func(t *testing.T) {
			want, v := variant(t, r.keys)
			want.Name, want.Title = "v", "v"
			r.change(&want)
			if diff := cmp.Diff(want, v, without); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCaseLeavesTheBaseAlone(t *testing.T) {
	plain := mustDecode(t, inheriting).Base
	base, _ := variant(t, "link: {client-to-server: {loss: 1}}\nhosts: {client: {settings: {a: 1}, processes: [{steps: [exit: 0]}]}}")
	if diff := cmp.Diff(plain, base, addresses); diff != "" {
		t.Error(diff)
	}
}
