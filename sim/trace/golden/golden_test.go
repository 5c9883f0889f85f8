package golden

import (
	"os"
	"path/filepath"
	"testing"
)

// fatal is a test that notes that it was ended.
type fatal struct {
	testing.TB
	ended bool
}

func (f *fatal) Fatal(...any) { f.ended = true; panic(f) }

func TestAGoldenChangesForAReason(t *testing.T) {
	before, why := *update, *reason
	t.Cleanup(func() { *update, *reason = before, why })
	dir := filepath.Join(t.TempDir(), "testdata")
	changes := func() string {
		b, _ := os.ReadFile(filepath.Join(dir, "CHANGES.md"))
		return string(b)
	}

	*update, *reason = false, ""
	if Update(t, dir) || changes() != "" {
		t.Error("nobody asked for anything")
	}
	*update = true
	for _, *reason = range []string{"", " \n"} {
		f := &fatal{TB: t}
		func() {
			defer func() { recover() }()
			Update(f, dir)
		}()
		if !f.ended || changes() != "" {
			t.Errorf("with the reason %q: ended %t, %q", *reason, f.ended, changes())
		}
	}
	*reason = "the clock\nis right"
	for range 2 {
		if !Update(t, dir) {
			t.Error("with a reason nothing is written")
		}
	}
	*reason = "another"
	Update(t, dir)
	if want := heading + "- TestAGoldenChangesForAReason: the clock is right\n- TestAGoldenChangesForAReason: another\n"; changes() != want {
		t.Errorf("%q, want %q", changes(), want)
	}
}

func TestDifferenceNamesTheFirstLine(t *testing.T) {
	for _, test := range []struct{ want, now, says string }{
		{"a\nb\n", "a\nb\n", ""},
		{"a\nb\nc\n", "a\nx\ny\n", "the first difference is in line 2\nwant \"b\\n\"\nnow  \"x\\n\""},
		{"a\n", "a\nb\n", "the first difference is in line 2\nwant \"\"\nnow  \"b\\n\""},
		{"a\nb", "a", "the first difference is in line 1\nwant \"a\\n\"\nnow  \"a\""},
		{"", "a", "the first difference is in line 1\nwant \"\"\nnow  \"a\""},
	} {
		if got := Difference([]byte(test.want), []byte(test.now)); got != test.says {
			t.Errorf("%q and %q: %q, want %q", test.want, test.now, got, test.says)
		}
	}
}
