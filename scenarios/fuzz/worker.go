package fuzz

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// What a campaign and its worker processes say to each other, a line of JSON
// each: one instructions, and then an answer for every order. The first answer
// says that the worker has understood.
type (
	instructions struct {
		Seed      uint64   `json:"seed"`
		Catalogue bool     `json:"catalogue,omitempty"`
		Oracles   []string `json:"oracles,omitempty"`
		RTO       [2]RTO   `json:"rto"`
	}
	order struct {
		Runs   []int    `json:"runs,omitempty"`   // make these
		Shrink *failure `json:"shrink,omitempty"` // or make this one small
	}
	answer struct {
		Report  *report  `json:"report,omitempty"`
		Finding *Finding `json:"finding,omitempty"`
	}
)

// Work makes runs for a campaign in another process, which has started this one
// as its Config.Worker says. It reads what to do from in and answers on out,
// until in ends; what it is at then it breaks off, and answers with what it has.
//
// It is an error when in is not what a campaign writes, or out cannot be
// written.
func Work(in io.Reader, out io.Writer) error { return work(in, out, nil) }

func work(in io.Reader, out io.Writer, run runFunc) error {
	from, to := json.NewDecoder(in), json.NewEncoder(out)
	var told instructions
	if err := from.Decode(&told); err != nil {
		return fmt.Errorf("instructions for a worker: %w", err)
	}
	m := &local{conf: &Config{
		Seed: told.Seed, Catalogue: told.Catalogue, Oracles: told.Oracles, RTO: told.RTO, run: run,
	}}
	if err := to.Encode(answer{}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	orders := make(chan order)
	go func() {
		defer close(orders)
		for {
			var o order
			if err := from.Decode(&o); err != nil {
				cancel(err)
				return
			}
			orders <- o
		}
	}()
	for o := range orders {
		if err := to.Encode(m.carryOut(ctx, o)); err != nil {
			return err
		}
	}
	if err := context.Cause(ctx); err != io.EOF {
		return fmt.Errorf("orders for a worker: %w", err)
	}
	return nil
}

func (l *local) carryOut(ctx context.Context, o order) answer {
	if o.Shrink != nil {
		found, _ := l.finding(ctx, *o.Shrink) // gives no error
		return answer{Finding: &found}
	}
	r, _ := l.runs(ctx, o.Runs) // gives no error
	return answer{Report: &r}
}
