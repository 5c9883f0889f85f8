package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/gallery"
)

// publisher is tcpsim gallery with its flags.
type publisher struct {
	*app
	pictures string
	check    bool
	jobs     int
}

var pictureWords = []string{"all", "base"}

func (a *app) galleryCommand() *cobra.Command {
	p := &publisher{app: a, pictures: "all"}
	c := &cobra.Command{
		Use:     "gallery DIR",
		GroupID: groupTraces,
		Short:   "Write the catalogue as pages with pictures",
		Long: `Write the catalogue as documentation in Markdown: an index by group, and for
each scenario a page with what it shows, the ladder and the trace of each of its
cases, the graph where data flow, the causes of the RSTs, and the file. Pictures
are there for light and for dark pages.

With --pictures base only the base case of a scenario has pictures and a trace;
the others are listed. That takes about a fifth of the room.

DIR is made where it is missing. Files of an earlier gallery that are not needed
any more are removed; files that no gallery has made are never touched.

With --check nothing is written. What in DIR is not as the gallery would write
it is listed, and the exit status is 1 if there is anything.`,
		Example: "  tcpsim gallery gallery\n  tcpsim gallery docs/scenarios --pictures base\n  tcpsim gallery docs/scenarios --pictures base --check",
		Args:    oneArg("a directory"),
		RunE:    func(_ *cobra.Command, args []string) error { return p.run(args[0]) },

		ValidArgsFunction: completeDir,
	}
	oneOf(c.Flags(), &p.pictures, "pictures", "CASES", "cases that have pictures", pictureWords)
	c.Flags().BoolVar(&p.check, "check", false, "write nothing; list what is not up to date")
	count(c.Flags(), &p.jobs, "jobs", "how many cases to run at a time (default: one per processor)")
	completeFlags(c)
	return c
}

func (p *publisher) run(dir string) error {
	bar := p.progress("drawing")
	o := gallery.Options{Jobs: p.jobs, Progress: bar.set}
	if p.pictures == "base" {
		o.Pictures = gallery.Base
	}
	if !p.check {
		err := gallery.Generate(dir, o)
		bar.finish()
		return err
	}
	stale, err := gallery.Stale(dir, o)
	bar.finish()
	if err != nil {
		return err
	}
	for _, s := range stale {
		fmt.Fprintln(p.out, s)
	}
	if len(stale) > 0 {
		return errUnexpected
	}
	return nil
}

// completeDir completes a directory.
func completeDir(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}
