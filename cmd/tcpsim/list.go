package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/stack/words"
)

// entry is a scenario as tcpsim list --json shows it.
type entry struct {
	Name  string      `json:"name"`
	Group string      `json:"group,omitempty"`
	Title string      `json:"title"`
	Of    string      `json:"of,omitempty"` // the scenario that it repeats on a bad link
	Cases []entryCase `json:"cases"`        // the base case first

	Outcomes []string `json:"outcomes,omitempty"` // of a scenario that may end in more than one way
}

type entryCase struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

func (a *app) listCommand() *cobra.Command {
	var asJSON, cases bool
	c := &cobra.Command{
		Use:     "list",
		GroupID: groupScenarios,
		Short:   "List the scenarios of the catalogue",
		Example: "  tcpsim list\n  tcpsim list --cases\n  tcpsim list --json | jq -r '.[].cases[].name'",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			all, err := entries()
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.out, all)
			}
			writeEntries(a.out, all, cases)
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.Flags().BoolVar(&cases, "cases", false, "list the cases of each scenario too")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON, with the cases")
	return c
}

func entries() ([]entry, error) {
	files, err := scenarios.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	all := []entry{}
	for _, f := range files {
		e := entry{Name: f.Name, Group: f.Group, Title: f.Base.Title, Of: f.Of}
		for _, o := range f.Base.Outcomes {
			e.Outcomes = append(e.Outcomes, o.Name)
		}
		for _, c := range f.Cases() {
			e.Cases = append(e.Cases, entryCase{c.FullName(), c.Title})
		}
		all = append(all, e)
	}
	return all, nil
}

func writeEntries(w io.Writer, all []entry, cases bool) {
	width := 0
	for _, e := range all {
		width = max(width, len(e.Name))
		for _, c := range e.Cases {
			if cases {
				width = max(width, len(c.Name)+2)
			}
		}
	}
	group, total := "", 0
	for i, e := range all {
		if i == 0 || e.Group != group {
			if i > 0 {
				fmt.Fprintln(w)
			}
			group = e.Group
			fmt.Fprintf(w, "%s:\n", titleOf(group))
		}
		fmt.Fprintf(w, "  %-*s  %8s  %s\n", width, e.Name, words.Plural(len(e.Cases), "case"), e.Title)
		for _, c := range e.Cases[1:] {
			if cases {
				fmt.Fprintf(w, "    %-*s  %8s  %s\n", width-2, c.Name, "", c.Title)
			}
		}
		total += len(e.Cases)
	}
	fmt.Fprintf(w, "\n%s, %s\n", words.Plural(len(all), "scenario"), words.Plural(total, "case"))
}

// titleOf is what stands above a group.
func titleOf(group string) string {
	if group == "" {
		return "others"
	}
	return group
}

// writeJSON prints a value as one JSON document that people can read too.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
