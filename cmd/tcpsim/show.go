package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model/file"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
	"github.com/tcpsim/tcpsim/stack"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show NAME",
		GroupID: groupScenarios,
		Short:   "Print the file of a scenario",
		Long:    "Print the YAML file of a scenario of the catalogue, with all its cases.",
		Example: "  tcpsim show unread-data\n  tcpsim show unread-data > mine.yaml && tcpsim run mine.yaml",
		Args:    oneArg("the name of a scenario"),
		RunE: func(_ *cobra.Command, args []string) error {
			// Source would not notice that there is no such case.
			if _, err := scenarios.Find(args[0]); err != nil {
				return err
			}
			src, err := scenarios.Source(args[0])
			if err != nil {
				return err
			}
			_, err = a.out.Write(src)
			return err
		},
		ValidArgsFunction: completeNames,
	}
}

// schemas are the JSON Schemas by what they describe.
var schemas = []struct {
	name  string
	bytes func() []byte
}{{"scenario", file.Schema}, {"trace", jsonl.Schema}}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema [scenario | trace]",
		GroupID: groupReference,
		Short:   "Print the JSON Schema of scenario files, for editors, or of traces",
		Long: `Print the JSON Schema of scenario files. An editor that has it completes and
checks a scenario while it is written; tcpsim itself checks more.

For trace, print that of a line of a saved trace (tcpsim run --trace), with what
each field means and its unit.`,
		Example: `  tcpsim schema > scenario.schema.json
  # the first line of a file, for editors with the YAML language server:
  # yaml-language-server: $schema=scenario.schema.json
  tcpsim schema trace > trace.schema.json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneArg("scenario or trace")(c, args)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			name := append(args, "scenario")[0]
			for _, s := range schemas {
				if s.name == name {
					_, err := a.out.Write(s.bytes())
					return err
				}
			}
			return fmt.Errorf("no schema %q; want scenario or trace", name)
		},
		ValidArgs: []string{"scenario", "trace"},
	}
}

func (a *app) settingsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "settings",
		GroupID: groupReference,
		Short:   "List the settings of a host",
		Long: `List the settings of a host: what a value may be, what it does and, in
brackets, what it is by default. The names are those of Linux's sysctls below
net.ipv4. A file sets them under "settings", and tcpsim run with --set.`,
		Example: "  tcpsim settings\n  tcpsim run unread-data --set client.tcp_retries2=5",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			writeSettings(a.out, stack.Settings())
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
}

func writeSettings(w io.Writer, all []stack.SettingDoc) {
	width := 0
	for _, s := range all {
		width = max(width, len(s.Name))
	}
	for _, s := range all {
		fmt.Fprintf(w, "%-*s  %s\n%-*s  %s\n", width, s.Name, s.Doc, width, "", s.Allowed)
	}
}
