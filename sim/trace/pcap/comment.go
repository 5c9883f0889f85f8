package pcap

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// comments says of a packet what cannot be seen in it. An answer to another
// segment needs no comment: that is what most segments are.
func comments(t *trace.Trace, s *trace.Segment) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, clip(fmt.Sprintf(format, args...))) }
	switch by := s.Trigger; {
	case s.Injected != "":
		add("forged by %s", s.Injected)
	case s.CopyOf > 0:
		add("copy of #%d, made by the link", s.CopyOf)
	case by.Kind == trace.ByCall:
		c := &t.Calls[by.Index]
		add("%s: %s", t.Processes[c.Process].Name, c.String())
	case by.Kind == trace.ByTimer:
		add("timer: %s", t.Timers[by.Index].Name)
	case by.Kind == trace.ByNote:
		add("%s", t.Notes[by.Index].Text)
	}
	if c := s.Cause; c != nil {
		why := c.Label() + ": " + c.Text
		if c.Source != "" {
			why += " (" + c.Source + ")"
		}
		add("%s", why)
	}
	for _, what := range s.Acts {
		add("link: %s", what)
	}
	if s.Lost != "" {
		add("lost: %s", s.Lost)
	}
	return all
}

// maxText bounds what goes into an option of a block: its length is a number
// of 16 bits, which the writer does not check.
const maxText = 4096

// clip makes text fit for an option: short, and the UTF-8 that the format
// demands.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
