package gallery_test

import (
	"flag"
	"fmt"
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

var link = regexp.MustCompile(`(?:\]\(|src="|srcset=")([^)"]+)[)"]`)

func TestLinksLeadSomewhere(t *testing.T) {
	dir := t.TempDir()
	var o gallery.Options
	for _, name := range []string{"close-flushes", "unread-data", "unread-data-under-fire", "primes-under-fire"} {
		f, err := scenarios.FindFile(name)
		if err != nil {
			t.Fatal(err)
		}
		o.Files = append(o.Files, f)
	}
	generate(t, dir, o)
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
	for _, name := range []string{"sequence.svg", "sequence.dark.svg", "exit.ladder.dark.svg"} {
		if _, ok := all["close-flushes/"+name]; !ok {
			t.Errorf("six segments of data have no %s", name)
		}
	}
	if _, ok := all["unread-data/sequence.svg"]; ok {
		t.Error("one segment of data has a graph")
	}
	for page, want := range map[string]string{
		"unread-data.md":            "[on a bad link](unread-data-under-fire.md)",
		"unread-data-under-fire.md": "[unread-data](unread-data.md) on a bad link",
	} {
		if !strings.Contains(all[page], want) {
			t.Errorf("%s lacks %s", page, want)
		}
	}
}

// TestAPageTellsHowOftenEachOutcomeWasSeen reads the counts where the file has
// them.
func TestAPageTellsHowOftenEachOutcomeWasSeen(t *testing.T) {
	dir := t.TempDir()
	f, err := scenarios.FindFile("unread-data-under-fire")
	if err != nil {
		t.Fatal(err)
	}
	generate(t, dir, gallery.Options{Files: []*model.File{f}, Pictures: gallery.Base})
	text := tree(t, dir)[f.Name+".md"]
	for _, o := range f.Base.Outcomes {
		row := "| " + o.Name + " |"
		for _, l := range f.Levels {
			n, ok := o.Count(l.Name)
			if !ok {
				t.Fatalf("%s has no count at %s", o.Name, l.Name)
			}
			row += fmt.Sprintf(" %d |", n)
		}
		if !strings.Contains(text, row+"\n") {
			t.Errorf("the page lacks the row %s", row)
		}
	}
	if !regexp.MustCompile(`(?m)^This run ends as \*\*[a-z-]+\*\*\.$`).MatchString(text) {
		t.Error("the page does not say which outcome its picture shows")
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
		"goodbye/aborts.ladder.dark.svg", "goodbye/aborts.ladder.svg",
		"goodbye/ladder.dark.svg", "goodbye/ladder.svg",
		"goodbye/slow.ladder.dark.svg", "goodbye/slow.ladder.svg",
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

func TestPicturesSuitLightAndDarkPages(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, hello(t))
	all := tree(t, dir)
	for name, paper := range map[string]string{"hello/ladder.svg": "#FFFFFF", "hello/ladder.dark.svg": "#0D1117"} {
		if !strings.Contains(all[name], `<rect width="100%" height="100%" fill="`+paper+`"/>`) {
			t.Errorf("%s does not have the paper %s", name, paper)
		}
	}
	const want = `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="hello/ladder.dark.svg">
  <img alt="Ladder: a short conversation" src="hello/ladder.svg">
</picture>`
	if !strings.Contains(all["hello.md"], want) {
		t.Errorf("the page does not choose the picture by the reader's preference:\n%s", all["hello.md"])
	}
}

// A page of the base case alone lists the others, and has what is said of them.
func TestOtherCasesCanBeListedOnly(t *testing.T) {
	dir := t.TempDir()
	o := hello(t, "title: the same on a slow link", "title: the same on a slow link\n    shows: It takes a second.")
	o.Pictures = gallery.Base
	generate(t, dir, o)
	all := tree(t, dir)
	want := []string{".tcpsim-gallery", "README.md", "hello.md", "hello/ladder.dark.svg", "hello/ladder.svg"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(all))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for _, want := range []string{
		"| `hello/slow` | the same on a slow link | 9 |  |\n| `hello/aborts` | the server reads nothing | 6 | `unread-data` |\n",
		"## slow: the same on a slow link\n\n`tcpsim run hello/slow`\n\nIt takes a second.\n",
	} {
		if !strings.Contains(all["hello.md"], want) {
			t.Errorf("the page lacks %q:\n%s", want, all["hello.md"])
		}
	}
	if strings.Contains(all["hello.md"], "## aborts") {
		t.Error("a case of which nothing is said has a section")
	}
}

func TestWhatIsStaleIsNamed(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, hello(t))
	stale := func(o gallery.Options) []string {
		t.Helper()
		list, err := gallery.Stale(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if list := stale(hello(t)); len(list) > 0 {
		t.Errorf("of a new gallery is stale: %q", list)
	}
	if err := os.Remove(filepath.Join(dir, "hello/slow.ladder.svg")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"hello/mine.txt": "", "stray.md": "", "README.md": notice} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, dir)
	want := []string{
		"README.md: differs, first in line 2",
		"hello/mine.txt: belongs to no scenario",
		"hello/slow.ladder.svg: is missing",
		"stray.md: belongs to no scenario",
	}
	if diff := cmp.Diff(want, stale(hello(t))); diff != "" {
		t.Errorf("stale (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Errorf("looking changed the directory:\n%s", diff)
	}
	if _, err := gallery.Stale(filepath.Join(dir, "none"), hello(t)); err == nil {
		t.Error("no error for a directory that is not there")
	}
}

const notice = "<!-- Made by tcpsim gallery: edit the scenario, not this page. -->\n"
