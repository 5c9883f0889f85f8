package gallery

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
)

// notice begins every page.
const notice = "<!-- Made by tcpsim gallery: edit the scenario, not this page. -->\n\n"

// page is the documentation of a scenario: a page, and a directory of pictures.
type page struct {
	file  *model.File
	shots []shot // of the base case and the others, in the order of the file
}

// files are the files of a scenario whose YAML is source.
func (p *page) files(source []byte) []file {
	name := p.file.Name
	made := []file{{name + ".md", []byte(p.markdown(string(source)))}}
	for i := range p.shots {
		s := &p.shots[i]
		made = append(made, file{name + "/" + s.id() + "ladder.svg", s.ladder})
		if s.sequence != nil {
			made = append(made, file{name + "/" + s.id() + "sequence.svg", s.sequence})
		}
	}
	return made
}

func (p *page) markdown(source string) string {
	base := &p.file.Base
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s# %s\n\n", notice, line(base.Title))
	fmt.Fprintf(b, "[All scenarios](README.md) | %s\n\n", command("run", p.file.Name))
	prose(b, "", base.Shows)
	claims(b, base.Claims)
	prose(b, "## What Linux does\n\n", base.Linux)
	prose(b, "## How to tell it apart\n\n", base.TellApart)
	b.WriteString("## What happens\n\n")
	p.run(b, &p.shots[0])
	for i := range p.shots[1:] {
		p.variant(b, &p.shots[i+1])
	}
	b.WriteString("## The file\n\n")
	details(b, p.file.Name+".yaml", "yaml", source)
	references(b, "## References\n\n", base.References)
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// variant describes a case by what it has that the base case has not.
func (p *page) variant(b *strings.Builder, s *shot) {
	base, c := &p.file.Base, s.c
	fmt.Fprintf(b, "## %s: %s\n\n%s\n\n", c.Name, line(c.Title), command("run", c.FullName()))
	if c.Shows != base.Shows {
		prose(b, "", c.Shows)
	}
	if fmt.Sprint(texts(c.Claims)) != fmt.Sprint(texts(base.Claims)) {
		claims(b, c.Claims)
	}
	if c.Linux != base.Linux {
		prose(b, "**On Linux:** ", c.Linux)
	}
	if c.TellApart != base.TellApart {
		prose(b, "**To tell it apart:** ", c.TellApart)
	}
	p.run(b, s)
	if strings.Join(c.References, "\n") != strings.Join(base.References, "\n") {
		references(b, "References:\n\n", c.References)
	}
}

// run shows one run: the pictures, the causes, the trace.
func (p *page) run(b *strings.Builder, s *shot) {
	path := p.file.Name + "/" + s.id()
	fmt.Fprintf(b, "![Ladder: %s](%sladder.svg)\n\n", alt(s.c.Title), path)
	if s.sequence != nil {
		fmt.Fprintf(b, "![Sequence numbers over time: %s](%ssequence.svg)\n\n", alt(s.c.Title), path)
	}
	for _, r := range s.rsts {
		b.WriteString(r.markdown())
	}
	if len(s.rsts) > 0 {
		b.WriteString("\n")
	}
	details(b, "The trace", "text", s.text)
	if s.cut > 0 {
		fmt.Fprintf(b, "%d more lines: %s\n\n", s.cut, command("run", s.c.FullName()))
	}
}

func (r *rst) markdown() string {
	switch {
	case r.forged != "":
		return fmt.Sprintf("- RST #%d, in the name of the %s: forged by %s\n", r.number, r.from, line(r.forged))
	case r.cause == nil:
		return fmt.Sprintf("- RST #%d of the %s\n", r.number, r.from)
	}
	s := fmt.Sprintf("- RST #%d of the %s, `%s`: %s", r.number, r.from, r.cause.ID, line(r.cause.Text))
	if r.cause.Source != "" {
		s += " (" + line(r.cause.Source) + ")"
	}
	return s + "\n"
}

func claims(b *strings.Builder, all []model.Claim) {
	if len(all) == 0 {
		return
	}
	b.WriteString("## What the documents say\n\n")
	for _, text := range texts(all) {
		fmt.Fprintf(b, "- %s\n", text)
	}
	b.WriteString("\n")
}

func texts(all []model.Claim) (out []string) {
	for _, c := range all {
		s := fmt.Sprintf("%s: %s **%s**", line(c.Source), line(c.Text), verdicts[c.Verdict])
		if c.Because != "" {
			s += " " + line(c.Because)
		}
		out = append(out, s)
	}
	return out
}

var verdicts = map[model.Verdict]string{
	model.Holds: "It holds.", model.Partly: "It holds in part.", model.Fails: "It does not hold.",
}

func references(b *strings.Builder, title string, all []string) {
	if len(all) == 0 {
		return
	}
	b.WriteString(title)
	for _, r := range all {
		fmt.Fprintf(b, "- %s\n", line(r))
	}
	b.WriteString("\n")
}
