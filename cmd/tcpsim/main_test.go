package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tcpsim": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       golden.Update(t, "testdata/script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               addFiles,
		Condition: func(name string) (bool, error) {
			if name != "root" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return os.Geteuid() == 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":    status,
			"jsonlines": jsonLines,
		},
	})
}

// addFiles tells where tcpsim is, for a script that takes every other program
// away, and puts where a script runs: hello.yaml, a scenario of one base case
// and two variants; loopback.pcap, a capture of five connections of a real
// kernel; vxlan.trace, one of a run in a tunnel; half.pcap0, one whose client
// is behind an EtherType that is not known.
func addFiles(env *testscript.Env) error {
	bin, _, _ := strings.Cut(env.Getenv("PATH"), string(filepath.ListSeparator))
	env.Setenv("TCPSIM_BIN", bin)
	for name, path := range map[string]string{
		"hello.yaml":    "testdata/hello.yaml",
		"loopback.pcap": "../../sim/trace/capture/testdata/loopback.pcap",
		"vxlan.trace":   "../../sim/trace/capture/testdata/vxlan.trace",
		"half.pcap0":    "../../sim/trace/capture/testdata/half.pcap0",
	} {
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(env.WorkDir, name), src, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// status runs a command and wants it to exit with a number: status 2 tcpsim ...
// Any number will do for status any tcpsim ...
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status NUMBER|any COMMAND...")
	}
	got := 0
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if args[0] != "any" && args[0] != strconv.Itoa(got) {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

// jsonLines wants every line of a file to be a JSON object: jsonlines FILE.
func jsonLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: jsonlines FILE")
	}
	text := ts.ReadFile(args[0])
	if !strings.HasSuffix(text, "\n") {
		ts.Fatalf("%s does not end in a newline", args[0])
	}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			ts.Fatalf("%s:%d: %v", args[0], i+1, err)
		}
	}
}
