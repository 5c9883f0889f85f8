package file

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(SchemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate checks YAML against the schema, as an editor does.
func validate(s *jsonschema.Schema, src string) error {
	var tree yaml.Node
	if err := yaml.Load([]byte(src), &tree); err != nil {
		return err
	}
	if len(tree.Content) == 0 {
		return fmt.Errorf("an empty file")
	}
	v, err := plain(tree.Content[0])
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// plain turns YAML into JSON values. A date stays text, as in JSON.
func plain(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.AliasNode:
		return plain(n.Alias)
	case yaml.SequenceNode:
		all := []any{}
		for _, c := range n.Content {
			v, err := plain(c)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		return all, nil
	case yaml.MappingNode:
		all := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := plain(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			all[n.Content[i].Value] = v
		}
		return all, nil
	}
	if n.ShortTag() == "!!timestamp" {
		return n.Value, nil
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return nil, err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

func TestSchemaAcceptsWhatDecodeAccepts(t *testing.T) {
	s := compileSchema(t)
	for _, src := range []string{
		readFile(t, "unread-data.yaml"), readFile(t, "every-verb.yaml"), inheriting, repeating, ending, scenarioWith(""),
	} {
		if err := validate(s, src); err != nil {
			t.Errorf("%v\n%s", err, src)
		}
	}
}

// What only the decoder can know is listed here, so that a hole in the schema
// is noticed.
func TestSchemaRefusesMostOfWhatDecodeRefuses(t *testing.T) {
	s := compileSchema(t)
	var accepted []string
	for _, m := range allMalformed() {
		if m.name == "an alias inside itself" {
			continue // a validator would not end
		}
		if validate(s, m.yaml) == nil {
			accepted = append(accepted, m.name)
		}
	}
	want := []string{
		"a YAML tag",
		"a call that the process never makes",
		"a case that drops a label",
		"a child with a disposition of its own",
		"a child with a socket that the parent makes after the fork",
		"a count of a level that there is not",
		"a duplicate key",
		"a duration that is longer than the option can say",
		"a duration that is no whole number of the option's units",
		"a fork of a process of the other host",
		"a fork of a process that starts by itself",
		"a fork of nobody",
		"a label given twice",
		"a label where there are none",
		"a level that there is not",
		"a parent with a socket that the child makes",
		"a process that forks itself",
		"a process that is forked twice",
		"a process that nobody forks",
		"a process that there is not",
		"a rule that nobody started",
		"a run of no time",
		"a scenario that repeats one that repeats",
		"a setting that is refused",
		"a socket before the first",
		"a socket created twice",
		"an accepted socket created twice",
		"an address with a large port",
		"an option that the process never reads",
		"an unknown label",
		"an unknown process",
		"an unknown scenario to repeat",
		"an unknown socket",
		"two cases of one name",
		"two levels of one name",
		"two outcomes of one name",
		"two processes of one name",
	}
	want = append(want, schemaTakesLinks...)
	slices.Sort(accepted)
	slices.Sort(want)
	if !slices.Equal(accepted, want) {
		t.Errorf("the schema accepts %q\nwant %q", accepted, want)
	}
}

func TestSchemaExplainsEveryKey(t *testing.T) {
	var doc struct {
		ID          string                     `json:"$id"`
		Title       string                     `json:"title"`
		Description string                     `json:"description"`
		Properties  map[string]json.RawMessage `json:"properties"`
		Defs        map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.ID != SchemaID || doc.Title == "" || doc.Description == "" {
		t.Errorf("head is %q %q %q", doc.ID, doc.Title, doc.Description)
	}
	explain(t, "", doc.Properties)
	for name, def := range doc.Defs {
		var o struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		if err := json.Unmarshal(def, &o); err != nil {
			t.Fatal(err)
		}
		explain(t, name, o.Properties)
	}
}

func explain(t *testing.T, of string, properties map[string]json.RawMessage) {
	for name, p := range properties {
		var o struct{ Title, Description string }
		if err := json.Unmarshal(p, &o); err != nil || o.Title == "" || o.Description == "" {
			t.Errorf("%s %s has the title %q and the description %q (%v)", of, name, o.Title, o.Description, err)
		}
	}
}
