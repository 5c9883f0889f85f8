package model

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

var hostNames = []string{"client", "server"}

func hostsFields() []field[Case] {
	client := within(hostFields("client"), func(c *Case) *Host { return &c.Client })
	server := within(hostFields("server"), func(c *Case) *Host { return &c.Server })
	return []field[Case]{
		inline("client", "The host that opens connections.", "host", client),
		inline("server", "The host that accepts connections.", "host", server),
	}
}

func hostFields(host string) []field[Host] {
	processes := list(processRecord().shape(), 0, "of processes")
	return []field[Host]{
		at("settings", settings(), "Linux sysctls of the host, for example {tcp_retries2: 5}.",
			func(h *Host) *[]Setting { return &h.Settings }),
		{
			name: "processes", doc: "The programs that run on the host.", schema: processes.schema,
			read: func(d *decoder, n *yaml.Node, h *Host) bool {
				given, ok := processes.read(d, n, `"processes"`)
				h.Processes = nameProcesses(host, given)
				return d.checkForks(host, h.Processes, n.Content, ok) && ok
			},
		},
	}
}

// nameProcesses gives a process without a name the host's: client, client-2, ...
func nameProcesses(host string, processes []Process) []Process {
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
func settings() shape[[]Setting] {
	schema := object{
		"type":                 "object",
		"additionalProperties": object{"type": []string{"string", "number", "boolean"}},
	}
	return shape[[]Setting]{schema: schema, read: func(d *decoder, n *yaml.Node, label string) ([]Setting, bool) {
		m, ok := d.mapping(n, label)
		if !ok {
			return nil, false
		}
		all := make([]Setting, 0, len(m.entries))
		for _, e := range m.entries {
			if e.value.Kind != yaml.ScalarNode || isNull(e.value) {
				d.addf(position(e.value), "setting %s must be a number, true, false or text; found %s", quote(e.name), describe(e.value))
				ok = false
				continue
			}
			value := e.value.Value
			if e.value.ShortTag() == "!!bool" {
				value = strings.ToLower(value)
			}
			if check := d.opts.Setting; check != nil {
				if err := check(e.name, value); err != nil {
					d.addf(position(e.key), "setting %s: %v", quote(e.name), err)
					ok = false
				}
			}
			all = append(all, Setting{Name: e.name, Value: value, Pos: position(e.key)})
		}
		return all, ok
	}}
}

func processRecord() record[Process] {
	return record[Process]{what: "a process", def: "process", fields: processFields(), start: func(at Pos) Process {
		return Process{Pos: at}
	}}
}

func processFields() []field[Process] {
	start, all := duration(0), steps(inProcess, 1)
	return []field[Process]{
		at("name", name("a process"), "What the process is called; the default is the host's name, then NAME-2 and so on.",
			func(p *Process) *string { return &p.Name }),
		at("sigpipe", sigpipe(), "What SIGPIPE does to the process: end it (default) or nothing (ignore).",
			func(p *Process) *bool { return &p.IgnoreSIGPIPE }).or("default"),
		{
			name: "start", doc: "When the process starts: a virtual time, `boot` for each boot after a crash, or `fork` when another process forks it.", fallback: "0s",
			schema: object{"anyOf": []object{{"enum": []string{"boot", "fork"}}, start.schema}},
			read: func(d *decoder, n *yaml.Node, p *Process) (ok bool) {
				if n.Kind == yaml.ScalarNode && (n.Value == "boot" || n.Value == "fork") {
					p.AtBoot, p.Forked = n.Value == "boot", n.Value == "fork"
					return true
				}
				p.Start, ok = start.read(d, n, `"start", unless it is boot or fork,`)
				return ok
			},
		},
		maybe("exits", integer[int](0, 255), "The expected exit status; 128 plus the signal when the process is killed.",
			func(p *Process) **int { return &p.Exits }),
		{
			name: "steps", doc: "The system calls of the process, in order.", required: true, schema: all.schema,
			// Steps before one that is wrong are worth checking too.
			read: func(d *decoder, n *yaml.Node, p *Process) (ok bool) {
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
