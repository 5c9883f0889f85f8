package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/stack/words"
)

// The groups under which tcpsim --help lists its commands.
const (
	groupScenarios = "scenarios"
	groupTraces    = "traces"
	groupReference = "reference"
	groupTruth     = "truth"
	groupOther     = "other"
)

func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use:   "tcpsim",
		Short: "Simulate TCP connections and explain every RST",
		Long: `tcpsim runs the TCP stacks of a client and a server in one process, on a
virtual clock, and shows every segment, every socket call and the reason for
every RST. A run depends on nothing but the scenario and its seed.`,
		Example: `  tcpsim list                          # what there is
  tcpsim run unread-data               # run a scenario
  tcpsim run unread-data --latency 1s  # the same on a slow link
  tcpsim plot unread-data -o rst.svg   # its picture
  tcpsim show unread-data > mine.yaml  # begin a scenario of your own
  tcpsim run mine.yaml`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Version:           readVersion().Version,
		Args:              noCommand,
		RunE: func(c *cobra.Command, _ []string) error {
			return c.Help()
		},
	}
	c.SetIn(a.stdin)
	c.SetOut(a.out)
	c.SetErr(a.stderr)
	c.SetHelpFunc(func(c *cobra.Command, _ []string) { writeHelp(a.out, c) })
	c.SetFlagErrorFunc(flagError)
	c.Flags().Bool("version", false, "print the version, as tcpsim version does")
	c.SetVersionTemplate(readVersion().String())
	c.AddGroup(
		&cobra.Group{ID: groupScenarios, Title: "Scenarios"},
		&cobra.Group{ID: groupTraces, Title: "Pictures and traces"},
		&cobra.Group{ID: groupReference, Title: "Writing scenarios"},
		&cobra.Group{ID: groupTruth, Title: "Complete and true"},
		&cobra.Group{ID: groupOther, Title: "Other"},
	)
	c.AddCommand(a.runCommand(), a.listCommand(), a.showCommand(), a.outcomesCommand(),
		a.plotCommand(), a.convertCommand(), a.importCommand(), a.whyCommand(), a.diffCommand(), a.galleryCommand(),
		a.schemaCommand(), a.settingsCommand(),
		a.coverageCommand(), a.fidelityCommand(), a.fuzzCommand(), a.fuzzWorkerCommand(), a.kernelCommand(),
		a.completionCommand(), a.manCommand(), a.versionCommand())
	c.SetHelpCommand(a.helpCommand())
	c.SetHelpCommandGroupID(groupOther)
	return c
}

// noCommand refuses what stands where the name of a command should.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return fmt.Errorf("no command %q%s", args[0], words.Meant(args[0], names, "; tcpsim --help lists them"))
}

// noArgs refuses arguments.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, not %q", c.CommandPath(), args[0])
	}
	return nil
}

// oneArg asks for exactly one argument and calls it what.
func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return fmt.Errorf("%s needs %s", c.CommandPath(), what)
		case 1:
			return nil
		}
		return fmt.Errorf("%s takes only %s, not also %q", c.CommandPath(), what, args[1])
	}
}

func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show what a command does",
		Args:  cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			about := c.Root()
			for _, name := range args {
				sub, _, err := about.Find([]string{name})
				if err != nil || sub == about {
					return noCommand(about, []string{name})
				}
				about = sub
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, sub := range c.Root().Commands() {
				if sub.IsAvailableCommand() && len(args) == 0 {
					names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
