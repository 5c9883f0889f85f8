package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// onTerminal runs a command line whose output and errors somebody looks at.
func onTerminal(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, err strings.Builder
	a := &app{
		stdin: strings.NewReader(""), out: bufio.NewWriter(&out), stdout: &out, stderr: &err,
		terminal: func(io.Writer) bool { return true },
	}
	if status := a.run(args); status != statusOK {
		t.Fatalf("%q: status %d, %s", args, status, err.String())
	}
	return out.String(), err.String()
}

func TestTerminalsGetColors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace.txt")
	for _, tt := range []struct {
		name, noColor, term string
		args                []string
		stdout, stderr      bool
	}{
		{"by default", "", "xterm", nil, true, false},
		{"not with NO_COLOR", "1", "xterm", nil, false, false},
		{"not on a dumb terminal", "", "dumb", nil, false, false},
		{"not with --color never", "", "xterm", []string{"--color", "never"}, false, false},
		{"with --color always in spite of NO_COLOR", "1", "dumb", []string{"--color", "always"}, true, false},
		{"in the verdict alone for a file", "", "xterm", []string{"-o", file}, false, true},
		{"in the verdict alone for a program", "", "xterm", []string{"--format", "json"}, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("NO_COLOR", tt.noColor)
			t.Setenv("TERM", tt.term)
			stdout, stderr := onTerminal(t, append([]string{"run", "unread-data"}, tt.args...)...)
			if got := strings.Contains(stdout, "\x1b"); got != tt.stdout {
				t.Errorf("colors on standard output: %v, want %v", got, tt.stdout)
			}
			if got := strings.Contains(stderr, "\x1b"); got != tt.stderr {
				t.Errorf("colors on standard error: %v, want %v", got, tt.stderr)
			}
		})
	}
	if trace, err := os.ReadFile(file); err != nil || strings.Contains(string(trace), "\x1b") {
		t.Errorf("the file has colors, or is not there: %v", err)
	}
}

func TestTerminalsGetAProgressBar(t *testing.T) {
	stdout, stderr := onTerminal(t, "run", "--all", "--no-check")
	if !strings.Contains(stderr, "running") {
		t.Errorf("no progress bar in %q", stderr)
	}
	if strings.Contains(stdout, "running") {
		t.Error("the progress bar is on standard output")
	}
}

func TestGalleryShowsItsProgress(t *testing.T) {
	if _, stderr := onTerminal(t, "gallery", t.TempDir()); !strings.Contains(stderr, "drawing") {
		t.Errorf("no progress bar in %q", stderr)
	}
}

func TestTerminalsGetNoBinary(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "run.jsonl")
	onTerminal(t, "run", "unread-data", "--trace", saved)
	for _, line := range []string{
		"plot unread-data --format png", "plot unread-data --format pdf",
		"convert " + saved + " --format pcap", "convert " + saved + " --format pcapng -o -", "convert " + saved + " --format png",
	} {
		var out, err strings.Builder
		a := &app{
			out: bufio.NewWriter(&out), stdout: &out, stderr: &err,
			terminal: func(io.Writer) bool { return true },
		}
		if status := a.run(strings.Fields(line)); status != statusBad || out.Len() > 0 {
			t.Errorf("%s: status %d, %d bytes; want status %d and nothing", line, status, out.Len(), statusBad)
		}
		if !strings.HasSuffix(err.String(), " is nothing for a terminal; name a file with -o\n") {
			t.Errorf("%s: %s", line, err.String())
		}
	}
}

func TestIsTerminal(t *testing.T) {
	if isTerminal(io.Discard) {
		t.Error("a writer that is no file is a terminal")
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(file) {
		t.Error("a file is a terminal")
	}
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	defer pty.Close()
	if !isTerminal(pty) {
		t.Error("a pseudo-terminal is no terminal")
	}
}
