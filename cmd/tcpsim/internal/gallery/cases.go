package gallery

import (
	"fmt"
	"slices"
	"strings"
)

// cases describes the other cases of a scenario: each with its pictures, or
// all in a table, and then what is to be said of some.
func (p *page) cases(b *strings.Builder) {
	others := p.shots[1:]
	if len(others) == 0 {
		return
	}
	if others[0].ladder == nil {
		p.table(b, others)
	}
	for i := range others {
		s := &others[i]
		if s.ladder != nil || p.words(s) {
			p.variant(b, s)
		}
	}
}

// table lists cases that have no pictures.
func (p *page) table(b *strings.Builder, list []shot) {
	b.WriteString("## Its cases\n\n| case | what differs | segments | RSTs |\n| --- | --- | ---: | --- |\n")
	for i := range list {
		s := &list[i]
		what := cell(s.c.Title)
		if s.outcome != "" {
			what += ": **" + s.outcome + "**"
		}
		fmt.Fprintf(b, "| `%s` | %s | %d | %s |\n", s.c.FullName(), what, s.segments, strings.Join(s.causes(), ", "))
	}
	name := list[0].c.FullName()
	fmt.Fprintf(b, "\n%s prints the trace of a case, %s draws it.\n\n", command("run", name), command("plot", name+" -o case.svg"))
}

// words reports whether a case has anything to say that the base case has not.
func (p *page) words(s *shot) bool {
	var b strings.Builder
	p.prose(&b, s)
	return b.Len() > 0
}

// variant describes a case by what it has that the base case has not.
func (p *page) variant(b *strings.Builder, s *shot) {
	fmt.Fprintf(b, "## %s: %s\n\n%s\n\n", s.c.Name, line(s.c.Title), command("run", s.c.FullName()))
	p.prose(b, s)
	if s.ladder != nil {
		p.run(b, s)
	}
	if base := &p.file.Base; !slices.Equal(s.c.References, base.References) {
		references(b, "References:\n\n", s.c.References)
	}
}

// prose writes what is said of a case only.
func (p *page) prose(b *strings.Builder, s *shot) {
	base, c := &p.file.Base, s.c
	if c.Shows != base.Shows {
		prose(b, "", c.Shows)
	}
	if !slices.Equal(texts(c.Claims), texts(base.Claims)) {
		claims(b, c.Claims)
	}
	if c.Linux != base.Linux {
		prose(b, "**On Linux:** ", c.Linux)
	}
	if c.TellApart != base.TellApart {
		prose(b, "**To tell it apart:** ", c.TellApart)
	}
}
