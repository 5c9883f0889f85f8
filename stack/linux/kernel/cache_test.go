package kernel

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// put makes a kernel in the cache, as a build leaves it.
func put(t *testing.T, c Cache, version, key string) {
	t.Helper()
	dir := filepath.Join(c.Dir, version+"-"+key)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	record, err := json.Marshal(Kernel{Version: version, Key: key, Source: "a test"})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{recordName: record, programName: []byte("kernel")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o777); err != nil {
			t.Fatal(err)
		}
	}
}

func names(list []Kernel) []string {
	var all []string
	for _, k := range list {
		all = append(all, k.Version+" "+k.Key)
	}
	return all
}

func TestListHasTheNewestVersionFirst(t *testing.T) {
	c := Cache{t.TempDir()}
	for _, v := range []string{"6.1.192", "6.12.9", "6.12.117", "6.2.1"} {
		put(t, c, v, Key(v))
	}
	put(t, c, "6.12.117", "000000000000") // of another recipe
	list, err := c.List()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"6.12.117 " + Key("6.12.117"), "6.12.117 000000000000",
		"6.12.9 " + Key("6.12.9"), "6.2.1 " + Key("6.2.1"), "6.1.192 " + Key("6.1.192"),
	}
	if got := names(list); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if list[0].Path != filepath.Join(c.Dir, "6.12.117-"+Key("6.12.117"), "linux") {
		t.Errorf("the first lies at %s", list[0].Path)
	}
}

func TestWhatIsBeingBuiltIsNotListed(t *testing.T) {
	c := Cache{t.TempDir()}
	if err := os.MkdirAll(filepath.Join(c.Dir, halfBuilt+"123", "source"), 0o777); err != nil {
		t.Fatal(err)
	}
	if list, err := c.List(); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v", list, err)
	}
}

func TestADirectoryWithoutARecordIsAnError(t *testing.T) {
	c := Cache{t.TempDir()}
	if err := os.MkdirAll(filepath.Join(c.Dir, "6.12.1-abc"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := c.List(); err == nil || !strings.Contains(err.Error(), "6.12.1-abc is no kernel that was built") {
		t.Errorf("got %v", err)
	}
}

func TestFind(t *testing.T) {
	c := Cache{t.TempDir()}
	put(t, c, "6.1.192", Key("6.1.192"))
	put(t, c, "6.12.9", Key("6.12.9"))
	put(t, c, "6.12.117", Key("6.12.117"))
	put(t, c, "6.13.1", "000000000000") // cannot be run
	for _, test := range []struct{ version, want string }{
		{"", "6.12.117"}, {"6.12", "6.12.117"}, {"6.12.9", "6.12.9"}, {"6.1", "6.1.192"},
	} {
		k, err := c.Find(test.version)
		if err != nil || k.Version != test.want {
			t.Errorf("Find(%q) = %v, %v; want %s", test.version, k, err, test.want)
		}
	}
	for _, test := range []struct{ version, want string }{
		{"6.13", "Linux 6.13 is not built (there is 6.12.117, 6.12.9, 6.1.192): tcpsim kernel build 6.13 builds it"},
		{"6.120", "Linux 6.120 is not built"},
		{"six", `"six" is no version of Linux`},
	} {
		if _, err := c.Find(test.version); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Find(%q): %v; want %s", test.version, err, test.want)
		}
	}
	if _, err := (Cache{t.TempDir()}).Find(""); err == nil || err.Error() != "no kernel is built: tcpsim kernel build 6.12 builds it" {
		t.Errorf("in an empty cache: %v", err)
	}
}

func TestRemoveTakesASeriesAndLeavesTheOthers(t *testing.T) {
	c := Cache{t.TempDir()}
	put(t, c, "6.1.192", Key("6.1.192"))
	put(t, c, "6.12.9", "000000000000")
	put(t, c, "6.12.117", Key("6.12.117"))
	removed, err := c.Remove("6.12")
	if err != nil || len(removed) != 2 {
		t.Fatalf("removed %v, %v", names(removed), err)
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil || len(entries) != 1 || !strings.HasPrefix(entries[0].Name(), "6.1.192-") {
		t.Errorf("left: %v, %v", entries, err)
	}
	if _, err := c.Remove("6.12"); err == nil || err.Error() != "no kernel 6.12 is built" {
		t.Errorf("again: %v", err)
	}
}

func TestKeyFollowsTheVersion(t *testing.T) {
	if Key("6.12.117") == Key("6.12.118") {
		t.Error("two versions, one key")
	}
}

// A change of the recipe that does not change the key would run old kernels
// with a new agent's language.
func TestKeyFollowsTheEdits(t *testing.T) {
	before := Key("6.12.117")
	old := edits[0].new
	edits[0].new += "\n"
	t.Cleanup(func() { edits[0].new = old })
	if Key("6.12.117") == before {
		t.Error("another edit, the same key")
	}
}
