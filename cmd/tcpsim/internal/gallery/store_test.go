package gallery_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/gallery"
)

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
