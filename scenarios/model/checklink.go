package model

import (
	"errors"
	"slices"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

// checkLink refuses values of the two directions that do not go together, such
// as a queue without a rate.
func checkLink(d *decoder, m mapping, l *Link) bool {
	for _, way := range []struct {
		name string
		dir  *Direction
	}{{"client-to-server", &l.ClientToServer}, {"server-to-client", &l.ServerToClient}} {
		if !refuse(d, way.dir.Validate(), m.get(way.name), m.node) {
			return false
		}
	}
	return true
}

// actKeys are the keys of a rule that only some acts have a use for.
var actKeys = map[string][]link.Act{
	"by":    {link.ActDelay, link.ActDuplicate},
	"field": {link.ActCorrupt},
	"until": {link.ActHold},
	"to":    {link.ActForge, link.ActDropAndForge},
	"flags": {link.ActForge, link.ActDropAndForge},
}

// checkValidRule refuses what no rule can be, and keys that mean nothing for
// what the rule does.
func checkValidRule(d *decoder, m mapping, r *link.Rule) bool {
	for _, e := range m.entries {
		if acts, ok := actKeys[e.name]; ok && !slices.Contains(acts, r.Act) {
			var names []string
			for _, a := range acts {
				names = append(names, a.String())
			}
			d.addf(position(e.key), "%s is for a rule that does %s, not %s", quote(e.name), words.Either(names), r.Act)
			return false
		}
	}
	return refuse(d, r.Validate(), m.node)
}

func checkMiddlebox(d *decoder, m mapping, b *link.Middlebox) bool {
	at := m.get("at")
	if at != nil && b.At == 0 { // which would mean the middle
		d.addf(position(at), "\"at\" must be more than 0%% and less than 100%%; found %s", describe(at))
		return false
	}
	return refuse(d, b.Validate(), m.node)
}

// refuse reports what a link cannot have, and points at its key: in the first
// of the mappings that has it, or else at the last of them.
func refuse(d *decoder, err error, nodes ...*yaml.Node) bool {
	var bad *link.Invalid
	if !errors.As(err, &bad) {
		return true
	}
	at := nodes[len(nodes)-1]
find:
	for _, n := range nodes {
		if n == nil || n.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == bad.Key {
				at = n.Content[i+1]
				break find
			}
		}
	}
	d.addf(position(at), "%s is wrong: %s", quote(bad.Key), bad.Reason)
	return false
}
