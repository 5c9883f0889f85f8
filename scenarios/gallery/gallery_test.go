package gallery_test

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/gallery"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

var (
	update = flag.Bool("update", false, "write the golden files")
	all    = flag.Bool("all", false, "draw every case of the catalogue, not a sample")
)

// hello is a gallery of testdata/hello.yaml, after some changes to its text.
func hello(t *testing.T, changes ...string) gallery.Options {
	t.Helper()
	src, err := os.ReadFile("testdata/hello.yaml")
	if err != nil {
		t.Fatal(err)
	}
	src = []byte(strings.NewReplacer(changes...).Replace(string(src)))
	f, err := scenarios.Decode("hello.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	return gallery.Options{
		Files:  []*model.File{f},
		Source: func(string) ([]byte, error) { return src, nil },
	}
}

func generate(t *testing.T, dir string, o gallery.Options) {
	t.Helper()
	if err := gallery.Generate(dir, o); err != nil {
		t.Fatal(err)
	}
}

// tree is every file below a directory.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		all[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func names(t *testing.T, dir string) []string { return slices.Sorted(maps.Keys(tree(t, dir))) }

func TestPagesAreAsTheyWere(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, hello(t))
	for _, name := range []string{"README.md", "hello.md"} {
		golden := filepath.Join("testdata", name+".golden")
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(golden, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got; go test -update rewrites it):\n%s", name, diff)
		}
	}
}

func TestGalleryIsTheSameEachTime(t *testing.T) {
	one, many := t.TempDir(), t.TempDir()
	var o gallery.Options
	for _, name := range []string{"unread-data", "silent-peer", "handshake"} {
		f, err := scenarios.FindFile(name)
		if err != nil {
			t.Fatal(err)
		}
		o.Files = append(o.Files, f)
	}
	o.Jobs = 1
	generate(t, one, o)
	o.Jobs = 8
	generate(t, many, o)
	if diff := cmp.Diff(tree(t, one), tree(t, many)); diff != "" {
		t.Errorf("one case at a time and eight give two galleries:\n%s", diff)
	}
	again := tree(t, many)
	generate(t, many, o)
	if diff := cmp.Diff(again, tree(t, many)); diff != "" {
		t.Errorf("the second run changed:\n%s", diff)
	}
}

var link = regexp.MustCompile(`\]\(([^)]+)\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	dir := t.TempDir()
	f, err := scenarios.FindFile("silent-peer")
	if err != nil {
		t.Fatal(err)
	}
	generate(t, dir, gallery.Options{Files: []*model.File{f}})
	all := tree(t, dir)
	linked := map[string]bool{"README.md": true, ".tcpsim-gallery": true}
	for name, text := range all {
		if !strings.HasSuffix(name, ".md") {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			linked[m[1]] = true
			if _, ok := all[m[1]]; !ok && !strings.Contains(m[1], "://") {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
	for name := range all {
		if !linked[name] {
			t.Errorf("nothing links to %s", name)
		}
	}
	if _, ok := all["silent-peer/sequence.svg"]; !ok {
		t.Error("six segments of data have no sequence graph")
	}
}

func TestFilesThatAreNotNeededAnyMoreGo(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, hello(t))
	mine := filepath.Join(dir, "hello", "mine.txt")
	edited := filepath.Join(dir, "hello", "slow.ladder.svg")
	for _, path := range []string{mine, edited} {
		if err := os.WriteFile(path, []byte("mine"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	generate(t, dir, hello(t, "name: hello", "name: goodbye"))
	want := []string{
		".tcpsim-gallery", "README.md", "goodbye.md",
		"goodbye/aborts.ladder.svg", "goodbye/ladder.svg", "goodbye/slow.ladder.svg",
		"hello/mine.txt", "hello/slow.ladder.svg", // not the gallery's, or not any more
	}
	if diff := cmp.Diff(want, names(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}

	generate(t, dir, hello(t, "name: hello", "name: third"))
	if slices.Contains(names(t, dir), "goodbye/ladder.svg") {
		t.Error("a stale picture is left")
	}
	if _, err := os.Stat(filepath.Join(dir, "goodbye")); err == nil {
		t.Error("the empty directory is left")
	}
}

func TestFilesOfOthersAreNotReplaced(t *testing.T) {
	dir := t.TempDir()
	readme := filepath.Join(dir, "README.md")
	if err := os.WriteFile(readme, []byte("# My project\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	err := gallery.Generate(dir, hello(t))
	if err == nil || !strings.Contains(err.Error(), "README.md was not made by tcpsim gallery") {
		t.Errorf("error %v, want one about README.md", err)
	}
	if diff := cmp.Diff([]string{"README.md"}, names(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestListCannotNameFilesElsewhere(t *testing.T) {
	for _, name := range []string{"../outside.md", "/etc/outside.md", "a/b/c.md", "hello/mine.txt", ""} {
		dir := filepath.Join(t.TempDir(), "gallery")
		generate(t, dir, hello(t))
		outside := filepath.Join(dir, "../outside.md")
		if err := os.WriteFile(outside, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		list := filepath.Join(dir, ".tcpsim-gallery")
		// The checksum is that of an empty file.
		line := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  " + name + "\n"
		if err := os.WriteFile(list, []byte(line), 0o666); err != nil {
			t.Fatal(err)
		}
		err := gallery.Generate(dir, hello(t))
		if err == nil || !strings.Contains(err.Error(), "line 1 is no line of a gallery's list") {
			t.Errorf("%q: error %v", name, err)
		}
		if _, err := os.Stat(outside); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestInterruptedGalleryIsTakenUp(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, hello(t))
	whole := tree(t, dir)
	// As a crash between two files leaves it: some of them are missing.
	if err := os.Remove(filepath.Join(dir, "hello/ladder.svg")); err != nil {
		t.Fatal(err)
	}
	generate(t, dir, hello(t))
	if diff := cmp.Diff(whole, tree(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestWhatDoesNotBehaveIsNotDocumented(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gallery")
	err := gallery.Generate(dir, hello(t, "title: a short conversation", "title: nothing\nlink: {drop: ['any:SYN']}"))
	if err == nil || !strings.Contains(err.Error(), "hello does not behave as expected: ") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("something was written")
	}
}

func TestProgressComesToItsEnd(t *testing.T) {
	o := hello(t)
	var seen []int
	o.Progress = func(done, all int) { seen = append(seen, done, all) }
	generate(t, t.TempDir(), o)
	if want := []int{1, 3, 2, 3, 3, 3}; !slices.Equal(seen, want) {
		t.Errorf("progress %v, want %v", seen, want)
	}
}

func TestPicturesSuitDarkPages(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, hello(t))
	picture, err := os.ReadFile(filepath.Join(dir, "hello/ladder.svg"))
	if err != nil || !bytes.Contains(picture, []byte("prefers-color-scheme:dark")) {
		t.Errorf("the picture has no dark colours: %v", err)
	}
}
