package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/fidelity"
	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/parallel"
	"github.com/tcpsim/tcpsim/stack/words"
)

// comparer is tcpsim fidelity with its flags.
type comparer struct {
	*app
	truth string // a directory; empty is the recordings inside
	all   bool
	json  bool
	jobs  int // 0 is as many as there are processors
}

func (a *app) fidelityCommand() *cobra.Command {
	r := &comparer{app: a}
	c := &cobra.Command{
		Use:     "fidelity [CASE]...",
		GroupID: groupTruth,
		Short:   "Compare tcpsim with recordings of a real Linux kernel",
		Long: `Turn recordings of a real Linux kernel into runs and compare the segments and
the results of the calls.

Without --truth the recordings are those that come with tcpsim. A CASE is the
name of a recording, or a pattern such as '08-*'. For each that is not the same
the report says what differs first, and why as far as that is known; at the end
it counts what was allowed to differ.

The exit status is 0 when everything came out as the ledger in tcpsim's
repository says, 1 when something did not, and 2 when something could not be
run. Recordings of one's own have no ledger.`,
		Example: `  tcpsim fidelity
  tcpsim fidelity '08-*' --all-differences
  tcpsim fidelity --truth recordings/
  tcpsim fidelity --json | jq '.totals'`,
		RunE: func(_ *cobra.Command, args []string) error { return r.run(args) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			cases, _, _ := r.cases(nil)
			names := make([]string, len(cases))
			for i := range cases {
				names[i] = cases[i].Name
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	flags := c.Flags()
	filled(flags, "truth", "", "DIR", "directory of recordings, as .json or .json.gz, instead of those inside",
		func(s string) { r.truth = s })
	flags.BoolVar(&r.all, "all-differences", false, "list every difference, not only the first of each case")
	flags.BoolVar(&r.json, "json", false, "print JSON, with all the differences")
	count(flags, &r.jobs, "jobs", "how many to run at a time (default: one per processor)")
	complete(c, "truth", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	completeFlags(c)
	return c
}

func (r *comparer) run(args []string) error {
	cases, unreadable, err := r.cases(args)
	if err != nil {
		return err
	}
	outcomes := make([]fidelity.Outcome, len(cases))
	failed := make([]error, len(cases))
	bar := r.progress("comparing")
	parallel.Each(len(cases), r.jobs, bar.set, func(i int) { outcomes[i], failed[i] = fidelity.Run(cases[i]) })
	bar.finish()
	var ran []fidelity.Outcome
	for i := range outcomes {
		if failed[i] == nil {
			ran = append(ran, outcomes[i])
		}
	}
	if err := r.report(ran); err != nil {
		return err
	}
	if err := errors.Join(append(failed, unreadable)...); err != nil {
		return err
	}
	if r.truth != "" {
		return nil
	}
	return r.against(ran)
}

func (r *comparer) report(outcomes []fidelity.Outcome) error {
	if r.json {
		return writeJSON(r.out, fidelity.Summarize(outcomes))
	}
	return fidelity.Report(r.out, outcomes, r.all)
}

// against compares outcomes with the ledger.
func (r *comparer) against(outcomes []fidelity.Outcome) error {
	ledger, err := fidelity.Ledger()
	if err != nil {
		return err
	}
	changed := 0
	for i := range outcomes {
		o := &outcomes[i]
		if want := ledger[o.Name]; o.Entry() != want {
			changed++
			fmt.Fprintf(r.stderr, "tcpsim: %s is not as in the ledger, which has: %s %s\n", o.Name, want.Verdict, want.Difference)
		}
	}
	if changed > 0 {
		return errUnexpected
	}
	return nil
}

// cases loads the recordings that args choose, all without any. unreadable is
// what is wrong with files of the directory: the others are there all the same.
func (r *comparer) cases(args []string) (chosen []fidelity.Case, unreadable, err error) {
	dir := fidelity.Recordings()
	if r.truth != "" {
		if dir, err = directory(r.truth); err != nil {
			return nil, nil, err
		}
	}
	all, unreadable := fidelity.Load(dir)
	if len(all) == 0 {
		return nil, nil, unreadable
	}
	if len(args) == 0 {
		return all, unreadable, nil
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	used := make([]bool, len(args))
	for i := range all {
		fits := false
		for k, pattern := range args {
			ok, err := path.Match(pattern, all[i].Name)
			if err != nil {
				return nil, nil, fmt.Errorf("pattern %q: %w", pattern, err)
			}
			used[k] = used[k] || ok
			fits = fits || ok
		}
		if fits {
			chosen = append(chosen, all[i])
		}
	}
	for k, ok := range used {
		if !ok {
			return nil, nil, fmt.Errorf("no recording %q%s", args[k], words.Meant(args[k], names, ""))
		}
	}
	return chosen, unreadable, nil
}

func directory(name string) (fs.FS, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: want a directory of recordings", name)
	}
	return os.DirFS(name), nil
}
