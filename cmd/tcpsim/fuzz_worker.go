package main

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/scenarios/fuzz"
)

const workerName = "fuzz-worker"

// fuzzWorkerCommand is what tcpsim fuzz starts for each of its jobs. It is not
// for people.
func (a *app) fuzzWorkerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    workerName,
		Hidden: true,
		Short:  "Make runs for a campaign of tcpsim fuzz",
		Args:   noArgs,
		RunE: func(*cobra.Command, []string) error {
			// Control-C reaches every process of the terminal. What it ends is
			// the campaign, which then ends the workers by closing their input.
			signal.Ignore(os.Interrupt, syscall.SIGTERM)
			return fuzz.Work(a.stdin, a.stdout)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
}

// fuzzWorkers gives the commands that start the workers of a campaign: this
// program again.
func fuzzWorkers() (func() *exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return func() *exec.Cmd {
		c := exec.Command(self, workerName)
		c.Args[0] = "tcpsim"
		return c
	}, nil
}
