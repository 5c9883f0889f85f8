package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Options change a case before it runs. The zero value changes nothing.
type Options struct {
	Seed     *uint64
	Latency  *time.Duration // one way, both directions
	Loss     *float64       // 0 to 1, both directions
	Drop     []link.Rule    // besides those of the case
	Cuts     []Cut
	Link     func(*link.Config) // changes anything else about the link; nil changes nothing
	Settings [2][]stack.Setting
	IP       int // 4 or 6; 0 is the case's own
	Limits   sim.Limits
	NoCheck  bool // do not compare with what the case expects

	// World makes the world of a run on another stack than gVisor; nil is gVisor.
	// What the files of the catalogue expect is what gVisor does.
	World func(sim.Config) (program.World, error)
}

// Result is what came of a run.
type Result struct {
	Case     *model.Case
	Trace    *trace.Trace
	Problems []Problem // where what was seen is not what the case expects
	Checked  bool

	// Outcome is the outcome that the run had, of a case that may end in more
	// than one way; nil when it had none of those that the case names.
	Outcome *model.Outcome

	// Leftovers is what the hosts still held of TCP when the run ended; of a run on
	// gVisor.
	Leftovers []sim.Leftover
}

// OK reports that everything was as expected.
func (r *Result) OK() bool { return len(r.Problems) == 0 }

// Run runs a case. An error means that it could not be run to its end: a
// setting that the host refuses, a limit that was reached, an act of the
// experimenter that makes no sense at that moment. Result is not nil when
// there is a trace, also then. What the case expects and does not get is no
// error: see Result.Problems.
func Run(c *model.Case, o Options) (*Result, error) {
	world := o.World
	var simulation *sim.Sim
	if world == nil {
		world = func(config sim.Config) (w program.World, err error) {
			simulation, err = sim.New(config)
			return program.Simulation(simulation), err
		}
	}
	w, err := world(configure(c, &o))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.FullName(), err)
	}
	r := &runner{world: w, c: c}
	r.start()
	for _, cut := range o.Cuts {
		r.world.Experiment(cut.act)
	}
	tr, err := r.world.Run()
	tr.Scenario, tr.Title = c.FullName(), c.Title
	res := &Result{Case: c, Trace: tr}
	if simulation != nil {
		res.Leftovers = simulation.Leftovers()
	}
	if err == nil {
		err = r.err
	}
	if err != nil {
		return res, fmt.Errorf("%s: %w", c.FullName(), err)
	}
	if !o.NoCheck {
		res.Checked = true
		res.Outcome, res.Problems = verify(c, tr)
	}
	return res, nil
}

func configure(c *model.Case, o *Options) sim.Config {
	config := sim.Config{Seed: c.Seed, Until: c.Until, Limits: o.Limits, IPv6: c.IP == 6}
	if o.Seed != nil {
		config.Seed = *o.Seed
	}
	if o.IP != 0 {
		config.IPv6 = o.IP == 6
	}
	config.Link = o.LinkOf(c)
	config.Client.Settings = append(settingsOf(&c.Client), o.Settings[trace.Client]...)
	config.Server.Settings = append(settingsOf(&c.Server), o.Settings[trace.Server]...)
	return config
}

// LinkOf is the link of a case after the changes.
func (o *Options) LinkOf(c *model.Case) (l link.Config) {
	l.From[trace.Client] = c.Link.ClientToServer
	l.From[trace.Server] = c.Link.ServerToClient
	for side := range l.From {
		d := &l.From[side]
		if o.Latency != nil {
			d.Latency = *o.Latency
		}
		if o.Loss != nil {
			d.Loss = *o.Loss
		}
	}
	for _, d := range c.Link.Drop {
		l.Drop = append(l.Drop, d.Rule)
	}
	l.Drop = append(l.Drop, o.Drop...)
	l.Rules, l.Middlebox = c.Link.Rules, c.Link.Middlebox
	if o.Link != nil {
		l.Rules = slices.Clone(l.Rules) // those of the case stay as they are
		o.Link(&l)
	}
	return l
}

func settingsOf(h *model.Host) []stack.Setting {
	var out []stack.Setting
	for _, s := range h.Settings {
		out = append(out, stack.Setting{Name: s.Name, Value: s.Value})
	}
	return out
}
