package main

import (
	"errors"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"--seed", "--set", "--latency"}
	for typed, want := range map[string]string{
		"--sed":     "; did you mean --seed?",
		"--latncy":  "; did you mean --latency?",
		"--lat":     "; did you mean --latency?",
		"--verbose": ", none",
		"--":        ", none",
	} {
		if got := nearest(typed, names, ", none"); got != want {
			t.Errorf("nearest(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestErrorsArePrintedOnceALine(t *testing.T) {
	var b strings.Builder
	printError(&b, errors.Join(errors.New("first"), errors.Join(errors.New("second\nwith details\n"), errors.New("third"))))
	want := "tcpsim: first\ntcpsim: second\n  with details\ntcpsim: third\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
