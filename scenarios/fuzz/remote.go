package fuzz

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

// remote makes runs in a worker process. It starts one when there is something
// to do, and another when that has crashed.
type remote struct {
	conf *Config
	cmd  *exec.Cmd // nil when none runs
	in   io.WriteCloser
	to   *json.Encoder
	from *json.Decoder
	last *lastWords
}

// crash is the end of a worker process that should have gone on.
type crash struct{ words string }

func (c *crash) Error() string { return c.words }

var errInterrupted = errors.New("interrupted")

func (p *remote) runs(ctx context.Context, numbers []int) (report, error) {
	a, err := p.ask(ctx, order{Runs: numbers})
	r := report{Coverage: newCoverage()}
	var crashed *crash
	switch {
	case errors.Is(err, errInterrupted):
		return r, nil
	case err == nil && a.Report != nil:
		return *a.Report, nil
	case !errors.As(err, &crashed):
		return r, fmt.Errorf("runs %v are not made: %w", numbers, err)
	case len(numbers) == 1:
		r.Runs = 1
		r.Failed = []failure{{Run: numbers[0], Key: engineOracle.Name + "/panic", Crash: crashed.words}}
		return r, nil
	}
	// One at a time tells which of them it was.
	for _, n := range numbers {
		one, err := p.runs(ctx, []int{n})
		r.merge(one)
		if err != nil {
			return r, err
		}
	}
	if ctx.Err() != nil || slices.ContainsFunc(r.Failed, func(f failure) bool { return f.Crash != "" }) {
		return r, nil
	}
	return r, fmt.Errorf("a worker ended in one of the runs %v, and not when they were made one by one: %w", numbers, crashed)
}

func (p *remote) finding(ctx context.Context, f failure) (Finding, error) {
	if f.Crash != "" {
		found := blank(Generate(p.conf.input(f.Run)), f.Key)
		found.Text = f.Crash
		p.conf.place(&found, f.Run)
		return found, nil
	}
	a, err := p.ask(ctx, order{Shrink: &f})
	switch {
	case errors.Is(err, errInterrupted):
		return (&local{conf: p.conf}).finding(ctx, f)
	case err != nil:
		return Finding{}, fmt.Errorf("run %d is not made smaller for %s: %w", f.Run, f.Key, err)
	case a.Finding == nil:
		return Finding{}, fmt.Errorf("run %d is not made smaller for %s: a worker answers something else", f.Run, f.Key)
	}
	return *a.Finding, nil
}

// ask has the worker carry out an order. The error is a *crash when the worker
// ended over it, and errInterrupted when ctx was done before there was an
// answer; a worker that is at it when ctx is done answers with what it has.
func (p *remote) ask(ctx context.Context, o order) (a answer, err error) {
	if ctx.Err() != nil {
		return a, errInterrupted
	}
	if p.cmd == nil {
		if err := p.start(); err != nil {
			return a, err
		}
	}
	in := p.in
	stop := context.AfterFunc(ctx, func() { _ = in.Close() }) // the worker sees the end of its input
	defer stop()
	if err = p.to.Encode(o); err == nil {
		err = p.from.Decode(&a)
	}
	if err == nil {
		return a, nil
	}
	words := p.last
	if end := p.close(); end != nil || ctx.Err() == nil {
		return a, &crash{words.tell(end)}
	}
	return a, errInterrupted
}

func (p *remote) start() (err error) {
	cmd, last := p.conf.Worker(), &lastWords{}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	// With one processor nothing has to stop while a host is constructed.
	cmd.Env, cmd.Stderr = append(cmd.Env, "GOMAXPROCS=1"), last
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd, p.in, p.last, p.to, p.from = cmd, in, last, json.NewEncoder(in), json.NewDecoder(out)
	c := p.conf
	err = p.to.Encode(instructions{Seed: c.Seed, Catalogue: c.Catalogue, Oracles: c.Oracles, RTO: c.RTO})
	if err == nil {
		err = p.from.Decode(new(answer))
	}
	if err != nil {
		return fmt.Errorf("a worker does not begin: %s", last.tell(p.close()))
	}
	return nil
}

// close ends the worker by ending its input.
func (p *remote) close() error {
	if p.cmd == nil {
		return nil
	}
	cmd := p.cmd
	p.cmd = nil
	_ = p.in.Close() // closed already when ctx was done
	return cmd.Wait()
}

// lastWords keeps the beginning of what a process writes to its standard error:
// a panic says there what it is about.
type lastWords struct{ text bytes.Buffer }

func (l *lastWords) Write(b []byte) (int, error) {
	const most = 4096
	l.text.Write(b[:min(len(b), max(0, most-l.text.Len()))])
	return len(b), nil
}

// tell is the first line, with how the process ended.
func (l *lastWords) tell(end error) string {
	line, _, _ := bytes.Cut(l.text.Bytes(), []byte("\n"))
	switch {
	case len(line) == 0 && end == nil:
		return "it ended without a word"
	case len(line) == 0:
		return end.Error()
	case end == nil:
		return string(line)
	}
	return string(line) + " (" + end.Error() + ")"
}
