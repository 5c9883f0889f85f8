package model

import (
	"regexp"
	"time"

	"go.yaml.in/yaml/v4"
)

// The tables below are functions, not variables, because a table that reads by
// means of other tables could not be initialised.

func newFile(at Pos) File {
	link := newLink(at)
	return File{Base: Case{
		Pos: at, IP: 4, Seed: 1, Link: link,
		Client: Host{Name: "client"}, Server: Host{Name: "server"},
	}}
}

func (d *decoder) fileFields() []field[File] {
	fields := []field[File]{
		at("name", slug(), "What the scenario is called on the command line: lower-case words joined by hyphens.",
			func(f *File) *string { return &f.Name }).must(),
		at("group", matching("lower-case letters, digits and hyphens", regexp.MustCompile(`^[a-z0-9-]+$`)),
			"The group under which `tcpsim list` shows the scenario.",
			func(f *File) *string { return &f.Group }),
		ofField(),
	}
	base := func(f *File) *Case { return &f.Base }
	fields = append(fields, within(caseFields(), base)...)
	fields = append(fields, fireFields()...)
	return append(fields, field[File]{
		name:   "cases",
		doc:    "Variants of the scenario. Each replaces the parts that it names and inherits the rest.",
		schema: object{"type": "array", "maxItems": mostCases, "items": object{"$ref": "#/$defs/case"}},
		// Read last: a variant begins as a copy of the finished base case.
		read: func(d *decoder, n *yaml.Node, f *File) bool {
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

func variantRecord(base Case) record[Case] {
	return record[Case]{what: "a case", def: "case", fields: variantFields(), start: func(at Pos) Case {
		c := base
		c.Pos, c.Title = at, ""
		return c
	}}
}

func variantFields() []field[Case] {
	name := at("name", slug(), "What the case is called; it is run as SCENARIO/NAME.",
		func(c *Case) *string { return &c.Name }).must()
	return append([]field[Case]{name}, caseFields()...)
}

// caseFields are the keys that a scenario and its variants share.
func caseFields() []field[Case] {
	return []field[Case]{
		at("title", line(), "What happens, in one line.", func(c *Case) *string { return &c.Title }).must(),
		at("shows", prose(), "What the scenario shows and why, in Markdown.", func(c *Case) *string { return &c.Shows }),
		at("claims", list(claimRecord().shape(), 0, "of claims"), "What published documents claim, and whether it holds.",
			func(c *Case) *[]Claim { return &c.Claims }),
		at("linux", prose(), "What Linux does where gVisor differs, in Markdown.", func(c *Case) *string { return &c.Linux }),
		at("references", list(prose(), 0, "of texts"), "Where to read more, for example \"RFC 2525 section 2.17\".",
			func(c *Case) *[]string { return &c.References }),
		at("tell-apart", prose(), "How to tell the scenario from its neighbours in a capture, in Markdown.",
			func(c *Case) *string { return &c.TellApart }),
		at("ip", ipVersion(), "The version of IP.", func(c *Case) *int { return &c.IP }).or(4),
		at("seed", seed(), "What the random numbers start from.", func(c *Case) *uint64 { return &c.Seed }).or(1),
		at("until", duration(1), "Virtual time at which the run ends even when something is still pending.",
			func(c *Case) *time.Duration { return &c.Until }),
		at("link", linkRecord().shape(), "The path between the hosts.", func(c *Case) *Link { return &c.Link }),
		inline("hosts", "The two hosts: their settings and their processes.", "hosts", hostsFields()),
		at("network", steps(onNetwork, 0), "What the experimenter does, step by step.",
			func(c *Case) *[]Step { return &c.Network }),
		at("expect", wireRecord().shape(), "What the wire shows.", func(c *Case) *Wire { return &c.Expect }),
	}
}

func ipVersion() shape[int] {
	return scalar("4 or 6", object{"enum": []int{4, 6}}, func(n *yaml.Node) (int, string, bool) {
		v, ok := integerOf(n)
		return v, "", ok && (v == 4 || v == 6)
	})
}

func claimRecord() record[Claim] {
	return record[Claim]{
		what: "a claim", def: "claim", fields: claimFields(),
		start: func(at Pos) Claim { return Claim{Pos: at} },
		check: func(d *decoder, at Pos, c *Claim) bool {
			if c.Verdict != Holds && c.Because == "" {
				d.addf(at, "a claim with the verdict %s needs the key \"because\"", quote(string(c.Verdict)))
				return false
			}
			return true
		},
	}
}

func claimFields() []field[Claim] {
	return []field[Claim]{
		at("source", prose(), "Who claims it.", func(c *Claim) *string { return &c.Source }).must(),
		at("claim", prose(), "What is claimed.", func(c *Claim) *string { return &c.Text }).must(),
		at("verdict", verdict(), "Whether the claim holds.", func(c *Claim) *Verdict { return &c.Verdict }).must(),
		at("because", prose(), "Why it does not hold, or only partly.", func(c *Claim) *string { return &c.Because }),
	}
}

func verdict() shape[Verdict] {
	names := choice([]string{string(Holds), string(Partly), string(Fails)})
	return shape[Verdict]{schema: names.schema, read: func(d *decoder, n *yaml.Node, label string) (Verdict, bool) {
		v, ok := names.read(d, n, label)
		return Verdict(v), ok
	}}
}
