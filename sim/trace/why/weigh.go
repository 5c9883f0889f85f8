package why

import (
	"slices"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// hypothesis is one cause, and what speaks for it and against it.
type hypothesis struct {
	id     string
	text   string
	apart  string // what would tell it from the answer
	score  int
	facts  []Fact
	proves bool // nothing else explains what it rests on
}

func (h *hypothesis) add(weight int, format string, refs ...int) *hypothesis {
	h.score += weight
	if format != "" {
		h.facts = append(h.facts, Fact{Format: format, Refs: refs, Weight: weight})
	}
	return h
}

// How far ahead an answer has to be.
const (
	leadLikely  = 2
	leadCertain = 5
)

// jury collects the hypotheses about one RST.
type jury struct{ list []*hypothesis }

func (j *jury) of(id, text, apart string, prior int) *hypothesis {
	h := &hypothesis{id: id, text: text, apart: apart, score: prior}
	j.list = append(j.list, h)
	return h
}

// verdict takes the heaviest, and says how sure that is.
func (j *jury) verdict(r *Reset) {
	slices.SortStableFunc(j.list, func(a, b *hypothesis) int { return b.score - a.score })
	if len(j.list) == 0 || j.list[0].score < 0 {
		r.Cause, r.Sure = cause.Unexplained, trace.Possible
		r.Text = "no rule explains it"
		for _, h := range j.list[:min(2, len(j.list))] {
			r.Rivals = append(r.Rivals, Rival{h.id, h.apart, h.facts})
		}
		return
	}
	best := j.list[0]
	r.Cause, r.Text, r.Sure = best.id, best.text, trace.Likely
	lead := best.score
	if len(j.list) > 1 {
		lead = best.score - j.list[1].score
	}
	switch {
	case lead < leadLikely || best.score == 0:
		r.Sure, r.Undecided = trace.Possible, min(1, len(j.list)-1)
	case lead >= leadCertain && best.proves:
		r.Sure = trace.Certain
	}
	r.Because = slices.Clone(best.facts)
	slices.SortStableFunc(r.Because, func(a, b Fact) int { return b.Weight - a.Weight })
	for _, h := range j.list[1:] {
		if h.score > 0 && len(r.Rivals) < 3 {
			r.Rivals = append(r.Rivals, Rival{h.id, h.apart, h.facts})
		}
	}
	if r.Sure == trace.Possible && len(r.Rivals) == 0 && len(j.list) > 1 {
		r.Rivals, r.Undecided = []Rival{{j.list[1].id, j.list[1].apart, j.list[1].facts}}, 1
	}
}
