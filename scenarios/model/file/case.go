package file

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

// The tables below are functions, not variables, because a table that reads by
// means of other tables could not be initialised.

func newFile(at model.Pos) model.File {
	link := newLink(at)
	return model.File{Base: model.Case{
		Pos: at, IP: 4, Seed: 1, Link: link,
		Client: model.Host{Name: "client"}, Server: model.Host{Name: "server"},
	}}
}

func (d *decoder) fileFields() []field[model.File] {
	fields := []field[model.File]{
		at("name", slug(), "What the scenario is called on the command line: lower-case words joined by hyphens.",
			func(f *model.File) *string { return &f.Name }).must(),
		at("group", matching("lower-case letters, digits and hyphens", regexp.MustCompile(`^[a-z0-9-]+$`)),
			"The group under which `tcpsim list` shows the scenario.",
			func(f *model.File) *string { return &f.Group }),
		ofField(),
	}
	base := func(f *model.File) *model.Case { return &f.Base }
	fields = append(fields, within(caseFields(), base)...)
	fields = append(fields, fireFields()...)
	return append(fields, field[model.File]{
		name:   "cases",
		doc:    "Variants of the scenario. Each replaces the parts that it names and inherits the rest.",
		schema: object{"type": "array", "maxItems": mostCases, "items": object{"$ref": "#/$defs/case"}},
		// Read last: a variant begins as a copy of the finished base case.
		read: func(d *decoder, n *yaml.Node, f *model.File) bool {
			variants, ok := list(variantRecord(f.Base).shape(), 0, "of cases").read(d, n, `"cases"`)
			if len(variants) > mostCases {
				d.addf(position(n), "a scenario has %d cases; the limit is %d", len(variants), mostCases)
				return false
			}
			f.Variants = variants
			return ok
		},
	})
}

func variantRecord(base model.Case) record[model.Case] {
	return record[model.Case]{what: "a case", def: "case", fields: variantFields(), start: func(at model.Pos) model.Case {
		c := base
		c.Pos, c.Title = at, ""
		return c
	}}
}

func variantFields() []field[model.Case] {
	name := at("name", slug(), "What the case is called; it is run as SCENARIO/NAME.",
		func(c *model.Case) *string { return &c.Name }).must()
	return append([]field[model.Case]{name}, caseFields()...)
}

// caseFields are the keys that a scenario and its variants share.
func caseFields() []field[model.Case] {
	return []field[model.Case]{
		at("title", line(), "What happens, in one line.", func(c *model.Case) *string { return &c.Title }).must(),
		at("shows", prose(), "What the scenario shows and why, in Markdown.", func(c *model.Case) *string { return &c.Shows }),
		at("claims", list(claimRecord().shape(), 0, "of claims"), "What published documents claim, and whether it holds.",
			func(c *model.Case) *[]model.Claim { return &c.Claims }),
		at("linux", prose(), "What Linux does where gVisor differs, in Markdown.", func(c *model.Case) *string { return &c.Linux }),
		at("references", list(prose(), 0, "of texts"), "Where to read more, for example \"RFC 2525 section 2.17\".",
			func(c *model.Case) *[]string { return &c.References }),
		at("tell-apart", prose(), "How to tell the scenario from its neighbours in a capture, in Markdown.",
			func(c *model.Case) *string { return &c.TellApart }),
		at("ip", ipVersion(), "The version of IP.", func(c *model.Case) *int { return &c.IP }).or(4),
		at("seed", seed(), "What the random numbers start from.", func(c *model.Case) *uint64 { return &c.Seed }).or(1),
		at("until", duration(1), "Virtual time at which the run ends even when something is still pending.",
			func(c *model.Case) *time.Duration { return &c.Until }),
		at("link", linkRecord().shape(), "The path between the hosts.", func(c *model.Case) *model.Link { return &c.Link }),
		inline("hosts", "The two hosts: their settings and their processes.", "hosts", hostsFields()),
		at("network", steps(onNetwork, 0), "What the experimenter does, step by step.",
			func(c *model.Case) *[]model.Step { return &c.Network }),
		at("expect", wireRecord().shape(), "What the wire shows.", func(c *model.Case) *model.Wire { return &c.Expect }),
	}
}

func ipVersion() shape[int] {
	return scalar("4 or 6", object{"enum": []int{4, 6}}, func(n *yaml.Node) (int, string, bool) {
		v, ok := integerOf(n)
		return v, "", ok && (v == 4 || v == 6)
	})
}

func claimRecord() record[model.Claim] {
	return record[model.Claim]{
		what: "a claim", def: "claim", fields: claimFields(),
		start: func(at model.Pos) model.Claim { return model.Claim{Pos: at} },
		check: func(d *decoder, at model.Pos, c *model.Claim) bool {
			if c.Verdict != model.Holds && c.Because == "" {
				d.addf(at, "a claim with the verdict %s needs the key \"because\"", words.Quote(string(c.Verdict)))
				return false
			}
			return true
		},
	}
}

func claimFields() []field[model.Claim] {
	return []field[model.Claim]{
		at("source", prose(), "Who claims it.", func(c *model.Claim) *string { return &c.Source }).must(),
		at("claim", prose(), "What is claimed.", func(c *model.Claim) *string { return &c.Text }).must(),
		at("verdict", verdict(), "Whether the claim holds.", func(c *model.Claim) *model.Verdict { return &c.Verdict }).must(),
		at("because", prose(), "Why it does not hold, or only partly.", func(c *model.Claim) *string { return &c.Because }),
	}
}

func verdict() shape[model.Verdict] {
	names := choice([]string{string(model.Holds), string(model.Partly), string(model.Fails)})
	return shape[model.Verdict]{schema: names.schema, read: func(d *decoder, n *yaml.Node, label string) (model.Verdict, bool) {
		v, ok := names.read(d, n, label)
		return model.Verdict(v), ok
	}}
}

var hostNames = []string{"client", "server"}

func hostsFields() []field[model.Case] {
	client := within(hostFields("client"), func(c *model.Case) *model.Host { return &c.Client })
	server := within(hostFields("server"), func(c *model.Case) *model.Host { return &c.Server })
	return []field[model.Case]{
		inline("client", "The host that opens connections.", "host", client),
		inline("server", "The host that accepts connections.", "host", server),
	}
}

func hostFields(host string) []field[model.Host] {
	processes := list(processRecord().shape(), 0, "of processes")
	return []field[model.Host]{
		at("settings", settings(), "Linux sysctls of the host, for example {tcp_retries2: 5}.",
			func(h *model.Host) *[]model.Setting { return &h.Settings }),
		{
			name: "processes", doc: "The programs that run on the host.", schema: processes.schema,
			read: func(d *decoder, n *yaml.Node, h *model.Host) bool {
				given, ok := processes.read(d, n, `"processes"`)
				h.Processes = nameProcesses(host, given)
				return d.checkForks(host, h.Processes, n.Content, ok) && ok
			},
		},
	}
}

// nameProcesses gives a process without a name the host's: client, client-2, ...
func nameProcesses(host string, processes []model.Process) []model.Process {
	for i := range processes {
		switch {
		case processes[i].Name != "":
		case i == 0:
			processes[i].Name = host
		default:
			processes[i].Name = fmt.Sprintf("%s-%d", host, i+1)
		}
	}
	return processes
}

// settings keeps the order of the file.
func settings() shape[[]model.Setting] {
	schema := object{
		"type":                 "object",
		"additionalProperties": object{"type": []string{"string", "number", "boolean"}},
	}
	return shape[[]model.Setting]{schema: schema, read: func(d *decoder, n *yaml.Node, label string) ([]model.Setting, bool) {
		m, ok := d.mapping(n, label)
		if !ok {
			return nil, false
		}
		all := make([]model.Setting, 0, len(m.entries))
		for _, e := range m.entries {
			if e.value.Kind != yaml.ScalarNode || isNull(e.value) {
				d.addf(position(e.value), "setting %s must be a number, true, false or text; found %s", words.Quote(e.name), describe(e.value))
				ok = false
				continue
			}
			value := e.value.Value
			if e.value.ShortTag() == "!!bool" {
				value = strings.ToLower(value)
			}
			if check := d.opts.Setting; check != nil {
				if err := check(e.name, value); err != nil {
					d.addf(position(e.key), "setting %s: %v", words.Quote(e.name), err)
					ok = false
				}
			}
			all = append(all, model.Setting{Name: e.name, Value: value, Pos: position(e.key)})
		}
		return all, ok
	}}
}

func processRecord() record[model.Process] {
	return record[model.Process]{what: "a process", def: "process", fields: processFields(), start: func(at model.Pos) model.Process {
		return model.Process{Pos: at}
	}}
}

func processFields() []field[model.Process] {
	start, all := duration(0), steps(inProcess, 1)
	return []field[model.Process]{
		at("name", name("a process"), "What the process is called; the default is the host's name, then NAME-2 and so on.",
			func(p *model.Process) *string { return &p.Name }),
		at("sigpipe", sigpipe(), "What SIGPIPE does to the process: end it (default) or nothing (ignore).",
			func(p *model.Process) *bool { return &p.IgnoreSIGPIPE }).or("default"),
		{
			name: "start", doc: "When the process starts: a virtual time, `boot` for each boot after a crash, or `fork` when another process forks it.", fallback: "0s",
			schema: object{"anyOf": []object{{"enum": []string{"boot", "fork"}}, start.schema}},
			read: func(d *decoder, n *yaml.Node, p *model.Process) (ok bool) {
				if n.Kind == yaml.ScalarNode && (n.Value == "boot" || n.Value == "fork") {
					p.AtBoot, p.Forked = n.Value == "boot", n.Value == "fork"
					return true
				}
				p.Start, ok = start.read(d, n, `"start", unless it is boot or fork,`)
				return ok
			},
		},
		maybe("exits", integer[int](0, 255), "The expected exit status; 128 plus the signal when the process is killed.",
			func(p *model.Process) **int { return &p.Exits }),
		{
			name: "steps", doc: "The system calls of the process, in order.", required: true, schema: all.schema,
			// Steps before one that is wrong are worth checking too.
			read: func(d *decoder, n *yaml.Node, p *model.Process) (ok bool) {
				p.Steps, ok = all.read(d, n, `"steps"`)
				return ok
			},
		},
	}
}

func sigpipe() shape[bool] {
	names := choice([]string{"default", "ignore"})
	return shape[bool]{schema: names.schema, read: func(d *decoder, n *yaml.Node, label string) (bool, bool) {
		v, ok := names.read(d, n, label)
		return v == "ignore", ok
	}}
}
