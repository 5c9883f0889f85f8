package plots

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// Draw draws a trace. Nothing is written before the whole picture is made, so
// that an error leaves w as it was; only a failing Write can leave a part.
func Draw(w io.Writer, t *trace.Trace, o Options) error {
	if err := o.Check(); err != nil {
		return err
	}
	if t == nil {
		return errors.New("no trace to draw")
	}
	var b bytes.Buffer
	if err := render(&b, t, o); err != nil {
		return fmt.Errorf("draw %s as %s: %w", o.Kind, o.Format, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	return nil
}

func render(b *bytes.Buffer, t *trace.Trace, o Options) error {
	s := story.Of(t, story.Window{From: o.From, To: o.To})
	switch o.Format {
	case ASCII:
		return ascii(b, s, o)
	case Mermaid:
		return mermaid(b, s, o)
	}
	lo := layout.Options{Width: o.Width, Title: o.Title, Version: o.Version, View: o.View}
	var p *layout.Picture
	if o.Kind == Sequence {
		p = layout.Sequence(s, lo)
	} else {
		p = layout.Ladder(s, lo)
	}
	switch o.Format {
	case PNG:
		return raster(b, p, o.Theme)
	case PDF:
		return pdf(b, p, o.Theme)
	}
	return svg(b, p, o.Theme)
}

// DrawFile draws a trace into a file. The file appears complete or not at all:
// an error leaves what was there before.
func DrawFile(path string, t *trace.Trace, o Options) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".tcpsim-*")
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := Draw(f, t, o); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Unwrap(err))
	}
	return nil
}
