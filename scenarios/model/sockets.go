package model

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/tcpsim/tcpsim/stack/words"
)

// sockets are what a process has at some step.
type sockets struct {
	known []string // all that it ever had, in order
	ever  map[string]bool
	made  map[string]Pos // those that are open, as far as can be told
	past  []socketChange
}

// socketChange is what undo needs to know of a change.
type socketChange struct {
	name string
	at   Pos
	open bool
}

func newSockets() *sockets {
	return &sockets{ever: map[string]bool{}, made: map[string]Pos{}}
}

func (s *sockets) change(name string) {
	at, open := s.made[name]
	s.past = append(s.past, socketChange{name, at, open})
}

// aside runs f, as for a child that begins with these sockets, and puts back
// what it has changed. Copies would cost too much in a file with thousands of
// processes.
func (s *sockets) aside(f func()) {
	known, past := len(s.known), len(s.past)
	f()
	for _, name := range s.known[known:] {
		delete(s.ever, name)
	}
	s.known = s.known[:known]
	for _, c := range slices.Backward(s.past[past:]) {
		if c.open {
			s.made[c.name] = c.at
		} else {
			delete(s.made, c.name)
		}
	}
	s.past = s.past[:past]
}

// checkSocket checks that a step does not use a socket before it has a name. A
// closed socket may be used, since EBADF is a result worth showing, and its
// name may be given to a new one.
func (d *decoder) checkSocket(have *sockets, s *Step, node *yaml.Node) {
	switch {
	case s.Verb == VerbSocket:
		d.create(have, s.Socket, s.ValuePos)
		return
	case s.Socket == "":
		return
	case !have.ever[s.Socket]:
		d.addf(s.ValuePos, "no step before this one creates socket %s; %s", quote(s.Socket), soFar(s.Socket, have.known))
		return
	}
	if s.Verb == VerbClose {
		have.change(s.Socket)
		delete(have.made, s.Socket)
	}
	if s.As != "" {
		d.create(have, s.As, argumentPos(node, "as"))
	}
}

func (d *decoder) create(have *sockets, name string, at Pos) {
	if first, open := have.made[name]; open {
		d.addf(at, "socket %s exists already, from line %d; close it first or choose another name", quote(name), first.Line)
		return
	}
	have.change(name)
	have.made[name] = at
	if !have.ever[name] {
		have.ever[name] = true
		have.known = append(have.known, name)
	}
}

func soFar(name string, known []string) string {
	if len(known) == 0 {
		return "the process has no sockets so far"
	}
	text := "sockets so far: " + some(known)
	if near := words.Nearest(name, known); near != "" && len(known) > 1 && len(name) > 1 {
		text += "; did you mean " + quote(near) + "?"
	}
	return text
}

// argumentPos is where the value of an argument of a step stands.
func argumentPos(step *yaml.Node, name string) Pos {
	for i := 0; i+1 < len(step.Content); i += 2 {
		if step.Content[i].Value == name {
			return position(step.Content[i+1])
		}
	}
	return position(step)
}
