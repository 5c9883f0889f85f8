package main

import (
	"strings"
	"testing"
)

func TestFidelityShowsItsProgress(t *testing.T) {
	stdout, stderr := onTerminal(t, "fidelity", "28-*")
	if !strings.Contains(stderr, "comparing") {
		t.Errorf("no progress bar in %q", stderr)
	}
	if strings.Contains(stdout, "comparing") {
		t.Error("the progress bar is on standard output")
	}
}
