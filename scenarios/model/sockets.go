package model

import (
	"github.com/tcpsim/tcpsim/scenarios/suggest"
	"go.yaml.in/yaml/v4"
)

// checkSockets checks that the steps of a process name their sockets before
// they use them. A closed socket may be used, since EBADF is a result worth
// showing, and its name may be given to a new one.
func (d *decoder) checkSockets(steps []Step, nodes []*yaml.Node) {
	var known []string
	made := map[string]Pos{} // the sockets that are open, as far as can be told
	ever := map[string]bool{}
	create := func(name string, at Pos) {
		if first, open := made[name]; open {
			d.addf(at, "socket %s exists already, from line %d; close it first or choose another name", quote(name), first.Line)
			return
		}
		made[name] = at
		if !ever[name] {
			ever[name], known = true, append(known, name)
		}
	}
	for i, s := range steps {
		switch {
		case d.full():
			return
		case s.Verb == "":
			// A step that could not be read may have created any socket.
			return
		case s.Verb == VerbSocket:
			create(s.Socket, s.ValuePos)
			continue
		case s.Socket == "":
			continue
		}
		if !ever[s.Socket] {
			d.addf(s.ValuePos, "no step before this one creates socket %s; %s", quote(s.Socket), soFar(s.Socket, known))
			continue
		}
		if s.Verb == VerbClose {
			delete(made, s.Socket)
		}
		if s.As != "" {
			create(s.As, argumentPos(nodes[i], "as"))
		}
	}
}

func soFar(name string, known []string) string {
	if len(known) == 0 {
		return "the process has no sockets so far"
	}
	text := "sockets so far: " + some(known)
	if near := suggest.Nearest(name, known); near != "" && len(known) > 1 && len(name) > 1 {
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
