package gallery

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

// index is the page that lists the others, by group.
func index(pages []*page) file {
	b := &strings.Builder{}
	cases := 0
	for _, p := range pages {
		cases += len(p.shots)
	}
	fmt.Fprintf(b, "%s# The scenarios\n\n", notice)
	fmt.Fprintf(b, "Scenarios: %d, cases: %d. Each page shows what happens as a picture and as a\n"+
		"trace, says why every RST was sent, and has the file to run it with.\n", len(pages), cases)
	group := ""
	for i, p := range pages {
		if i == 0 || p.file.Group != group {
			group = p.file.Group
			title := group
			if title == "" {
				title = "others"
			}
			fmt.Fprintf(b, "\n## %s\n\n| scenario | what it shows | cases | causes of RSTs |\n| --- | --- | ---: | --- |\n", line(title))
		}
		fmt.Fprintf(b, "| [%s](%[1]s.md) | %s | %d | %s |\n",
			p.file.Name, cell(p.file.Base.Title), len(p.shots), strings.Join(p.causes(), ", "))
	}
	var all []model.Claim
	for _, p := range pages {
		for i := range p.shots {
			all = append(all, p.shots[i].c.Claims...)
		}
	}
	if cited := scenarios.Cited(all); len(cited) > 0 {
		b.WriteString("\n## The documents\n\nWhat scenarios hold against the facts is claimed in these:\n\n")
		for _, d := range cited {
			fmt.Fprintf(b, "- %s: %s\n", d.Mark, d.About)
		}
	}
	return file{"README.md", []byte(b.String())}
}

// causes are the identifiers of why a scenario's RSTs were sent, each once.
func (p *page) causes() (ids []string) {
	for i := range p.shots {
		for _, id := range p.shots[i].causes() {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// causes are the identifiers of why the RSTs of one run were sent, each once.
func (s *shot) causes() (ids []string) {
	for _, r := range s.rsts {
		id := "forged"
		if r.forged == "" && r.cause != nil {
			id = "`" + r.cause.ID + "`"
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
