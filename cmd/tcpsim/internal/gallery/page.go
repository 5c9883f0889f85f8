package gallery

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

// notice begins every page.
const notice = "<!-- Made by tcpsim gallery: edit the scenario, not this page. -->\n\n"

// page is the documentation of a scenario: a page, and a directory of pictures.
type page struct {
	file  *model.File
	shots []shot      // of the base case and the others, in the order of the file
	of    *model.File // what it repeats on a bad link, nil for none in the gallery
	fire  *model.File // what repeats it there
}

// files are the files of a scenario whose YAML is source.
func (p *page) files(source []byte) []file {
	name := p.file.Name
	made := []file{{name + ".md", []byte(p.markdown(string(source)))}}
	for i := range p.shots {
		s := &p.shots[i]
		made = append(made, s.ladder.files(name+"/"+s.id()+"ladder")...)
		made = append(made, s.sequence.files(name+"/"+s.id()+"sequence")...)
	}
	return made
}

// files are a picture's files, whose names begin with path.
func (p picture) files(path string) []file {
	if p == nil {
		return nil
	}
	return []file{{path + ".svg", p[plots.Light]}, {path + ".dark.svg", p[plots.Dark]}}
}

func (p *page) markdown(source string) string {
	base := &p.file.Base
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s# %s\n\n", notice, line(base.Title))
	fmt.Fprintf(b, "[All scenarios](README.md) | %s%s\n\n", command("run", p.file.Name), p.relatives())
	prose(b, "", base.Shows)
	claims(b, base.Claims)
	prose(b, "## What Linux does\n\n", base.Linux)
	prose(b, "## How to tell it apart\n\n", base.TellApart)
	if p.file.Base.UnderFire() {
		outcomes(b, p.file)
		b.WriteString("## One run\n\n")
	} else {
		b.WriteString("## What happens\n\n")
	}
	p.run(b, &p.shots[0])
	p.cases(b)
	p.script(b, source)
	references(b, "## References\n\n", base.References)
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// script shows the file: all of it, or the part that makes the base case.
func (p *page) script(b *strings.Builder, source string) {
	title := p.file.Name + ".yaml"
	b.WriteString("## The file\n\n")
	base, _, ok := strings.Cut(source, "\ncases:\n")
	if ok && len(p.shots) > 1 && p.shots[1].ladder == nil {
		details(b, title+", without its cases", "yaml", base)
		fmt.Fprintf(b, "%s prints the whole file.\n\n", command("show", p.file.Name))
		return
	}
	details(b, title, "yaml", source)
}

// run shows one run: the pictures, the causes, the trace.
func (p *page) run(b *strings.Builder, s *shot) {
	path := p.file.Name + "/" + s.id()
	image(b, "Ladder: "+s.c.Title, path+"ladder")
	if s.sequence != nil {
		image(b, "Sequence numbers over time: "+s.c.Title, path+"sequence")
	}
	if s.outcome != "" {
		fmt.Fprintf(b, "This run ends as **%s**.\n\n", s.outcome)
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
	if len(scenarios.Cited(all)) > 0 {
		b.WriteString("The [index](README.md#the-documents) tells which they are.\n\n")
	}
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
