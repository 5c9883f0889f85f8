package gallery

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
)

// relatives links to the scenario that a page repeats on a bad link, and to
// the page that repeats its own.
func (p *page) relatives() string {
	switch {
	case p.of != nil:
		return fmt.Sprintf(" | [%s](%[1]s.md) on a bad link", p.of.Name)
	case p.fire != nil:
		return fmt.Sprintf(" | [on a bad link](%s.md)", p.fire.Name)
	}
	return ""
}

// outcomes tabulates how a scenario ends on a bad link, and how often.
func outcomes(b *strings.Builder, f *model.File) {
	names, same := levels(f.Levels)
	b.WriteString("## How it ends\n\n")
	if same != "" {
		fmt.Fprintf(b, "How often each outcome was seen; on every link %s.\n\n", same)
	} else {
		b.WriteString("How often each outcome was seen.\n\n")
	}
	b.WriteString("| outcome |")
	for _, n := range names {
		fmt.Fprintf(b, " %s |", cell(n))
	}
	b.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(f.Levels)) + "\n")
	for i := range f.Base.Outcomes {
		o := &f.Base.Outcomes[i]
		fmt.Fprintf(b, "| %s |", o.Name)
		for _, l := range f.Levels {
			n, _ := o.Count(l.Name)
			fmt.Fprintf(b, " %d |", n)
		}
		b.WriteString("\n")
	}
	b.WriteString("| *runs* |")
	for _, l := range f.Levels {
		fmt.Fprintf(b, " *%d* |", f.Base.Measured(l.Name))
	}
	b.WriteString("\n\n")
	for i := range f.Base.Outcomes {
		o := &f.Base.Outcomes[i]
		fmt.Fprintf(b, "- **%s**: %s\n", o.Name, line(o.Says))
		for _, v := range o.Sees {
			var sights []string
			for _, s := range v.Sights {
				sights = append(sights, "`"+s.String()+"`")
			}
			fmt.Fprintf(b, "  - %s: %s\n", v.Process, strings.Join(sights, ", "))
		}
	}
	b.WriteString("\n")
}

// levels names the levels by their loss, and gives apart what else all of them
// have where that is the same.
func levels(list []model.Level) (names []string, same string) {
	for i, l := range list {
		loss, rest, _ := strings.Cut(l.String(), ", ")
		if i > 0 && rest != same {
			names = nil
			break
		}
		names, same = append(names, loss), rest
	}
	if names != nil {
		return names, same
	}
	for _, l := range list {
		names = append(names, l.String())
	}
	return names, ""
}
