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
	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/gallery"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
)

var all = flag.Bool("all", false, "draw every case of the catalogue, not a sample")

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
		path := filepath.Join("testdata", name+".golden")
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if golden.Update(t, "testdata") {
			if err := os.WriteFile(path, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := golden.Difference(want, got); d != "" {
			t.Errorf("%s: %s", path, d)
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
			page, heading, _ := strings.Cut(m[1], "#")
			linked[page] = true
			if strings.Contains(page, "://") {
				continue
			}
			heading = strings.ReplaceAll(heading, "-", " ")
			if there, ok := all[page]; !ok || heading != "" && !strings.Contains(strings.ToLower(there), "\n## "+heading+"\n") {
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
