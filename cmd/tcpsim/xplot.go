package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/xplot"
)

// graphOptions say which of a trace's time-sequence graphs xplot gets.
type graphOptions struct {
	from trace.Side
	conn int // the number of the connection, 0 for none said
}

// senderFlag defines the flag that says whose data an xplot graph shows.
func senderFlag(flags *pflag.FlagSet, p *trace.Side) {
	t := word(new(string), "WHO", []string{"client", "server"})
	check := t.set
	t.set = func(s string) error {
		*p = trace.Client
		if s == trace.Server.String() {
			*p = trace.Server
		}
		return check(s)
	}
	flags.Var(t, "sender", "xplot: whose data the graph shows: client or server (default client)")
}

// number reads the number of a connection of a trace.
func (g *graphOptions) number(text string) error {
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fmt.Errorf("--conn %q: want the number of a connection of the trace, from 1", text)
	}
	g.conn = n
	return nil
}

// check wants the connection to be there.
func (g *graphOptions) check(t *trace.Trace) error {
	if g.conn > len(t.Conns) || len(t.Conns) == 0 {
		return fmt.Errorf("no connection %d; the trace has %d", max(g.conn, 1), len(t.Conns))
	}
	return nil
}

// writeGraph writes one graph.
func writeGraph(w io.Writer, t *trace.Trace, o *formOptions) error {
	if err := o.graph.check(t); err != nil {
		return err
	}
	return xplot.Write(w, t, xplot.Options{From: o.graph.from, Conn: max(o.graph.conn, 1) - 1, Vantage: o.vantage})
}

// isDir tells a directory that files are to be written into.
func isDir(path string) bool {
	if strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(filepath.Separator)) {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// deliverGraphs writes every graph into a directory, by the names that tcptrace
// gives them. Nothing is written before all are made.
func (a *app) deliverGraphs(dir string, t *trace.Trace, o *formOptions) error {
	if err := o.graph.check(t); err != nil {
		return err
	}
	graphs := xplot.Graphs(t, o.vantage)
	files := make([]bytes.Buffer, len(graphs))
	for i, g := range graphs {
		if err := xplot.Write(&files[i], t, g.Options); err != nil {
			return err
		}
	}
	if info, err := os.Stat(filepath.Clean(dir)); err == nil && !info.IsDir() {
		return cannotWrite(dir, errors.New("it is no directory"))
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return cannotWrite(dir, err)
	}
	for i, g := range graphs {
		if o.graph.conn > 0 && g.Conn != o.graph.conn-1 {
			continue
		}
		path := filepath.Join(dir, g.Name)
		if err := writeFile(path, files[i].Bytes()); err != nil {
			return cannotWrite(path, err)
		}
	}
	return nil
}
