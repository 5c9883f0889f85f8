package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/scenarios/fuzz"
	"github.com/tcpsim/tcpsim/stack/words"
)

// fuzzRuns is how many runs there are when neither --runs nor --time says so:
// some seconds.
const fuzzRuns = 1000

// fuzzer is tcpsim fuzz with its flags.
type fuzzer struct {
	*app
	fuzz.Config
	one  int // the only run to make; -1 makes all
	json bool
}

func (a *app) fuzzCommand() *cobra.Command {
	r := &fuzzer{app: a, one: -1}
	c := &cobra.Command{
		Use:     "fuzz",
		GroupID: groupTruth,
		Short:   "Make random close sequences and check them",
		Long: fmt.Sprintf(`Make random scenarios of how connections begin and end, run them, and check
every event against what TCP and Linux allow. What breaks an invariant is made
as small as it can be and is printed with its trace; --corpus keeps it as a
scenario that tcpsim run takes.

Run number i of a seed is always the same scenario in one version of tcpsim, so
that a campaign can be repeated, or shared out among machines; with --catalogue
it is a changed case of the catalogue, and the same as long as the catalogue is.
Without --runs and --time there are %d runs. Control-C ends a campaign early: it
tells what it has found until then, without making it smaller.

An invariant is one of these, and --oracle chooses among them:
%s
The exit status is 1 when something is found that is not known, 0 when all that
is found is known, or nothing, and 2 when a file could not be written or a run
not made. Each job is a process of its own: a panic of the stack ends one of
them, and is found as engine/panic. With --run there is no other process, and
the panic shows where it comes from; the corpus then has the bytes of the run in
a file named running-0.`, fuzzRuns, oracleList()),
		Example: `  tcpsim fuzz --runs 500
  tcpsim fuzz --time 10m --seed 7 --corpus findings/
  tcpsim fuzz --runs 100000 --shard 2/4 --json > 2.json
  tcpsim fuzz --time 1m --oracle reset-number --oracle silence
  tcpsim fuzz --seed 7 --run 1234`,
		Args:              r.args,
		RunE:              func(*cobra.Command, []string) error { return r.run() },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	r.define(c.Flags())
	completeFlags(c)
	for _, name := range []string{"time", "runs", "run", "shard"} {
		complete(c, name, cobra.NoFileCompletions)
	}
	complete(c, "corpus", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return c
}

func (r *fuzzer) define(flags *pflag.FlagSet) {
	flags.Var(taker{placeholder: "DURATION", set: r.setTime}, "time", "how long to make runs, by the clock on the wall: 90s or 2h")
	count(flags, &r.Runs, "runs", "how many runs to make, or with --time at most")
	flags.Var(taker{placeholder: "N", set: r.setRun}, "run", "only the run of this number, counted from 0")
	flags.Var(taker{placeholder: "N", set: r.setSeed}, "seed", "seed from which all the scenarios follow (default 0)")
	flags.Var(taker{placeholder: "K/N", set: r.setShard}, "shard", "make only every Nth run, as the Kth of N parts of a campaign: 1/4")
	flags.BoolVar(&r.Catalogue, "catalogue", false, "change cases of the catalogue instead of making scenarios up")
	flags.Var(taker{placeholder: "NAME", words: oracleNames(), set: r.addOracle}, "oracle", "check only this invariant; may be repeated")
	count(flags, &r.Jobs, "jobs", "how many to run at a time (default: one per processor)")
	filled(flags, "corpus", "", "DIR", "directory to keep what is found; it is made where it is missing", func(s string) { r.Corpus = s })
	flags.BoolVar(&r.json, "json", false, "print the summary as JSON")
	group(flags, "Choose what to run", "time", "runs", "run", "seed", "shard", "catalogue", "oracle", "jobs")
	group(flags, "Output", "corpus", "json")
}

func (r *fuzzer) args(c *cobra.Command, args []string) error {
	if err := noArgs(c, args); err != nil {
		return err
	}
	if r.one >= 0 {
		for _, other := range []string{"runs", "time", "shard"} {
			if c.Flags().Changed(other) {
				return fmt.Errorf("--run makes one run, so --%s has no meaning", other)
			}
		}
		// The one part of a campaign that has nothing but this run.
		r.Runs, r.Shard, r.Shards, r.Jobs = r.one+1, r.one, r.one+1, 1
	}
	if r.Runs == 0 && r.Time == 0 {
		r.Runs = fuzzRuns
	}
	if r.Runs > 0 && r.Shard >= r.Runs {
		return fmt.Errorf("--shard %d/%d has none of %s", r.Shard+1, r.Shards, words.Plural(r.Runs, "run"))
	}
	return nil
}

func (r *fuzzer) setTime(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return errors.New("want a duration, such as 90s or 2h")
	}
	r.Time = d
	return nil
}

// mostRun is the greatest number of a run: one more is a number of runs.
const mostRun = math.MaxInt32 - 1

func (r *fuzzer) setRun(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > mostRun {
		return fmt.Errorf("want a whole number from 0 to %d", mostRun)
	}
	r.one = n
	return nil
}

func (r *fuzzer) setSeed(s string) error {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return fmt.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
	}
	r.Seed = n
	return nil
}

func (r *fuzzer) setShard(s string) error {
	first, second, _ := strings.Cut(s, "/")
	k, err := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	if err != nil || err2 != nil || k < 1 || k > n {
		return errors.New("want K/N with K from 1 to N, such as 2/4")
	}
	r.Shard, r.Shards = k-1, n
	return nil
}

func (r *fuzzer) addOracle(s string) error {
	if names := oracleNames(); !slices.Contains(names, s) {
		return fmt.Errorf("want %s", words.Either(names))
	}
	if !slices.Contains(r.Oracles, s) {
		r.Oracles = append(r.Oracles, s)
	}
	return nil
}

func (r *fuzzer) run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Control-C does not wait
	bar := r.progress("fuzzing")
	r.Progress = func(p fuzz.Progress) { bar.tell(p.Runs, r.share(), describeProgress(p)) }
	if r.one < 0 {
		workers, err := fuzzWorkers()
		if err != nil {
			return err
		}
		r.Worker = workers
	}
	sum := fuzz.Campaign(ctx, r.Config)
	bar.finish()
	if r.json {
		if err := writeJSON(r.out, sum); err != nil {
			return err
		}
	} else {
		writeCampaign(r.out, &sum, r.one >= 0)
	}
	if len(sum.Mishaps) > 0 {
		return fmt.Errorf("not all went well with the workers: %s", strings.Join(append(sum.Mishaps, sum.Errors...), "; "))
	}
	if len(sum.Errors) > 0 {
		return fmt.Errorf("the corpus is not complete: %s", strings.Join(sum.Errors, "; "))
	}
	if slices.ContainsFunc(sum.Findings, isNews) {
		return errUnexpected
	}
	return nil
}

// share is how many runs there are to make, -1 where only the time decides.
func (r *fuzzer) share() int {
	if r.Runs == 0 {
		return -1
	}
	parts := max(r.Shards, 1)
	return (r.Runs - r.Shard + parts - 1) / parts
}

func describeProgress(p fuzz.Progress) string {
	// What matters most comes first: a narrow terminal cuts the end off.
	return fmt.Sprintf("%s of violation, %.0f/s, %d states, %d changes, %d causes",
		words.Plural(len(p.Violations), "kind"), p.PerSecond, p.States, p.Transitions, p.Causes)
}

func oracleNames() []string {
	var names []string
	for _, o := range append(fuzz.Oracles(), fuzz.RunOracles()...) {
		names = append(names, o.Name)
	}
	return names
}

func oracleList() string {
	var b strings.Builder
	for _, o := range append(fuzz.Oracles(), fuzz.RunOracles()...) {
		fmt.Fprintf(&b, "  %-12s %s\n", o.Name, o.Claim)
	}
	return b.String()
}
