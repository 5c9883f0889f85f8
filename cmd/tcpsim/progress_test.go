package main

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgressFitsItsTerminal(t *testing.T) {
	p := &progress{doing: "running"}
	for _, tt := range []struct {
		done, all int
		more      string
		width     int
		want      string
	}{
		{0, 745, "", 80, "running 0/745 [------------------------------]"},
		{372, 745, "", 80, "running 372/745 [##############----------------]"},
		{745, 745, "", 80, "running 745/745 [##############################]"},
		{800, 745, "", 80, "running 800/745 [##############################]"}, // a seed that was already under way
		{372, 745, "", 30, "running 372/745 [#####------]"},
		{372, 745, "", 24, "running 372/745 [##---]"},
		{372, 745, "", 23, "running 372/745"}, // no room for a bar
		{372, 745, "", 10, "running 3"},
		{372, 745, "", 0, ""},
		{0, 0, "", 80, "running 0/0"},
		{12, -1, "", 80, "running 12"}, // of a number that nobody knows
		{12, 24, "3 a second", 80, "running 12/24 [###############---------------] 3 a second"},
		{12, 24, "3 a second", 40, "running 12/24 [######------] 3 a second"},
		{12, 24, "3 a second", 21, "running 12/24 3 a se"},
	} {
		got := p.line(tt.done, tt.all, tt.more, tt.width)
		if got != tt.want || len(got) > max(0, tt.width-1) {
			t.Errorf("%d of %d, %q in %d columns:\n%q, want\n%q", tt.done, tt.all, tt.more, tt.width, got, tt.want)
		}
	}
}

func TestProgressIsOneLineThatIsDrawnOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		p := (&app{stderr: &b, terminal: func(io.Writer) bool { return true }}).progress("running")
		p.tell(1, -1, "and more")
		p.tell(2, -1, "and more") // too soon after the first
		time.Sleep(barEvery)
		p.tell(3, -1, "")
		p.finish()
		want := "\rrunning 1 and more" +
			"\rrunning 3         " + // the rest of the longer line is gone
			"\r         \r"
		if b.String() != want {
			t.Errorf("%q, want %q", b.String(), want)
		}
	})
}

func TestProgressIsForTerminals(t *testing.T) {
	var b strings.Builder
	p := (&app{stderr: &b, terminal: func(io.Writer) bool { return false }}).progress("running")
	p.set(1, 2)
	p.finish()
	if b.Len() > 0 {
		t.Errorf("%q where nobody looks", b.String())
	}
}
