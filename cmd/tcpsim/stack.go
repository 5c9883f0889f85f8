package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/onlinux"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/stack/linux/kernel"
)

// The stacks that a scenario can run on.
const (
	onGvisor = "gvisor"
	onLinux  = "linux"
)

// stackFlags choose what runs on the hosts.
type stackFlags struct {
	stack  string
	kernel string // a version; empty is the newest that is built
}

func (s *stackFlags) define(flags *pflag.FlagSet) {
	s.stack = onGvisor
	oneOf(flags, &s.stack, "stack", "STACK", "what runs on the hosts", []string{onGvisor, onLinux})
	flags.StringVar(&s.kernel, "kernel", "", "version of Linux (default the newest built)")
	group(flags, "Stack", "stack", "kernel")
}

// choose looks for the kernel before anything is run.
func (s *stackFlags) choose(c *cobra.Command, o *scenarios.Options) error {
	if s.stack == onGvisor {
		if s.kernel != "" {
			return errors.New("--kernel has a meaning only with --stack linux")
		}
		return nil
	}
	if err := kernel.Platform(); err != nil {
		return fmt.Errorf("--stack linux: %w", err)
	}
	cache, err := kernel.DefaultCache()
	if err != nil {
		return fmt.Errorf("--stack linux: %w", err)
	}
	k, err := cache.Find(s.kernel)
	if err != nil {
		return fmt.Errorf("--stack linux: %w", err)
	}
	// What a file expects is what gVisor does.
	o.NoCheck = true
	o.World = func(config sim.Config) (program.World, error) { return onlinux.New(c.Context(), *k, config) }
	return nil
}
