package file

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack"
)

// SchemaID is the $id of the JSON Schema.
const SchemaID = "https://github.com/tcpsim/tcpsim/scenario.schema.json"

// algorithm is the name of a congestion control algorithm.
var algorithm = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// Schema returns the JSON Schema (draft 2020-12) of scenario files, for editors.
// It is made from the tables that Decode reads by, and accepts every file that
// Decode accepts. Decode is stricter: it also follows names.
func Schema() []byte {
	schema := schemaOf("tcpsim scenario", "One scenario of tcpsim, with its variants.", new(decoder).fileFields())
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["$id"] = SchemaID
	schema["$defs"] = definitions()
	schema["anyOf"] = alternatives([]string{"hosts", "of"})
	schema["dependentRequired"] = object{"of": []string{"outcomes"}, "levels": []string{"outcomes"}, "level": []string{"outcomes"}}
	schema["if"] = object{"required": []string{"outcomes"}}
	schema["then"] = object{"properties": object{"cases": false, "expect": false}}
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic("model: the schema is not JSON: " + err.Error())
	}
	return append(text, '\n')
}

func definitions() object {
	hosts := hostsFields()
	defs := object{
		"case":             schemaOf("case", "A variant: it replaces the parts that it names and inherits the rest.", variantFields()),
		"claim":            claimSchema(),
		"link":             schemaOf("link", "The path between the hosts.", linkFields()),
		"rule":             schemaOf("rule", "What happens to chosen segments.", ruleFields()),
		"middlebox":        schemaOf("middlebox", "A stateful device on the link.", middleboxFields()),
		"loss-burst":       schemaOf("loss-burst", "Losses in bursts.", burstFields()),
		"queue":            schemaOf("queue", "What may wait for a busy link.", queueFields()),
		"inject-options":   schemaOf("inject-options", "The TCP options of a forged segment.", injectOptionFields()),
		"direction":        schemaOf("direction", "What differs in one direction.", directionFields()),
		"hosts":            schemaOf("hosts", "The two hosts.", hosts),
		"host":             schemaOf("host", "One end of the link.", hostFields("client")),
		"process":          schemaOf("process", "A program: its system calls in order.", processFields()),
		"expect":           schemaOf("expect", "What the wire shows.", wireFields()),
		"segment":          schemaOf("segment", "A pattern that matches segments by the fields that matter.", segmentFields()),
		"outcome":          schemaOf("outcome", "A way in which a scenario may end on a bad link.", outcomeFields()),
		"level":            schemaOf("level", "How bad the link is, in both directions.", levelFields()),
		"sight":            sightSchema(),
		"linger":           schemaOf("linger", "The value of SO_LINGER.", lingerFields()),
		"received-payload": payloadSchema(),
		"errno":            object{"title": "errno", "description": "The name of an errno.", "enum": errnoNames()},
	}
	for _, o := range []outcome{zero, sent, received, events, optionRead} {
		one := object{"anyOf": o.schemas()}
		defs[o.def()] = object{"anyOf": append(o.schemas(), object{"type": "array", "minItems": 1, "items": one})}
	}
	verbs := verbTable()
	for _, v := range verbs {
		defs["step-"+string(v.name)] = v.schema()
	}
	for def, where := range map[string]place{"process-step": inProcess, "network-step": onNetwork} {
		var any []object
		for _, name := range verbNames(verbs, where) {
			any = append(any, object{"$ref": "#/$defs/step-" + name})
		}
		defs[def] = object{"title": "step", "description": "A step of " + where.String() + ".", "anyOf": any}
	}
	return defs
}

func (v verb) schema() object {
	s := schemaOf(string(v.name), v.doc, v.keys)
	if len(v.oneOf) > 0 {
		s["oneOf"] = alternatives(v.oneOf)
	}
	if find(v.keys, "total") != nil {
		s["dependentRequired"] = object{"total": []string{"until"}}
	}
	if v.name == model.VerbSetsockopt {
		s["allOf"] = optionRules()
	}
	return s
}

// optionRules ties the value of setsockopt to the option.
func optionRules() []object {
	var rules []object
	for _, o := range options {
		rules = append(rules, object{
			"if":   object{"properties": object{"option": object{"const": o.name}}},
			"then": object{"properties": object{"value": o.takes.schema()}},
		})
	}
	return rules
}

// alternatives asks for one of several keys.
func alternatives(keys []string) []object {
	var all []object
	for _, k := range keys {
		all = append(all, object{"required": []string{k}})
	}
	return all
}

func sightSchema() object {
	s := schemaOf("sight", "A call of a process and its result, or its exit.", sightFields())
	calls := []string{string(model.VerbExit)}
	for _, v := range sightVerbs() {
		calls = append(calls, string(v.name))
	}
	s["oneOf"] = alternatives(calls)
	s["dependentRequired"] = object{"option": []string{string(model.VerbGetsockopt)}, string(model.VerbGetsockopt): []string{"option"}}
	return s
}

func claimSchema() object {
	s := schemaOf("claim", "What a published document claims, and whether it holds.", claimFields())
	s["if"] = object{"properties": object{"verdict": object{"const": string(model.Holds)}}}
	s["else"] = object{"required": []string{"because"}}
	return s
}

func payloadSchema() object {
	s := schemaOf("payload", "What recv gives.", payloadFields())
	s["oneOf"] = alternatives([]string{"data", "bytes"})
	return s
}

func errnoNames() []string {
	return slices.Sorted(slices.Values(append(stack.ErrnoNames(), "ENOTSUP", "EWOULDBLOCK")))
}

func (o outcome) def() string { return "result-" + string(o) }

// schemas are the forms that one result may have.
func (o outcome) schemas() []object {
	event := reportedEvents.String()
	forms := []object{{"enum": []string{"ok", "never"}}, {"$ref": "#/$defs/errno"}}
	switch o {
	case zero:
		return append(forms, object{"const": 0})
	case sent:
		return append(forms, object{"type": "integer", "minimum": 0})
	case received:
		return append(forms, object{"const": "EOF"}, object{"type": "integer", "minimum": 0},
			object{"$ref": "#/$defs/received-payload"})
	case events:
		return append(forms, object{"const": 0}, object{"type": "string", "pattern": "^(" + event + `)(\|(` + event + "))*$"})
	default:
		return append(forms, object{"type": "integer"}, object{"enum": stateNames()},
			object{"type": "string", "pattern": algorithm.String()})
	}
}
