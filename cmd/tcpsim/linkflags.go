package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model/file"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/words"
)

const linkGroup = "Change the link"

// linkFlags are the flags that change the link, in netem's terms.
var linkFlags = []change{
	{"latency", "DURATION", "time that a segment is under way: 50ms; of one direction, here and below, with\n" +
		"the sender before it: server:50ms", (*changes).latency},
	{"jitter", "DURATION", "how far the delay strays from the latency: 5ms, or 5ms,normal for a standard\n" +
		"deviation; without a word it is uniform", (*changes).jitter},
	{"delays", "LIST", "the delays themselves, in turn and again from the start: 10ms,30ms,10ms", (*changes).delays},
	{"loss", "SHARE", "share of the segments that is lost, each by itself: 10% or 0.1", (*changes).loss},
	{"loss-gemodel", "MODEL", "loss in bursts, after Gilbert and Elliott, as P[,R[,1-H[,1-K]]]: 1%,25%\n" +
		"P leads to the bad state, R back (default 1-P); 1-H is the loss in the bad\n" +
		"state (default 100%), 1-K that in the good one (default 0%)", (*changes).burst},
	{"duplicate", "SHARE", "share of the segments that arrives twice", (*changes).duplicate},
	{"reorder", "SHARE", "share of the segments that is not delayed, and so overtakes others", (*changes).reorder},
	{"corrupt", "SHARE", "share of the segments of which a bit is changed: 1%, or 1%,FIELD\n" +
		"FIELD is " + words.Either(link.Fields()) + " (default any)", (*changes).corrupt},
	{"rate", "RATE", "how fast the link sends, as tc writes it: 512kbit or 10mbit", (*changes).rate},
	{"queue", "LIMIT", "what may wait for a link with a rate, the rest is lost: 20packets, 30000bytes,\n" +
		"or both, as 20packets,30000bytes", (*changes).queue},
	{"mtu", "BYTES", "largest datagram that passes; a router reports larger ones to their sender", (*changes).mtu},
	{"drop", "RULE", "segments to lose, as FROM:WHAT[:NTH]: server:FIN:1; may be repeated\n" +
		"FROM is " + words.Either(link.Senders()) + "\n" +
		"WHAT is " + words.Either(link.Kinds()) + "\n" +
		"NTH counts from 1; without it every such segment is lost", (*changes).drop},
	{"rule", "RULE", "what happens to chosen segments, in the words of a scenario file; may be repeated:\n" +
		"'do: delay, from: client, what: DATA, nth: 1, by: 50ms'\n" +
		"it does " + words.Either(link.Acts()), (*changes).rule},
	{"cut", "WHEN", "time at which the cable is cut, and at which it is repaired: 2s or 2s-5s; may be\n" +
		"repeated; client:2s is the cable of one host", (*changes).cut},
	{"middlebox", "BOX", "device on the link, in the words of a scenario file: 'name: nat, idle: 5m,\n" +
		"reset: true'; a name alone is a place to capture at", (*changes).middlebox},
}

var jitters = []string{link.Uniform.String(), link.Normal.String()}

// from takes FROM: off a value.
func from(s string) (sides []trace.Side, rest string) {
	who, rest, ok := strings.Cut(s, ":")
	switch {
	case ok && who == trace.Client.String():
		return []trace.Side{trace.Client}, rest
	case ok && who == trace.Server.String():
		return []trace.Side{trace.Server}, rest
	case ok && who == "any":
		s = rest
	}
	return []trace.Side{trace.Client, trace.Server}, s
}

// change adds a change of the link to those before it.
func (ch *changes) change(f func(*link.Config)) {
	before := ch.options.Link
	ch.options.Link = func(c *link.Config) {
		if before != nil {
			before(c)
		}
		f(c)
	}
}

// direction adds a change of the directions that a value is for.
func (ch *changes) direction(sides []trace.Side, f func(*link.Direction)) {
	ch.change(func(c *link.Config) {
		for _, side := range sides {
			f(&c.From[side])
		}
	})
}

var errDelay = errors.New("want a duration from 0s to 24h, such as 50ms or 1.5s")

func delay(s string) (time.Duration, error) {
	d, err := file.ParseDuration(s)
	if err != nil || d > link.Longest {
		return 0, errDelay
	}
	return d, nil
}

func (ch *changes) latency(s string) error {
	sides, s := from(s)
	latency, err := delay(s)
	ch.direction(sides, func(d *link.Direction) { d.Latency = latency })
	return err
}

func (ch *changes) jitter(s string) error {
	sides, s := from(s)
	s, how, ok := strings.Cut(s, ",")
	if ok && !slices.Contains(jitters, how) {
		return fmt.Errorf("no distribution %q; want %s", how, words.Either(jitters))
	}
	of := link.Uniform
	if ok {
		var err error
		if of, err = link.ParseDistribution(how); err != nil {
			return err
		}
	}
	jitter, err := delay(s)
	ch.direction(sides, func(d *link.Direction) { d.Jitter, d.Distribution, d.Delays = jitter, of, nil })
	return err
}

func (ch *changes) delays(s string) error {
	sides, s := from(s)
	var all []time.Duration
	for one := range strings.SplitSeq(s, ",") {
		d, err := delay(one)
		if err != nil {
			return errors.New("want durations from 0s to 24h, such as 10ms,30ms")
		}
		all = append(all, d)
	}
	ch.direction(sides, func(d *link.Direction) { d.Jitter, d.Distribution, d.Delays = 0, link.Recorded, all })
	return nil
}

// shareOf adds a change of a share.
func (ch *changes) shareOf(s string, into func(*link.Direction) *float64) error {
	sides, s := from(s)
	p, err := file.ParseShare(s)
	ch.direction(sides, func(d *link.Direction) { *into(d) = p })
	return err
}

func (ch *changes) loss(s string) error {
	return ch.shareOf(s, func(d *link.Direction) *float64 { return &d.Loss })
}

func (ch *changes) duplicate(s string) error {
	return ch.shareOf(s, func(d *link.Direction) *float64 { return &d.Duplicate })
}

func (ch *changes) reorder(s string) error {
	return ch.shareOf(s, func(d *link.Direction) *float64 { return &d.Reorder })
}

func (ch *changes) burst(s string) error {
	sides, s := from(s)
	words := strings.Split(s, ",")
	if len(words) > 4 {
		return errors.New("want at most four shares: P,R,1-H,1-K")
	}
	var p [4]float64
	for i, w := range words {
		var err error
		if p[i], err = file.ParseShare(w); err != nil {
			return errors.New("want shares from 0% to 100%, such as 10% or 0.1: P,R,1-H,1-K, such as 1%,25%")
		}
	}
	g := link.GilbertElliott{ToBad: p[0], ToGood: p[1], InBad: p[2], InGood: p[3]}
	if len(words) < 2 {
		g.ToGood = 1 - g.ToBad
	}
	if len(words) < 3 {
		g.InBad = 1
	}
	ch.direction(sides, func(d *link.Direction) { d.Burst = g })
	return nil
}

func (ch *changes) corrupt(s string) error {
	sides, s := from(s)
	s, name, ok := strings.Cut(s, ",")
	field := link.AnyBit
	if ok {
		var err error
		if field, err = link.ParseField(name); err != nil {
			return fmt.Errorf("no field %q; want %s", name, words.Either(link.Fields()))
		}
	}
	p, err := file.ParseShare(s)
	ch.direction(sides, func(d *link.Direction) { d.Corrupt, d.Field = p, field })
	return err
}

func (ch *changes) rate(s string) error {
	sides, s := from(s)
	rate, err := link.ParseRate(s)
	ch.direction(sides, func(d *link.Direction) { d.Rate = rate })
	return err
}

func (ch *changes) queue(s string) error {
	sides, s := from(s)
	var q link.Queue
	for word := range strings.SplitSeq(s, ",") {
		into := &q.Packets
		word = strings.TrimSuffix(word, "packets")
		if bytes, ok := strings.CutSuffix(word, "bytes"); ok {
			into, word = &q.Bytes, bytes
		}
		n, err := strconv.ParseUint(word, 10, 30)
		if err != nil || n == 0 || *into != 0 {
			return errors.New("want a limit from 1, such as 20packets, 30000bytes or 20packets,30000bytes")
		}
		*into = int(n)
	}
	ch.direction(sides, func(d *link.Direction) { d.Queue = q })
	return nil
}

func (ch *changes) mtu(s string) error {
	sides, s := from(s)
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || (&link.Direction{MTU: int(n)}).Validate() != nil || n == 0 {
		return errors.New("want a number of bytes from 68 to 65535")
	}
	ch.direction(sides, func(d *link.Direction) { d.MTU = int(n) })
	return nil
}

func (ch *changes) drop(s string) error {
	if n := strings.Count(s, ":"); n < 1 || n > 2 {
		return errors.New("want FROM:WHAT[:NTH], such as server:FIN:1")
	}
	rule, err := link.ParseRule(s)
	ch.options.Drop = append(ch.options.Drop, rule)
	return err
}

func (ch *changes) rule(s string) error {
	rule, err := file.ParseRule(s)
	ch.change(func(c *link.Config) { c.Rules = append(c.Rules, rule) })
	return err
}

func (ch *changes) middlebox(s string) error {
	box, err := file.ParseMiddlebox(s)
	ch.change(func(c *link.Config) { c.Middlebox = box })
	return err
}

func (ch *changes) cut(s string) error {
	sides, s := from(s)
	begin, end, repaired := strings.Cut(s, "-")
	var c scenarios.Cut
	for _, side := range sides {
		c.Hosts[side] = true
	}
	var errs [2]error
	c.From, errs[0] = delay(begin)
	if repaired {
		c.To, errs[1] = delay(end)
	}
	switch {
	case errors.Join(errs[:]...) != nil:
		return errors.New("want times from 0s to 24h, such as 2s or 2s-5s")
	case repaired && c.To <= c.From:
		return fmt.Errorf("the cable is repaired at %v, not after it is cut at %v", c.To, c.From)
	}
	ch.options.Cuts = append(ch.options.Cuts, c)
	return nil
}
