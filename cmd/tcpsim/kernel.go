package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/probe"
	"github.com/tcpsim/tcpsim/stack/linux/kernel"
)

func (a *app) kernelCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "kernel",
		GroupID: groupTruth,
		Short:   "Build kernels of Linux that run in virtual time",
		Long: `Build, list and remove kernels of Linux that run as ordinary programs, in virtual
time and without privileges (User-Mode Linux with time travel). They are kept in
the user's cache directory.`,
		Example: `  tcpsim kernel probe
  tcpsim kernel build 6.12
  tcpsim kernel list`,
		Args:              noCommand,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.AddGroup(&cobra.Group{ID: groupTruth, Title: "Commands"})
	c.AddCommand(a.kernelBuildCommand(), a.kernelListCommand(), a.kernelRemoveCommand(), a.kernelProbeCommand())
	return c
}

func (a *app) kernelBuildCommand() *cobra.Command {
	var o kernel.Options
	c := &cobra.Command{
		Use:     "build [VERSION]",
		GroupID: groupTruth,
		Short:   "Build a kernel and keep it in the cache",
		Long: fmt.Sprintf(`Build a kernel of Linux that runs as a program in virtual time, and keep it in
the user's cache directory. VERSION is a series or a version (default %s); it
works with 6.1 and 6.12.

The source is a directory or a tarball (--source), which is not changed, or that
of Debian's package linux-source-VERSION: as installed, or fetched by apt-get
download, which needs no privileges. What else is needed is a C compiler, make,
bc, flex and bison; what is missing is named, with the command that installs it.
A build takes about five minutes of one processor and half a gigabyte, which is
given back. A build that fails or is interrupted leaves nothing.

Linux is licensed under version 2 of the GNU General Public License.`, kernel.DefaultVersion),
		Example: `  tcpsim kernel build
  tcpsim kernel build 6.1
  tcpsim kernel build --source ~/src/linux-6.12.117.tar.xz
  tcpsim kernel build 6.12 --source ~/src/linux --jobs 4`,
		Args: optionalArg("a version"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Version = args[0]
			}
			return a.buildKernel(o)
		},
		ValidArgsFunction: completeWords("6.12", "6.1"),
	}
	filled(c.Flags(), "source", "", "PATH", "directory or tarball with the source of Linux", func(s string) { o.Source = s })
	count(c.Flags(), &o.Jobs, "jobs", "how many compilers to run at a time (default: one per processor)")
	completeFlags(c)
	return c
}

func (a *app) buildKernel(o kernel.Options) error {
	cache, err := kernel.DefaultCache()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o.Progress = a.buildProgress()
	k, err := cache.Build(ctx, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Linux %s: %s\n", k.Version, k.Path)
	return nil
}

// buildProgress says how far a build is, a line for each stage and for each
// tenth of the long one: that is readable in a log, too.
func (a *app) buildProgress() func(stage string, done, all int) {
	last, tenths, began := "", 0, time.Now()
	return func(stage string, done, all int) {
		if stage != last {
			last, tenths = stage, 0
			fmt.Fprintf(a.stderr, "%4ds  %s\n", int(time.Since(began).Seconds()), stage)
		}
		if all > 0 && done*10/all > tenths {
			tenths = done * 10 / all
			fmt.Fprintf(a.stderr, "%4ds  %s: %d0%%\n", int(time.Since(began).Seconds()), stage, tenths)
		}
	}
}

func (a *app) kernelListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		GroupID: groupTruth,
		Short:   "List the kernels that are built",
		Example: "  tcpsim kernel list\n  tcpsim kernel list --json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			cache, err := kernel.DefaultCache()
			if err != nil {
				return err
			}
			list, err := cache.List()
			if err != nil {
				return err
			}
			if asJSON {
				if list == nil {
					list = []kernel.Kernel{}
				}
				return writeJSON(a.out, list)
			}
			if len(list) == 0 {
				fmt.Fprintf(a.stderr, "no kernel is built; tcpsim kernel build %s builds one\n", kernel.DefaultVersion)
			}
			for _, k := range list {
				note := ""
				if !k.Current {
					note = "  (built by another version of tcpsim, which alone can run it)"
				}
				fmt.Fprintf(a.out, "%-10s %5.1f MB  %s  from %s%s\n", k.Version, float64(k.Size)/1e6, k.Built.Format(time.DateOnly), k.Source, note)
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) kernelRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "remove VERSION",
		GroupID: groupTruth,
		Short:   "Delete the kernels of a version or a series",
		Example: "  tcpsim kernel remove 6.1",
		Args:    oneArg("a version"),
		RunE: func(_ *cobra.Command, args []string) error {
			cache, err := kernel.DefaultCache()
			if err != nil {
				return err
			}
			removed, err := cache.Remove(args[0])
			for _, k := range removed {
				fmt.Fprintf(a.out, "removed Linux %s\n", k.Version)
			}
			return err
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			cache, err := kernel.DefaultCache()
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			list, err := cache.List()
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, k := range list {
				names = append(names, k.Version)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// insideCommand is the hidden command by which the probe runs itself in a
// namespace.
const insideCommand = "inside"

func (a *app) kernelProbeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "probe",
		GroupID: groupTruth,
		Short:   "Show what this machine allows of what Linux as a stack needs",
		Long: `Try what it takes to run a kernel of its own in virtual time, and what it takes to
use the kernel of this machine, without privileges. What is refused is shown
with what helps.`,
		Example: "  tcpsim kernel probe",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			cache, err := kernel.DefaultCache()
			if err != nil {
				return err
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			fmt.Fprintln(a.out, "a kernel of its own, in virtual time:")
			probe.Write(a.out, probe.Virtual(ctx, cache))
			fmt.Fprintln(a.out, "the kernel of this machine, in real time, without privileges:")
			probe.Write(a.out, probe.Host(ctx, []string{self, "kernel", "probe", insideCommand}))
			return ctx.Err()
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.AddCommand(&cobra.Command{
		Use:    insideCommand,
		Hidden: true,
		Args:   noArgs,
		RunE:   func(*cobra.Command, []string) error { return probe.Inside(a.out) },
	})
	return c
}

// optionalArg takes no argument or one, and calls it what.
func optionalArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 1 {
			return fmt.Errorf("%s takes only %s, not also %q", c.CommandPath(), what, args[1])
		}
		return nil
	}
}

// completeWords completes an argument to one of a few words.
func completeWords(words ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}
