package main

import (
	"bytes"
	"fmt"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// deliver writes a trace in some form to a file, or to standard output when
// there is none. Nothing is written before the whole is made.
func (a *app) deliver(path string, f *form, t *trace.Trace, o *formOptions) error {
	if f.name == formatXplot && !isStdout(path) && isDir(path) {
		return a.deliverGraphs(path, t, o)
	}
	if f.binary && isStdout(path) && a.terminal(a.stdout) {
		return fmt.Errorf("%s is nothing for a terminal; name a file with -o", f.name)
	}
	var b bytes.Buffer
	if err := f.write(&b, t, o); err != nil {
		return err
	}
	if isStdout(path) {
		_, err := a.out.Write(b.Bytes())
		return err
	}
	if err := writeFile(path, b.Bytes()); err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

// isStdout tells the name of a file from what stands for standard output.
func isStdout(path string) bool { return path == "" || path == "-" }
