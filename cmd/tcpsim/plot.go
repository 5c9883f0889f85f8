package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/stack/words"
)

// plotter is tcpsim plot with its flags.
type plotter struct {
	*app
	source
	options           plots.Options
	kind, theme, view string
	format, output    string
}

var (
	kindWords  = []string{"ladder", "sequence"}
	themeWords = []string{"auto", "light", "dark"}
	viewWords  = []string{"sender", "receiver", "client", "server"}
)

func (a *app) plotCommand() *cobra.Command {
	p := &plotter{app: a, kind: "ladder", theme: "auto", view: "sender"}
	c := &cobra.Command{
		Use:     "plot {NAME | FILE | TRACE | CAPTURE | -}",
		GroupID: groupTraces,
		Short:   "Draw a scenario or a saved trace",
		Long: `Draw what happens in a scenario: as a ladder of segments between the two hosts,
with their states, calls and timers, or as a graph of sequence numbers over
time.

A scenario is named as for tcpsim run. TRACE is a trace that was saved before,
whose name ends in .jsonl (tcpsim run --trace); the picture of it has the same
bytes as that of the run. CAPTURE is a capture of real traffic, of whatever name;
tcpsim import says what is read of it. - is any of the three on standard input.

Without --format the ending of the output decides: .svg, .png, .pdf, .txt
(ascii) or .mmd (mermaid). On standard output a ladder is ascii and a sequence
graph svg.`,
		Example: `  tcpsim plot unread-data
  tcpsim plot unread-data/all-read -o all-read.svg
  tcpsim plot mine.yaml --loss 5% --kind sequence -o loss.png
  tcpsim run mine.yaml --trace run.jsonl; tcpsim plot run.jsonl -o run.pdf --to 2s`,
		Args:              oneArg("the name of a scenario, a file or a saved trace"),
		RunE:              func(c *cobra.Command, args []string) error { return p.run(c.Flags(), args[0]) },
		ValidArgsFunction: completeOneTarget,
	}
	flags := c.Flags()
	p.source.define(flags)
	oneOf(flags, &p.kind, "kind", "KIND", "kind of picture", kindWords)
	instant(flags, &p.options.From, "from", "virtual time at which the picture begins")
	instant(flags, &p.options.To, "to", "virtual time at which it ends (default: the end of the run)")
	oneOf(flags, &p.view, "view", "WHO", "whose clock a sequence graph shows", viewWords)
	filled(flags, "title", "", "TEXT", "title instead of the scenario's", func(s string) { p.options.Title = s })
	count(flags, &p.options.Width, "width", "width in points, 560 to 720 (default 720); of ascii in columns, 80 to 200 (default 100)")
	oneOf(flags, &p.theme, "theme", "THEME", "colors; auto follows the reader's preference in svg", themeWords)
	group(flags, "Picture", "kind", "from", "to", "view", "title", "width", "theme")
	flags.Var(word(&p.format, "FORMAT", pictureFormats), "format", "form of the picture: "+words.Either(pictureFormats))
	outputFlag(flags, &p.output)
	group(flags, "Output", "format", "output")
	completeFlags(c)
	return c
}

func (p *plotter) run(flags *pflag.FlagSet, arg string) error {
	f, err := p.form()
	switch {
	case err != nil:
		return err
	case flags.Changed("view") && p.options.Kind != plots.Sequence:
		return errors.New("--view has a meaning only with --kind sequence")
	case flags.Changed("to") && p.options.To <= p.options.From:
		return fmt.Errorf("--to %v is not after --from %v", p.options.To, p.options.From)
	}
	if err := p.fits(flags); err != nil {
		return err
	}
	t, err := p.load(arg, &p.source)
	if err != nil {
		return err
	}
	if p.options.From > t.End {
		return fmt.Errorf("--from %v is after the end of the run at %v", p.options.From, t.End.Round(time.Microsecond))
	}
	return p.deliver(p.output, f, t, &formOptions{picture: p.options})
}

// fits refuses flags that do not go with the format, before anything is run.
func (p *plotter) fits(flags *pflag.FlagSet) error {
	f := p.options.Format
	text := f == plots.ASCII || f == plots.Mermaid
	switch {
	case text && flags.Changed("theme"):
		return fmt.Errorf("--theme has no meaning for %s, which has no colors", f)
	case f == plots.Mermaid && flags.Changed("width"):
		return errors.New("--width has no meaning for mermaid: who renders it decides")
	}
	if meant, err := plots.FormatOfPath(p.output); err == nil && meant != f {
		return fmt.Errorf("%s is the name of a %s file and --format says %s", p.output, meant, f)
	}
	return p.options.Check()
}

// form reads the words that decide about the picture.
func (p *plotter) form() (*form, error) {
	var errs [3]error
	p.options.Kind, errs[0] = plots.ParseKind(p.kind)
	p.options.Theme, errs[1] = plots.ParseTheme(p.theme)
	p.options.View, errs[2] = plots.ParseView(p.view)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	p.options.Version = releaseVersion()
	f, err := p.chosen()
	if err != nil {
		return nil, err
	}
	p.options.Format, err = plots.ParseFormat(f.name)
	return f, err
}

// chosen is the form that the flags name, or else the ending of the output.
func (p *plotter) chosen() (*form, error) {
	switch {
	case p.format != "":
		return formNamed(p.format), nil
	case !isStdout(p.output):
		return pictureOf(p.output)
	case p.options.Kind == plots.Sequence:
		return formNamed(formatSVG), nil
	}
	return formNamed(formatASCII), nil
}

// pictureOf tells the format of a picture by the ending of its file.
func pictureOf(path string) (*form, error) {
	f, err := plots.FormatOfPath(path)
	if err != nil {
		return nil, err
	}
	return formNamed(f.String()), nil
}
