package fidelity

// Summary is everything that a report says.
type Summary struct {
	Cases      []Outcome   `json:"cases"`
	Totals     Totals      `json:"totals"`
	Reasons    []ReasonUse `json:"reasons"`    // those that occurred, most often first
	Allowances []Use       `json:"allowances"` // all of them
}

// Totals counts cases by their verdict.
type Totals struct {
	Cases       int `json:"cases"`
	Same        int `json:"same"`
	Differs     int `json:"differs"`
	Unsupported int `json:"unsupported"`
}

// ReasonUse is a reason, and in how many cases it is that of the first
// difference.
type ReasonUse struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Cases int    `json:"cases"`
}

// Use is an allowance, and how often it was used: by the cases that are the
// same, and by those that are not for another reason.
type Use struct {
	Name string `json:"name"`
	Why  string `json:"why"`
	Used int    `json:"used"`
}

// Summarize adds up outcomes.
func Summarize(outcomes []Outcome) Summary {
	s := Summary{Cases: outcomes, Reasons: []ReasonUse{}}
	reasons, uses := map[string]int{}, map[string]int{}
	for i := range outcomes {
		o := &outcomes[i]
		s.Totals.Cases++
		switch o.Verdict {
		case Same:
			s.Totals.Same++
		case Differs:
			s.Totals.Differs++
		case Unsupported:
			s.Totals.Unsupported++
		}
		if o.Verdict != Same {
			reasons[o.Reason]++
		}
		for name, times := range o.Allowances {
			uses[name] += times
		}
	}
	texts := Reasons()
	for _, id := range byUse(reasons) {
		s.Reasons = append(s.Reasons, ReasonUse{id, texts[id], reasons[id]})
	}
	for _, a := range Allowances() {
		s.Allowances = append(s.Allowances, Use{a.Name, a.Why, uses[a.Name]})
	}
	return s
}
