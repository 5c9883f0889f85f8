// Command tcpsim runs TCP scenarios between two simulated hosts, prints what
// happened, explains every RST, and checks what each scenario expects.
//
//	tcpsim list
//	tcpsim run unread-data
//	tcpsim run mine.yaml --loss 10% --seed 7
//
// It exits with status 0 when everything was as expected, with 1 when it was
// not, and with 2 when it could not do what it was asked to.
package main

import (
	"bufio"
	"errors"
	"io"
	"os"
)

// What tcpsim exits with.
const (
	statusOK         = 0
	statusUnexpected = 1 // a scenario does not behave as it says, or a part of a capture is not read
	statusBad        = 2 // the command line or an input is wrong
)

// errUnexpected ends a command whose report already says what is not as
// expected.
var errUnexpected = errors.New("not as expected")

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// app is one invocation: its streams. Output is buffered; what fails to be
// written is noticed when it is flushed.
type app struct {
	stdin    io.Reader
	out      *bufio.Writer
	stdout   io.Writer // below out
	stderr   io.Writer
	terminal func(io.Writer) bool // whether somebody looks at it
	partial  []error              // what was not read of files that are used all the same
}

// run is tcpsim without the process around it. It returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{stdin: stdin, out: bufio.NewWriter(stdout), stdout: stdout, stderr: stderr, terminal: isTerminal}
	return a.run(args)
}

func (a *app) run(args []string) int {
	root := a.root()
	root.SetArgs(append([]string{}, args...)) // nil would mean os.Args
	err := root.Execute()
	if flushErr := a.out.Flush(); flushErr != nil {
		err = cannotWrite("the output", flushErr)
	}
	for _, part := range a.partial {
		printError(a.stderr, part)
	}
	switch {
	case err == nil && len(a.partial) == 0:
		return statusOK
	case err == nil, errors.Is(err, errUnexpected):
		return statusUnexpected
	}
	printError(a.stderr, err)
	if notRead(err) {
		return statusUnexpected
	}
	return statusBad
}
