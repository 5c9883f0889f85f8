package exports_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/sim/trace/tcpdump"
)

// TestTcpdumpPrintsTheSameLines compares tcpdump's text with ours, line by
// line: both formats, relative and absolute numbers, and the forms of time.
func TestTcpdumpPrintsTheSameLines(t *testing.T) {
	path := program(t, "tcpdump")
	if v, err := exec.Command(path, "--version").CombinedOutput(); err != nil || !strings.Contains(string(v), "tcpdump version 4.99") {
		t.Skipf("tcpdump is not 4.99, whose text is the pattern: %s", v)
	}
	inParallel(t, sample(t, 25), func(e export, tr *trace.Trace) error {
		dir := t.TempDir()
		for _, c := range []struct {
			format pcap.Format
			args   []string
			o      tcpdump.Options
		}{
			{pcap.PCAPNG, nil, tcpdump.Options{}},
			{pcap.PCAP, []string{"-S", "-tt"}, tcpdump.Options{Absolute: true, Time: tcpdump.Epoch}},
			{pcap.PCAPNG, []string{"-ttt"}, tcpdump.Options{Time: tcpdump.Delta}},
		} {
			file, err := capture(tr, pcap.Options{Format: c.format, Vantage: e.vantage})
			if err != nil {
				return err
			}
			want, err := readFile(t, file, dir, path, append(append([]string{"-n"}, c.args...), "-r")...)
			if err != nil {
				return err
			}
			var got strings.Builder
			c.o.Vantage = e.vantage
			if err := tcpdump.Write(&got, tr, c.o); err != nil {
				return err
			}
			if line := firstDifference(want, got.String()); line != "" {
				return fmt.Errorf("%v: %s", c.args, line)
			}
		}
		return nil
	})
}

// firstDifference is where two texts differ first, "" for nowhere.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		var a, b string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d of %d and %d:\nwant %s\ngot  %s", i+1, len(w), len(g), a, b)
		}
	}
	return ""
}
