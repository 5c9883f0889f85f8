package file

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

// mostRuns bounds what a file may say that it has measured.
const mostRuns = 1_000_000_000

var scenarioPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$`)

// ofField names the scenario that the file repeats. It is read before all that
// may replace a part of what it brings.
func ofField() field[model.File] {
	s := matching("the name of a scenario of the catalogue or of one of its cases, such as unread-data/all-read", scenarioPattern)
	return field[model.File]{
		name: "of", schema: s.schema,
		doc: "The scenario of the catalogue that this one repeats on a bad link: its hosts, link, network, until, ip and references.",
		read: func(d *decoder, n *yaml.Node, f *model.File) bool {
			name, ok := s.read(d, n, `"of"`)
			if !ok {
				return false
			}
			if d.opts.Scenario == nil {
				d.addf(position(n), "\"of\": there is no catalogue to find %s in", words.Quote(name))
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
			f.Of, f.Repeats = name, from
			inherit(&f.Base, from)
			return true
		},
	}
}

// fireFields are the keys of a scenario that may end in more than one way.
func fireFields() []field[model.File] {
	return []field[model.File]{
		at("outcomes", list(outcomeRecord().shape(), 1, "of outcomes"),
			"The ways in which the scenario may end on a bad link. They take the place of expect; the first that fits a run is its outcome.",
			func(f *model.File) *[]model.Outcome { return &f.Base.Outcomes }),
		at("levels", list(levelRecord().shape(), 1, "of levels"),
			"How bad the link is; each makes a case of its own. Without it: loss-1, loss-10 and loss-30, all with jitter, reordering and duplication.",
			func(f *model.File) *[]model.Level { return &f.Levels }),
		at("level", slug(), "The level at which the scenario itself is run; without it, the last.",
			func(f *model.File) *string { return &f.Base.Level }),
	}
}

func levelRecord() record[model.Level] {
	return record[model.Level]{
		what: "a level", def: "level", fields: levelFields(),
		start: func(at model.Pos) model.Level { return model.Level{Pos: at} },
	}
}

func levelFields() []field[model.Level] {
	return []field[model.Level]{
		at("name", slug(), "What the level, and its case, is called.", func(l *model.Level) *string { return &l.Name }).must(),
		at("loss", probability(), "How often a segment is lost, each on its own: 10% or 0.1.",
			func(l *model.Level) *float64 { return &l.Loss }).or("0%"),
		at("duplicate", probability(), "How often a segment arrives twice.",
			func(l *model.Level) *float64 { return &l.Duplicate }).or("0%"),
		at("reorder", probability(), "How often a segment is not delayed, and so overtakes those before it.",
			func(l *model.Level) *float64 { return &l.Reorder }).or("0%"),
		at("jitter", duration(0), "How far the delay strays from the latency, evenly.",
			func(l *model.Level) *time.Duration { return &l.Jitter }).or("0s"),
	}
}

func outcomeRecord() record[model.Outcome] {
	return record[model.Outcome]{
		what: "an outcome", def: "outcome", fields: outcomeFields(),
		start: func(at model.Pos) model.Outcome { return model.Outcome{Pos: at} },
	}
}

func outcomeFields() []field[model.Outcome] {
	return []field[model.Outcome]{
		at("name", slug(), "What the outcome is called, such as reset-lost.", func(o *model.Outcome) *string { return &o.Name }).must(),
		at("says", prose(), "What happened, in words, in Markdown.", func(o *model.Outcome) *string { return &o.Says }).must(),
		at("sees", views(), "What the processes see: for each, a call with its result, or several in their order.",
			func(o *model.Outcome) *[]model.View { return &o.Sees }).must(),
		at("counts", counts(), "How many of the runs with the seeds 1, 2, 3 and so on had this outcome, by level.",
			func(o *model.Outcome) *[]model.Count { return &o.Counts }),
	}
}

// views is a mapping from processes to what they see.
func views() shape[[]model.View] {
	one := sightRecord().shape()
	several := list(one, 1, "of calls with their results")
	schema := object{
		"type": "object", "minProperties": 1,
		"additionalProperties": object{"anyOf": []object{one.schema, several.schema}},
	}
	return shape[[]model.View]{schema: schema, read: func(d *decoder, n *yaml.Node, label string) ([]model.View, bool) {
		m, ok := d.mapping(n, label)
		if !ok {
			return nil, false
		}
		if len(m.entries) == 0 {
			d.addf(position(n), "%s must name a process", label)
			return nil, false
		}
		var all []model.View
		for _, e := range m.entries {
			v, whole := model.View{Process: e.name, Pos: position(e.key)}, false
			if e.value.Kind == yaml.SequenceNode {
				v.Sights, whole = several.read(d, e.value, words.Quote(e.name))
			} else {
				var s model.Sight
				s, whole = one.read(d, e.value, words.Quote(e.name))
				v.Sights = []model.Sight{s}
			}
			all, ok = append(all, v), ok && whole
		}
		return all, ok
	}}
}

// counts is a mapping from levels to numbers.
func counts() shape[[]model.Count] {
	number := integer[int](0, mostRuns)
	schema := object{"type": "object", "additionalProperties": number.schema}
	return shape[[]model.Count]{schema: schema, read: func(d *decoder, n *yaml.Node, label string) ([]model.Count, bool) {
		m, ok := d.mapping(n, label)
		if !ok {
			return nil, false
		}
		var all []model.Count
		for _, e := range m.entries {
			runs, whole := number.read(d, e.value, words.Quote(e.name))
			all, ok = append(all, model.Count{Level: e.name, Runs: runs, Pos: position(e.value)}), ok && whole
		}
		return all, ok
	}}
}

func sightRecord() record[model.Sight] {
	return record[model.Sight]{
		what: "what a process sees", def: "sight", fields: sightFields(),
		start: func(at model.Pos) model.Sight { return model.Sight{Pos: at} },
		check: func(d *decoder, at model.Pos, s *model.Sight) bool {
			switch asks := s.Verb == model.VerbGetsockopt; {
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
func sightFields() []field[model.Sight] {
	all := []field[model.Sight]{
		at("option", optionName(), "The socket option that getsockopt reads.", func(s *model.Sight) *string { return &s.Option }),
	}
	for _, v := range sightVerbs() {
		expect := resultsField(v.returns, "the result of ")
		all = append(all, field[model.Sight]{
			name: string(v.name), doc: "The result of " + string(v.name) + ", or a list of those it may have.",
			schema: expect.schema,
			read: func(d *decoder, n *yaml.Node, s *model.Sight) bool {
				step := model.Step{Verb: v.name, Option: s.Option}
				return d.oneSight(n, s, v.name) && expect.read(d, n, &step) && setSight(s, v.name, step.Expect)
			},
		})
	}
	status := integer[int](0, 255)
	return append(all, field[model.Sight]{
		name: string(model.VerbExit), doc: "The status with which the process ended; 128 plus the signal when it was killed.",
		schema: status.schema,
		read: func(d *decoder, n *yaml.Node, s *model.Sight) bool {
			v, ok := status.read(d, n, `"exit"`)
			return ok && d.oneSight(n, s, model.VerbExit) && setSight(s, model.VerbExit, []model.Result{{Kind: model.ResultValue, Value: v}})
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

func setSight(s *model.Sight, v model.Verb, results []model.Result) bool {
	s.Verb, s.Results = v, results
	return true
}

// oneSight refuses a second call in one mapping.
func (d *decoder) oneSight(n *yaml.Node, s *model.Sight, v model.Verb) bool {
	if s.Verb == "" {
		return true
	}
	d.addf(position(n), "%s and %s stand in one mapping; write a list, one call after the other", s.Verb, v)
	return false
}

// checkFire checks what the keys for a bad link demand of each other, and
// makes the cases of the levels. whole says that all of the file was read.
func (d *decoder) checkFire(m mapping, f *model.File, whole bool) {
	given := func(key string) (model.Pos, bool) {
		if n := m.get(key); n != nil {
			return position(n), true
		}
		return model.Pos{}, false
	}
	if _, ok := given("outcomes"); !ok {
		for _, key := range []string{"of", "levels", "level"} {
			if at, ok := given(key); ok && !misspelt(m, "outcomes", d.fileFields()) {
				d.addf(at, "a scenario with the key %s needs the key \"outcomes\"", words.Quote(key))
			}
		}
		return
	}
	for _, k := range []struct{ key, instead string }{{"cases", "levels"}, {"expect", "outcomes"}} {
		if at, ok := given(k.key); ok {
			d.addf(at, "a scenario with outcomes has %s in place of %s", words.Quote(k.instead), words.Quote(k.key))
			whole = false
		}
	}
	if !whole {
		return
	}
	if f.Levels == nil {
		f.Levels = model.Levels()
	}
	if at, ok := given("level"); !ok {
		f.Base.Level = f.Levels[len(f.Levels)-1].Name
	} else if !slices.ContainsFunc(f.Levels, func(l model.Level) bool { return l.Name == f.Base.Level }) {
		d.addf(at, "there is no level %s; %s", words.Quote(f.Base.Level), have("levels", f.Base.Level, levelNames(f.Levels)))
	}
	d.checkOutcomes(f)
	spread(f)
}

func levelNames(all []model.Level) (names []string) {
	for _, l := range all {
		names = append(names, l.Name)
	}
	return names
}

func (d *decoder) checkOutcomes(f *model.File) {
	first := map[string]model.Pos{}
	for _, o := range f.Base.Outcomes {
		if at, twice := first[o.Name]; twice {
			d.addf(o.Pos, "two outcomes are named %s; the first is in line %d", words.Quote(o.Name), at.Line)
		}
		first[o.Name] = o.Pos
		for _, c := range o.Counts {
			if names := levelNames(f.Levels); !slices.Contains(names, c.Level) {
				d.addf(c.Pos, "there is no level %s; %s", words.Quote(c.Level), have("levels", c.Level, names))
			}
		}
		for i := range o.Sees {
			d.checkView(&f.Base, &o.Sees[i])
		}
	}
}

// checkView looks for the process and for the calls that it is to see.
func (d *decoder) checkView(c *model.Case, v *model.View) {
	var names []string
	var process *model.Process
	for _, h := range c.Hosts() {
		for i := range h.Processes {
			names = append(names, h.Processes[i].Name)
			if h.Processes[i].Name == v.Process {
				process = &h.Processes[i]
			}
		}
	}
	if process == nil {
		d.addf(v.Pos, "no process is named %s; %s", words.Quote(v.Process), have("processes", v.Process, names))
		return
	}
	var made []string
	for i := range process.Steps {
		s := &process.Steps[i]
		if call := (model.Sight{Verb: s.Verb, Option: readOption(s)}).String(); !slices.Contains(made, call) {
			made = append(made, call)
		}
	}
	for _, s := range v.Sights {
		if call := (model.Sight{Verb: s.Verb, Option: s.Option}).String(); s.Verb != model.VerbExit && !slices.Contains(made, call) {
			d.addf(s.Pos, "process %s never calls %s; %s", v.Process, call, have("its steps", call, made))
		}
	}
}

// readOption is the option that a step reads.
func readOption(s *model.Step) string {
	if s.Verb == model.VerbGetsockopt {
		return s.Option
	}
	return ""
}

// inherit takes over what a scenario does, but not what is said of it or
// expected.
func inherit(c, from *model.Case) {
	c.References, c.IP, c.Until, c.Link = from.References, from.IP, from.Until, from.Link
	c.Client, c.Server, c.Network = from.Client, from.Server, from.Network
	c.Origin = from.Path
}

// spread makes a case of each level, and the base case one of the level that
// the file chooses.
func spread(f *model.File) {
	if !f.Base.UnderFire() {
		return
	}
	base := f.Base
	f.Variants = nil
	for i := range f.Levels {
		l := &f.Levels[i]
		v := base
		v.Name, v.Level, v.Pos = l.Name, l.Name, l.Pos
		v.Title = fmt.Sprintf("At %s", l)
		l.Apply(&v.Link)
		f.Variants = append(f.Variants, v)
	}
	if i := slices.IndexFunc(f.Levels, func(l model.Level) bool { return l.Name == base.Level }); i >= 0 {
		f.Levels[i].Apply(&f.Base.Link)
	}
}
