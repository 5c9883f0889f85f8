package file

import (
	"errors"
	"testing"
)

// Whatever the file holds: no panic, few errors with positions in file order,
// and what Decode accepts the schema accepts as well.
func FuzzDecode(f *testing.F) {
	for _, m := range allMalformed() {
		f.Add([]byte(m.yaml))
	}
	f.Add([]byte(readFile(f, "unread-data.yaml")))
	f.Add([]byte(readFile(f, "every-verb.yaml")))
	f.Add([]byte(inheriting))
	f.Add([]byte(repeating))
	f.Add([]byte(ending))
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := Decode("x.yaml", src, Options{Setting: knownSettings, Scenario: repeated})
		if err != nil {
			checkErrors(t, err)
			return
		}
		for _, c := range file.Cases() {
			for _, h := range c.Hosts() {
				for _, p := range h.Processes {
					for _, s := range p.Steps {
						if s.String() == "" || s.Pos.Line < 1 {
							t.Errorf("step %#v", s)
						}
					}
				}
			}
		}
		if err := validate(schema, string(src)); err != nil {
			t.Errorf("Decode accepts what the schema refuses: %v", err)
		}
	})
}

func checkErrors(t *testing.T, err error) {
	var all Errors
	if !errors.As(err, &all) || len(all) == 0 || len(all) > 10 {
		t.Fatalf("errors are %#v", err)
	}
	for i, e := range all {
		if e.Line < 1 || e.Column < 1 || e.Msg == "" || i > 0 && compare(all[i-1].Pos, e.Pos) > 0 {
			t.Fatalf("error %d of\n%v", i, err)
		}
	}
}
