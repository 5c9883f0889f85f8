package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/words"
)

var shells = []string{"bash", "fish", "powershell", "zsh"}

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "completion SHELL",
		GroupID: groupOther,
		Short:   "Print a script that completes command lines in a shell",
		Long: fmt.Sprintf(`Print a script that makes a shell complete tcpsim's commands, flags, scenarios
and settings. SHELL is %s.`, words.Either(shells)),
		Example: `  source <(tcpsim completion bash)
  tcpsim completion zsh > "${fpath[1]}/_tcpsim"
  tcpsim completion fish > ~/.config/fish/completions/tcpsim.fish`,
		Args: oneArg("the name of a shell"),
		RunE: func(c *cobra.Command, args []string) error {
			switch root := c.Root(); args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.out)
			case "zsh":
				return root.GenZshCompletion(a.out)
			}
			return fmt.Errorf("no shell %q; want %s", args[0], words.Either(shells))
		},
		ValidArgs: shells,
	}
}

// completeNames completes the name of one scenario.
func completeNames(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, h := range scenarios.Headlines() {
		names = append(names, cobra.CompletionWithDesc(h.Name, h.Title))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeTargets completes what tcpsim run takes: names of scenarios, names
// of cases once there is a slash, and files where neither fits.
func completeTargets(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var names []string
	name, _, inside := strings.Cut(typed, "/")
	if !inside {
		for _, h := range scenarios.Headlines() {
			names = append(names, cobra.CompletionWithDesc(h.Name, h.Title))
		}
		return names, cobra.ShellCompDirectiveDefault
	}
	if f, err := scenarios.FindFile(name); err == nil {
		for _, c := range f.Variants {
			names = append(names, cobra.CompletionWithDesc(c.FullName(), c.Title))
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}

// completeOneTarget completes what a command takes of which there is only one.
func completeOneTarget(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeTargets(c, args, typed)
}

// completeTraces completes a saved trace or a capture.
func completeTraces(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return inputEndings(), cobra.ShellCompDirectiveFilterFileExt
}

// completeFlags says how the values of the flags of a command complete; those
// that are files need not be told.
func completeFlags(c *cobra.Command) {
	words := func(all ...string) cobra.CompletionFunc {
		return cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if t, ok := f.Value.(taker); ok && t.words != nil {
			complete(c, f.Name, words(t.words...))
		}
	})
	how := map[string]cobra.CompletionFunc{
		"ip":      words("4", "6"),
		"seed":    cobra.NoFileCompletions,
		"jobs":    cobra.NoFileCompletions,
		"width":   cobra.NoFileCompletions,
		"context": cobra.NoFileCompletions,
		"from":    cobra.NoFileCompletions,
		"to":      cobra.NoFileCompletions,
		"title":   cobra.NoFileCompletions,
		"process": cobra.NoFileCompletions,
		"conn":    cobra.NoFileCompletions,
		"snaplen": cobra.NoFileCompletions,
		"kernel":  cobra.NoFileCompletions,

		"max-bytes":    cobra.NoFileCompletions,
		"max-conns":    cobra.NoFileCompletions,
		"max-segments": cobra.NoFileCompletions,
		"case":         completeCases,
		"drop":         completeDrop,
		"set":          completeSet,
	}
	for _, f := range linkFlags {
		if how[f.name] == nil {
			how[f.name] = cobra.NoFileCompletions
		}
	}
	for name, f := range how {
		for _, prefix := range []string{"", sideA, sideB} {
			if c.Flags().Lookup(prefix+name) != nil {
				complete(c, prefix+name, f)
			}
		}
	}
}

func complete(c *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // a flag that is not defined, or twice
	}
}

// completeCases completes the cases of the scenarios on the command line.
func completeCases(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	names := []string{cobra.CompletionWithDesc(allCases, "every case")}
	for _, arg := range args {
		var f *model.File
		var err error
		if isPath(arg) {
			f, err = scenarios.Load(arg)
		} else {
			f, err = scenarios.FindFile(arg)
		}
		if err != nil {
			continue
		}
		for _, v := range f.Variants {
			names = append(names, cobra.CompletionWithDesc(v.Name, v.Title))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func completeDrop(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var rules []string
	for _, from := range link.Senders() {
		for _, what := range link.Kinds() {
			rules = append(rules, from+":"+what)
		}
	}
	return rules, cobra.ShellCompDirectiveNoFileComp
}

func completeSet(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	host, _, dot := strings.Cut(typed, ".")
	if !dot || !slices.Contains(settingHosts, host) {
		var hosts []string
		for _, h := range settingHosts {
			hosts = append(hosts, h+".")
		}
		return hosts, directive
	}
	var all []string
	for _, s := range stack.Settings() {
		all = append(all, cobra.CompletionWithDesc(host+"."+s.Name+"=", s.Allowed+": "+s.Doc))
	}
	return all, directive
}
