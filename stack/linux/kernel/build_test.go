package kernel

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// tree is a source of Linux as far as the recipe looks at it.
func tree() map[string]string {
	files := map[string]string{
		"Makefile":           "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 3\n\nall mrproper allnoconfig linux:\n\t@echo error: nothing to build; exit 1\n",
		"drivers/gpu/gpu.c":  "needless",
		"drivers/gpu/Kbuild": "kept",
		"kernel/fork.c":      "kept",
	}
	for _, e := range edits {
		files[e.file] += "before\n" + e.old + "\nafter\n"
	}
	return files
}

func writeTree(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func tarball(w io.Writer, files map[string]string) error {
	t := tar.NewWriter(w)
	for name, text := range files {
		h := tar.Header{Name: "linux-6.12.3/" + name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}
		if err := t.WriteHeader(&h); err != nil {
			return err
		}
		if _, err := io.WriteString(t, text); err != nil {
			return err
		}
	}
	return t.Close()
}

func writeFile(t *testing.T, name string, write func(io.Writer) error) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSourcesOfEachKindAreUnpacked(t *testing.T) {
	gz := func(w io.Writer) error {
		z := gzip.NewWriter(w)
		if err := tarball(z, tree()); err != nil {
			return err
		}
		return z.Close()
	}
	sources := map[string]string{
		"a directory": writeTree(t, t.TempDir(), tree()),
		"a tar":       writeFile(t, "linux.tar", func(w io.Writer) error { return tarball(w, tree()) }),
		"a tar.gz":    writeFile(t, "linux.tar.gz", gz),
	}
	if _, err := exec.LookPath("xz"); err == nil {
		plain, err := os.Open(sources["a tar"])
		if err != nil {
			t.Fatal(err)
		}
		defer plain.Close()
		sources["a tar.xz"] = writeFile(t, "linux.tar.xz", func(w io.Writer) error {
			xz := exec.Command("xz", "-c")
			xz.Stdin, xz.Stdout = plain, w
			return xz.Run()
		})
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := build{Options: Options{Source: source, Version: "6.12"}, tmp: t.TempDir()}
			_, version, err := b.unpack(context.Background(), dir)
			if err != nil || version != "6.12.3" {
				t.Fatalf("version %q, %v", version, err)
			}
			for _, kept := range []string{"kernel/fork.c", "drivers/gpu/Kbuild"} {
				if text, err := os.ReadFile(filepath.Join(dir, kept)); err != nil || string(text) != "kept" {
					t.Errorf("%s: %q, %v", kept, text, err)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "drivers/gpu/gpu.c")); err == nil {
				t.Error("what no build needs was unpacked")
			}
			if err := apply(dir); err != nil {
				t.Errorf("the recipe does not apply: %v", err)
			}
			for _, e := range edits {
				text, err := os.ReadFile(filepath.Join(dir, e.file))
				if err != nil || !strings.Contains(string(text), e.new) {
					t.Errorf("%s has no %q", e.file, e.new)
				}
			}
		})
	}
}

func TestWhatIsNoSourceIsRefused(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("nothing is built elsewhere")
	}
	other := tree()
	other["arch/um/Kconfig"] = "config HZ\n\tint\n\tdefault 1000\n"
	for _, test := range []struct {
		name, source, want string
	}{
		{"a text", writeFile(t, "notes.txt", func(w io.Writer) error { _, err := io.WriteString(w, "hello"); return err }), "want a directory, or a tarball"},
		{"an empty file", writeFile(t, "empty", func(io.Writer) error { return nil }), "want a directory, or a tarball"},
		{"a tarball of something else", writeFile(t, "x.tar", func(w io.Writer) error { return tarball(w, map[string]string{"README": "hello"}) }), "no source of Linux: it has no Makefile"},
		{"another project's Makefile", writeTree(t, t.TempDir(), map[string]string{"Makefile": "all:\n"}), "its Makefile names no version"},
		{"another version", writeTree(t, t.TempDir(), map[string]string{"Makefile": "VERSION = 5\nPATCHLEVEL = 4\nSUBLEVEL = 1\n"}), "is Linux 5.4.1, not 6.12"},
		{"a source that the recipe does not know", writeTree(t, t.TempDir(), other), `arch/um/Kconfig has no "config HZ`},
		{"a cut tarball", writeFile(t, "cut.tar", func(w io.Writer) error {
			var all strings.Builder
			if err := tarball(&all, tree()); err != nil {
				return err
			}
			_, err := io.WriteString(w, all.String()[:1124])
			return err
		}), "unexpected EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			b := build{Options: Options{Source: test.source, Version: "6.12"}, tmp: t.TempDir()}
			_, _, err := b.unpack(context.Background(), dir)
			if err == nil {
				err = apply(dir)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestNoNameInATarballLeadsOut(t *testing.T) {
	outside := t.TempDir()
	file := writeFile(t, "evil.tar", func(w io.Writer) error {
		tw := tar.NewWriter(w)
		for _, h := range []tar.Header{
			{Name: "linux/out", Typeflag: tar.TypeSymlink, Linkname: outside},
			{Name: "linux/out/file", Typeflag: tar.TypeReg, Mode: 0o644},
		} {
			if err := tw.WriteHeader(&h); err != nil {
				return err
			}
		}
		return tw.Close()
	})
	if err := unpackFile(context.Background(), file, t.TempDir()); err == nil {
		t.Error("it was unpacked")
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) != 0 {
		t.Errorf("outside: %v, %v", left, err)
	}
}

// hasTools skips a test where a build would not begin.
func hasTools(t *testing.T) {
	t.Helper()
	if err := Platform(); err != nil {
		t.Skip(err)
	}
	if err := Tools(context.Background()); err != nil {
		t.Skip(err)
	}
}

func TestNothingIsLeftOfABuildThatFails(t *testing.T) {
	hasTools(t)
	c := Cache{t.TempDir()}
	// The remains of a build that was killed.
	if err := os.MkdirAll(filepath.Join(c.Dir, halfBuilt+"7", "source"), 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := c.Build(context.Background(), Options{Source: writeTree(t, t.TempDir(), tree())})
	if err == nil || !strings.Contains(err.Error(), "error: nothing to build") {
		t.Fatalf("the build ended with %v", err)
	}
	left, err := os.ReadDir(c.Dir)
	if err != nil || len(left) != 1 || left[0].Name() != ".lock" {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestAnInterruptedBuildLeavesNothing(t *testing.T) {
	hasTools(t)
	files := tree()
	files["Makefile"] = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 3\n\nmrproper:\n\tsleep 1000\n"
	c := Cache{t.TempDir()}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	began := time.Now()
	_, err := c.Build(ctx, Options{Source: writeTree(t, t.TempDir(), files)})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 60*time.Second {
		t.Fatalf("ended after %v with %v", time.Since(began), err)
	}
	if hidden, err := filepath.Glob(filepath.Join(c.Dir, halfBuilt+"*")); err != nil || len(hidden) != 0 {
		t.Errorf("left: %v, %v", hidden, err)
	}
}

func TestOneBuildAtATimeInACache(t *testing.T) {
	hasTools(t)
	c := Cache{t.TempDir()}
	unlock, err := c.lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, err := c.Build(context.Background(), Options{Source: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "another tcpsim is building") {
		t.Errorf("got %v", err)
	}
}

func TestMissingToolsAreNamedWithTheirPackages(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("package managers of Linux")
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "apt-get"), []byte("#!/bin/sh\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	var m *Missing
	if err := Tools(context.Background()); !errors.As(err, &m) {
		t.Fatalf("got %v", err)
	}
	if m.Install != "sudo apt-get install gcc binutils make bc flex bison xz-utils" {
		t.Errorf("install: %s", m.Install)
	}
}

func TestEveryOptionOfTheConfigurationHasAReasonAbove(t *testing.T) {
	text, err := recipe.ReadFile(configFile)
	if err != nil {
		t.Fatal(err)
	}
	reason := false
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "#"):
			reason = true
		case strings.TrimSpace(line) == "":
			reason = false
		case !reason:
			t.Errorf("no reason for %s", strings.TrimSpace(line))
		}
	}
	if len(wanted()) < 30 {
		t.Errorf("only %d options were read", len(wanted()))
	}
}

// The real thing takes minutes of every processor, so it has to be asked for.
func TestKernelIsBuilt(t *testing.T) {
	version := os.Getenv("TCPSIM_KERNEL_BUILD")
	if version == "" {
		t.Skip("TCPSIM_KERNEL_BUILD names no version of Linux to build")
	}
	hasTools(t)
	c := Cache{t.TempDir()}
	k, err := c.Build(context.Background(), Options{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Build(context.Background(), Options{Version: version})
	if err != nil || again.Path != k.Path || !again.Built.Equal(k.Built) {
		t.Errorf("asked again: %+v, %v; it was %+v", again, err, k)
	}
	if entries, err := filepath.Glob(filepath.Join(filepath.Dir(k.Path), "*")); err != nil || len(entries) != 2 {
		t.Errorf("the kernel lies beside %v, %v", entries, err)
	}
}
