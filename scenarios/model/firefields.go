package model

import (
	"regexp"
	"time"

	"go.yaml.in/yaml/v4"
)

// mostRuns bounds what a file may say that it has measured.
const mostRuns = 1_000_000_000

var scenarioPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$`)

// ofField names the scenario that the file repeats. It is read before all that
// may replace a part of what it brings.
func ofField() field[File] {
	s := matching("the name of a scenario of the catalogue or of one of its cases, such as unread-data/all-read", scenarioPattern)
	return field[File]{
		name: "of", schema: s.schema,
		doc: "The scenario of the catalogue that this one repeats on a bad link: its hosts, link, network, until, ip and references.",
		read: func(d *decoder, n *yaml.Node, f *File) bool {
			name, ok := s.read(d, n, `"of"`)
			if !ok {
				return false
			}
			if d.opts.Scenario == nil {
				d.addf(position(n), "\"of\": there is no catalogue to find %s in", quote(name))
				return false
			}
			from, err := d.opts.Scenario(name)
			switch {
			case err != nil:
				d.addf(position(n), "\"of\": %v", err)
				return false
			case from.UnderFire():
				d.addf(position(n), "\"of\": %s repeats another scenario itself", name)
				return false
			}
			f.Of, f.origin = name, *from
			f.Base.inherit(from)
			return true
		},
	}
}

// fireFields are the keys of a scenario that may end in more than one way.
func fireFields() []field[File] {
	return []field[File]{
		at("outcomes", list(outcomeRecord().shape(), 1, "of outcomes"),
			"The ways in which the scenario may end on a bad link. They take the place of expect; the first that fits a run is its outcome.",
			func(f *File) *[]Outcome { return &f.Base.Outcomes }),
		at("levels", list(levelRecord().shape(), 1, "of levels"),
			"How bad the link is; each makes a case of its own. Without it: loss-1, loss-10 and loss-30, all with jitter, reordering and duplication.",
			func(f *File) *[]Level { return &f.Levels }),
		at("level", slug(), "The level at which the scenario itself is run; without it, the last.",
			func(f *File) *string { return &f.Base.Level }),
	}
}

func levelRecord() record[Level] {
	return record[Level]{
		what: "a level", def: "level", fields: levelFields(),
		start: func(at Pos) Level { return Level{Pos: at} },
	}
}

func levelFields() []field[Level] {
	return []field[Level]{
		at("name", slug(), "What the level, and its case, is called.", func(l *Level) *string { return &l.Name }).must(),
		at("loss", probability(), "How often a segment is lost, each on its own: 10% or 0.1.",
			func(l *Level) *float64 { return &l.Loss }).or("0%"),
		at("duplicate", probability(), "How often a segment arrives twice.",
			func(l *Level) *float64 { return &l.Duplicate }).or("0%"),
		at("reorder", probability(), "How often a segment is not delayed, and so overtakes those before it.",
			func(l *Level) *float64 { return &l.Reorder }).or("0%"),
		at("jitter", duration(0), "How far the delay strays from the latency, evenly.",
			func(l *Level) *time.Duration { return &l.Jitter }).or("0s"),
	}
}

func outcomeRecord() record[Outcome] {
	return record[Outcome]{
		what: "an outcome", def: "outcome", fields: outcomeFields(),
		start: func(at Pos) Outcome { return Outcome{Pos: at} },
	}
}

func outcomeFields() []field[Outcome] {
	return []field[Outcome]{
		at("name", slug(), "What the outcome is called, such as reset-lost.", func(o *Outcome) *string { return &o.Name }).must(),
		at("says", prose(), "What happened, in words, in Markdown.", func(o *Outcome) *string { return &o.Says }).must(),
		at("sees", views(), "What the processes see: for each, a call with its result, or several in their order.",
			func(o *Outcome) *[]View { return &o.Sees }).must(),
		at("counts", counts(), "How many of the runs with the seeds 1, 2, 3 and so on had this outcome, by level.",
			func(o *Outcome) *[]Count { return &o.Counts }),
	}
}

// views is a mapping from processes to what they see.
func views() shape[[]View] {
	one := sightRecord().shape()
	several := list(one, 1, "of calls with their results")
	schema := object{
		"type": "object", "minProperties": 1,
		"additionalProperties": object{"anyOf": []object{one.schema, several.schema}},
	}
	return shape[[]View]{schema: schema, read: func(d *decoder, n *yaml.Node, label string) ([]View, bool) {
		m, ok := d.mapping(n, label)
		if !ok {
			return nil, false
		}
		if len(m.entries) == 0 {
			d.addf(position(n), "%s must name a process", label)
			return nil, false
		}
		var all []View
		for _, e := range m.entries {
			v, whole := View{Process: e.name, Pos: position(e.key)}, false
			if e.value.Kind == yaml.SequenceNode {
				v.Sights, whole = several.read(d, e.value, quote(e.name))
			} else {
				var s Sight
				s, whole = one.read(d, e.value, quote(e.name))
				v.Sights = []Sight{s}
			}
			all, ok = append(all, v), ok && whole
		}
		return all, ok
	}}
}

// counts is a mapping from levels to numbers.
func counts() shape[[]Count] {
	number := integer[int](0, mostRuns)
	schema := object{"type": "object", "additionalProperties": number.schema}
	return shape[[]Count]{schema: schema, read: func(d *decoder, n *yaml.Node, label string) ([]Count, bool) {
		m, ok := d.mapping(n, label)
		if !ok {
			return nil, false
		}
		var all []Count
		for _, e := range m.entries {
			runs, whole := number.read(d, e.value, quote(e.name))
			all, ok = append(all, Count{Level: e.name, Runs: runs, Pos: position(e.value)}), ok && whole
		}
		return all, ok
	}}
}

func sightRecord() record[Sight] {
	return record[Sight]{
		what: "what a process sees", def: "sight", fields: sightFields(),
		start: func(at Pos) Sight { return Sight{Pos: at} },
		check: func(d *decoder, at Pos, s *Sight) bool {
			switch asks := s.Verb == VerbGetsockopt; {
			case s.Verb == "":
				d.addf(at, "what a process sees needs a call with its result, such as {recv: ECONNRESET}")
			case asks && s.Option == "":
				d.addf(at, "getsockopt needs the key \"option\"")
			case !asks && s.Option != "":
				d.addf(at, "\"option\" is an argument of getsockopt, not of %s", s.Verb)
			default:
				return true
			}
			return false
		},
	}
}

// sightFields are a key for each call that has a result, and its value is the
// result as a step's expect writes it.
func sightFields() []field[Sight] {
	all := []field[Sight]{
		at("option", optionName(), "The socket option that getsockopt reads.", func(s *Sight) *string { return &s.Option }),
	}
	for _, v := range sightVerbs() {
		expect := resultsField(v.returns, "the result of ")
		all = append(all, field[Sight]{
			name: string(v.name), doc: "The result of " + string(v.name) + ", or a list of those it may have.",
			schema: expect.schema,
			read: func(d *decoder, n *yaml.Node, s *Sight) bool {
				step := Step{Verb: v.name, Option: s.Option}
				return d.oneSight(n, s, v.name) && expect.read(d, n, &step) && s.set(v.name, step.Expect)
			},
		})
	}
	status := integer[int](0, 255)
	return append(all, field[Sight]{
		name: string(VerbExit), doc: "The status with which the process ended; 128 plus the signal when it was killed.",
		schema: status.schema,
		read: func(d *decoder, n *yaml.Node, s *Sight) bool {
			v, ok := status.read(d, n, `"exit"`)
			return ok && d.oneSight(n, s, VerbExit) && s.set(VerbExit, []Result{{Kind: ResultValue, Value: v}})
		},
	})
}

// sightVerbs are the calls that have a result.
func sightVerbs() (all []verb) {
	for _, table := range [][]verb{socketVerbs(), transferVerbs(), optionVerbs()} {
		for _, v := range table {
			if v.returns != nothing {
				all = append(all, v)
			}
		}
	}
	return all
}

func (s *Sight) set(v Verb, results []Result) bool {
	s.Verb, s.Results = v, results
	return true
}

// oneSight refuses a second call in one mapping.
func (d *decoder) oneSight(n *yaml.Node, s *Sight, v Verb) bool {
	if s.Verb == "" {
		return true
	}
	d.addf(position(n), "%s and %s stand in one mapping; write a list, one call after the other", s.Verb, v)
	return false
}
