package main

import (
	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/coverage"
	"github.com/tcpsim/tcpsim/scenarios"
)

func (a *app) coverageCommand() *cobra.Command {
	var asJSON, every bool
	jobs := 0
	c := &cobra.Command{
		Use:     "coverage",
		GroupID: groupTruth,
		Short:   "Show what of TCP the catalogue covers, and what it does not",
		Long: `Run every case of the catalogue and show what of TCP it covers: the edges of the
state diagram, the places in the stack's source that send a RST, the causes of a
RST, and what the RFCs ask of senders and receivers of a RST. What is not
covered is listed too, with the reason where there is one.

Which place a case reaches was measured with Go's coverage when tcpsim was
tested. The other tables come from the traces of the runs that the command
makes.

The exit status is 1 when a run shows something that the tables do not have, and
2 when a case could not be run.`,
		Example: `  tcpsim coverage
  tcpsim coverage --all-cases
  tcpsim coverage --json | jq '.totals'`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			bar := a.progress("running")
			r, err := coverage.Measure(scenarios.Catalogue(), coverage.Options{Jobs: jobs, Progress: bar.set})
			bar.finish()
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(a.out, r)
			} else {
				writeCoverage(a.out, r, every)
			}
			if err == nil && len(r.Unlisted) > 0 {
				err = errUnexpected
			}
			return err
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.Flags().BoolVar(&every, "all-cases", false, "list all the cases of each row, not only the first")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON, with all the cases")
	count(c.Flags(), &jobs, "jobs", "how many cases to run at a time (default: one per processor)")
	completeFlags(c)
	return c
}
