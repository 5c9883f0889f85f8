package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

// manCommand is for packagers, who know that it is there.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		GroupID: groupOther,
		Hidden:  true,
		Short:   "Write the man pages into a directory",
		Args:    oneArg("a directory"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return err
			}
			v := readVersion()
			header := doc.GenManHeader{Section: "1", Source: "tcpsim " + v.Version, Manual: "tcpsim"}
			if os.Getenv("SOURCE_DATE_EPOCH") == "" {
				header.Date = v.Time // the pages are of the revision, not of today
			}
			root := c.Root()
			placeholders(root)
			return doc.GenManTree(root, &header, args[0])
		},
		ValidArgsFunction: completeDir,
	}
}

// placeholders puts what a flag takes where cobra prints its default.
func placeholders(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if placeholder(f) != "" {
			f.DefValue = placeholder(f)
		}
	})
	for _, sub := range c.Commands() {
		placeholders(sub)
	}
}
