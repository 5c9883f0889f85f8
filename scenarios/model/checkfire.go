package model

import "slices"

// checkFire checks what the keys for a bad link demand of each other, and
// makes the cases of the levels. whole says that all of the file was read.
func (d *decoder) checkFire(m mapping, f *File, whole bool) {
	given := func(key string) (Pos, bool) {
		if n := m.get(key); n != nil {
			return position(n), true
		}
		return Pos{}, false
	}
	if _, ok := given("outcomes"); !ok {
		for _, key := range []string{"of", "levels", "level"} {
			if at, ok := given(key); ok && !misspelt(m, "outcomes", d.fileFields()) {
				d.addf(at, "a scenario with the key %s needs the key \"outcomes\"", quote(key))
			}
		}
		return
	}
	for _, k := range []struct{ key, instead string }{{"cases", "levels"}, {"expect", "outcomes"}} {
		if at, ok := given(k.key); ok {
			d.addf(at, "a scenario with outcomes has %s in place of %s", quote(k.instead), quote(k.key))
			whole = false
		}
	}
	if !whole {
		return
	}
	if f.Levels == nil {
		f.Levels = Levels()
	}
	if at, ok := given("level"); !ok {
		f.Base.Level = f.Levels[len(f.Levels)-1].Name
	} else if !slices.ContainsFunc(f.Levels, func(l Level) bool { return l.Name == f.Base.Level }) {
		d.addf(at, "there is no level %s; %s", quote(f.Base.Level), have("levels", f.Base.Level, levelNames(f.Levels)))
	}
	d.checkOutcomes(f)
	f.spread()
}

func levelNames(all []Level) (names []string) {
	for _, l := range all {
		names = append(names, l.Name)
	}
	return names
}

func (d *decoder) checkOutcomes(f *File) {
	first := map[string]Pos{}
	for _, o := range f.Base.Outcomes {
		if at, twice := first[o.Name]; twice {
			d.addf(o.Pos, "two outcomes are named %s; the first is in line %d", quote(o.Name), at.Line)
		}
		first[o.Name] = o.Pos
		for _, c := range o.Counts {
			if names := levelNames(f.Levels); !slices.Contains(names, c.Level) {
				d.addf(c.Pos, "there is no level %s; %s", quote(c.Level), have("levels", c.Level, names))
			}
		}
		for i := range o.Sees {
			d.checkView(&f.Base, &o.Sees[i])
		}
	}
}

// checkView looks for the process and for the calls that it is to see.
func (d *decoder) checkView(c *Case, v *View) {
	var names []string
	var process *Process
	for _, h := range c.Hosts() {
		for i := range h.Processes {
			names = append(names, h.Processes[i].Name)
			if h.Processes[i].Name == v.Process {
				process = &h.Processes[i]
			}
		}
	}
	if process == nil {
		d.addf(v.Pos, "no process is named %s; %s", quote(v.Process), have("processes", v.Process, names))
		return
	}
	var made []string
	for i := range process.Steps {
		s := &process.Steps[i]
		if call := (Sight{Verb: s.Verb, Option: readOption(s)}).String(); !slices.Contains(made, call) {
			made = append(made, call)
		}
	}
	for _, s := range v.Sights {
		if call := (Sight{Verb: s.Verb, Option: s.Option}).String(); s.Verb != VerbExit && !slices.Contains(made, call) {
			d.addf(s.Pos, "process %s never calls %s; %s", v.Process, call, have("its steps", call, made))
		}
	}
}

// readOption is the option that a step reads.
func readOption(s *Step) string {
	if s.Verb == VerbGetsockopt {
		return s.Option
	}
	return ""
}
