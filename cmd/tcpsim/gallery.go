package main

import (
	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/scenarios/gallery"
)

func (a *app) galleryCommand() *cobra.Command {
	jobs := 0
	c := &cobra.Command{
		Use:     "gallery DIR",
		GroupID: groupTraces,
		Short:   "Write the catalogue as pages with pictures",
		Long: `Write the catalogue as documentation in Markdown: an index by group, and for
each scenario a page with what it shows, the ladder and the trace of each of its
cases, the causes of the RSTs, and the file. Pictures suit light and dark pages.

DIR is made where it is missing. Files of an earlier gallery that are not needed
any more are removed; files that no gallery has made are never touched.`,
		Example: "  tcpsim gallery gallery\n  tcpsim gallery docs/scenarios --jobs 2",
		Args:    oneArg("a directory"),
		RunE: func(_ *cobra.Command, args []string) error {
			bar := a.progress("drawing", -1)
			err := gallery.Generate(args[0], gallery.Options{Jobs: jobs, Progress: func(done, all int) {
				bar.ChangeMax(all)
				_ = bar.Set(done) // a bar that cannot be drawn is no reason to stop
			}})
			_ = bar.Finish()
			return err
		},
		ValidArgsFunction: completeDir,
	}
	count(c.Flags(), &jobs, "jobs", "how many cases to run at a time (default: one per processor)")
	completeFlags(c)
	return c
}

// completeDir completes a directory.
func completeDir(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}
