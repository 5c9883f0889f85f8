//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/fuzz"
)

// On a terminal Control-C reaches the workers too, which leave it to tcpsim.
func TestControlCReachesEveryProcess(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	c := exec.Command(self, "fuzz", "--time", "1m", "--jobs", "2", "--oracle", "engine", "--json")
	c.Args[0] = "tcpsim"
	c.Stdout, c.Stderr, c.SysProcAttr = &out, &stderr, &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	if err := syscall.Kill(-c.Process.Pid, syscall.SIGINT); err != nil {
		t.Error(err)
	}
	if err := c.Wait(); err != nil || stderr.Len() > 0 {
		t.Fatalf("%v, %s", err, stderr.String())
	}
	var s fuzz.Summary
	if err := json.Unmarshal(out.Bytes(), &s); err != nil || !s.Interrupted || s.Runs == 0 || len(s.Mishaps) > 0 {
		t.Errorf("%v, %+v", err, s)
	}
}
