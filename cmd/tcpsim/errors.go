package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/stack/words"
)

// printError prints an error for people: every line that stands for itself
// begins with tcpsim, so that it can be told from what other programs say.
func printError(w io.Writer, err error) {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			printError(w, e)
		}
		return
	}
	fmt.Fprintln(w, "tcpsim: "+strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "\n  "))
}

// cannotWrite says that something could not be written. It leaves out the
// name of a temporary file, which means nothing to anybody.
func cannotWrite(what string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("cannot write %s: %w", what, err)
}

// flagError says what is wrong with a flag, and what would be right.
func flagError(c *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		syntax  *pflag.InvalidSyntaxError
	)
	switch {
	case errors.As(err, &unknown):
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			return fmt.Errorf("%s has no flag -%s; %s --help lists its flags", c.CommandPath(), unknown.GetSpecifiedName(), c.CommandPath())
		}
		name := unknown.GetSpecifiedName()
		return fmt.Errorf("%s has no flag --%s%s", c.CommandPath(), name,
			words.Meant("--"+name, flagNames(c), "; "+c.CommandPath()+" --help lists its flags"))
	case errors.As(err, &missing):
		f := missing.GetFlag()
		return fmt.Errorf("--%s needs a value: --%s %s", f.Name, f.Name, placeholder(f))
	case errors.As(err, &invalid):
		cause := errors.Unwrap(invalid)
		if invalid.GetFlag().Value.Type() == "bool" {
			cause = errors.New("want true or false")
		}
		return fmt.Errorf("--%s %q: %w", invalid.GetFlag().Name, invalid.GetValue(), cause)
	case errors.As(err, &syntax):
		return fmt.Errorf("%q is no flag", syntax.GetSpecifiedFlag())
	}
	return err
}

// flagNames are the flags of a command, as they are typed, also those that the
// help text does not list.
func flagNames(c *cobra.Command) []string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		names = append(names, "--"+f.Name)
	})
	return names
}
