package gallery

import (
	"bytes"
	"fmt"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// shot is what a page shows of one case.
type shot struct {
	c        *model.Case
	ladder   picture
	sequence picture // none where too little data flow
	text     string  // of the trace, perhaps cut
	cut      int     // how many lines of it are left out
	segments int
	outcome  string // how it ended, of a case that may end in several ways
	rsts     []rst
}

// picture is one picture for light pages and one for dark ones; none is nil.
type picture map[plots.Theme][]byte

// rst is one RST and why it was sent.
type rst struct {
	number int
	from   string
	cause  *trace.Cause
	forged string // by whom
}

// fewSegments is how many segments with new data need no graph: the ladder
// shows them better, however often they are sent again.
const fewSegments = 4

// mostLines is how much of a trace a page shows.
const mostLines = 400

// take runs a case and keeps what its page needs: with pictures and the trace,
// or only what a list of cases tells.
func take(c *model.Case, pictures bool) (shot, error) {
	res, err := scenarios.Run(c, scenarios.Options{})
	if err != nil {
		return shot{}, err
	}
	if !res.OK() {
		return shot{}, unexpected(res)
	}
	s := shot{c: c, segments: len(res.Trace.Segments)}
	if res.Outcome != nil {
		s.outcome = res.Outcome.Name
	}
	data := 0
	for i := range res.Trace.Segments {
		seg := &res.Trace.Segments[i]
		if seg.Len > 0 && !seg.Probe && !seg.Retransmission && seg.Injected == "" {
			data++
		}
		if seg.Flags.Has(wire.RST) {
			s.rsts = append(s.rsts, rst{seg.Number, seg.From.String(), seg.Cause, seg.Injected})
		}
	}
	if !pictures {
		return s, nil
	}
	if s.ladder, err = draw(c, res.Trace, plots.Ladder); err != nil {
		return s, err
	}
	if data > fewSegments {
		if s.sequence, err = draw(c, res.Trace, plots.Sequence); err != nil {
			return s, err
		}
	}
	s.text, s.cut = beginning(res.Trace.String())
	return s, nil
}

func draw(c *model.Case, t *trace.Trace, kind plots.Kind) (picture, error) {
	p := picture{}
	for _, theme := range []plots.Theme{plots.Light, plots.Dark} {
		var b bytes.Buffer
		if err := plots.Draw(&b, t, plots.Options{Kind: kind, Theme: theme}); err != nil {
			return nil, fmt.Errorf("%s: %w", c.FullName(), err)
		}
		p[theme] = b.Bytes()
	}
	return p, nil
}

// beginning is as much of a text as a page shows, and how many lines it lacks.
func beginning(text string) (string, int) {
	lines, end := 0, len(text)
	for i := range len(text) {
		if text[i] != '\n' {
			continue
		}
		if lines++; lines == mostLines {
			end = i + 1
		}
	}
	return text[:end], max(0, lines-mostLines)
}

// id is what the names of a case's files begin with: nothing for the base case.
func (s *shot) id() string {
	if s.c.Name == "" {
		return ""
	}
	return s.c.Name + "."
}
