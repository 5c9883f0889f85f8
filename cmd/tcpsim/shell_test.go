package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShellJoinSurvivesAShell(t *testing.T) {
	words := []string{
		"plain", "", "two words", "it's", `back\slash`, "$HOME", "`id`", "a;b", "*", "~", "#c", "!x",
		"client.tcp_rmem=4096 8192 16384", "10%", "new\nline", "ü",
	}
	if got, want := shellJoin(words[:4]), `plain '' 'two words' 'it'\''s'`; got != want {
		t.Errorf("shellJoin gives %s, want %s", got, want)
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	out, err := exec.Command(sh, "-c", `printf '%s\0' `+shellJoin(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if diff := cmp.Diff(words, got); diff != "" {
		t.Errorf("what the shell reads (-want +got):\n%s", diff)
	}
}
