package main

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestCommandsAreDocumented(t *testing.T) {
	a := &app{}
	for _, c := range a.root().Commands() {
		if c.Hidden || c.Name() == "help" {
			continue
		}
		if c.Short == "" || c.Example == "" || c.GroupID == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short %q, example %q, group %q", c.Name(), c.Short, c.Example, c.GroupID)
		}
		if c.ValidArgs == nil && c.ValidArgsFunction == nil {
			t.Errorf("%s completes nothing", c.Name())
		}
		for _, g := range flagGroups(c) {
			for _, f := range g.flags {
				if f.Usage == "" {
					t.Errorf("%s --%s is not documented", c.Name(), f.Name)
				}
			}
		}
	}
}

func TestFlagsComplete(t *testing.T) {
	for _, c := range (&app{}).root().Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			_, ok := c.GetFlagCompletionFunc(f.Name)
			if !ok && placeholder(f) != "" && placeholder(f) != "FILE" {
				t.Errorf("%s --%s completes to files", c.Name(), f.Name)
			}
		})
	}
}
