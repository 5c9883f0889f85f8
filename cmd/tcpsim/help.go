package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// groupKey is the annotation that names the group of a flag.
const groupKey = "group"

// writeHelp writes what a command is for and how to use it. It stands in for
// cobra's template, which knows no groups of flags.
func writeHelp(w io.Writer, c *cobra.Command) {
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	fmt.Fprintf(w, "%s\n\nUsage:\n  %s\n", text, usageLine(c))
	for _, g := range c.Groups() {
		fmt.Fprintf(w, "\n%s:\n", g.Title)
		for _, sub := range c.Commands() {
			if sub.GroupID == g.ID && sub.IsAvailableCommand() || sub.Name() == "help" && g.ID == groupOther {
				fmt.Fprintf(w, "  %-11s %s\n", sub.Name(), sub.Short)
			}
		}
	}
	for _, g := range flagGroups(c) {
		fmt.Fprintf(w, "\n%s:\n", g.title)
		for _, f := range g.flags {
			writeFlag(w, f)
		}
	}
	if c.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", c.Example)
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n%s COMMAND --help says more about a command.\n", c.CommandPath())
	}
}

func usageLine(c *cobra.Command) string {
	if c.HasAvailableSubCommands() {
		return c.CommandPath() + " COMMAND [ARGUMENT]..."
	}
	line := c.CommandPath() + strings.TrimPrefix(c.Use, c.Name())
	if len(flagGroups(c)) > 0 && !strings.Contains(line, "[FLAG]") {
		line += " [FLAG]..."
	}
	return line
}

type flagGroup struct {
	title string
	flags []*pflag.Flag
}

// flagGroups gives the flags of a command in the order in which they were
// defined. The flags that every command has come last.
func flagGroups(c *cobra.Command) []flagGroup {
	var groups []flagGroup
	c.Flags().SortFlags = false
	other := flagGroup{title: "Flags"}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		switch title := f.Annotations[groupKey]; {
		case f.Name == "help" || f.Hidden:
		case title == nil:
			other.flags = append(other.flags, f)
		case len(groups) > 0 && groups[len(groups)-1].title == title[0]:
			groups[len(groups)-1].flags = append(groups[len(groups)-1].flags, f)
		default:
			groups = append(groups, flagGroup{title[0], []*pflag.Flag{f}})
		}
	})
	if len(other.flags) > 0 {
		groups = append(groups, other)
	}
	return groups
}

// The column in which the description of a flag begins.
const flagColumn = 24

func writeFlag(w io.Writer, f *pflag.Flag) {
	name := "      --" + f.Name
	if f.Shorthand != "" {
		name = "  -" + f.Shorthand + ", --" + f.Name
	}
	if value := placeholder(f); value != "" {
		name += " " + value
	}
	for _, l := range strings.Split(f.Usage, "\n") {
		fmt.Fprintf(w, "%-*s  %s\n", flagColumn, name, l)
		name = ""
	}
}

// placeholder is what a help text writes for the value of a flag; a switch
// takes none.
func placeholder(f *pflag.Flag) string {
	if f.NoOptDefVal != "" {
		return ""
	}
	return f.Value.Type()
}
