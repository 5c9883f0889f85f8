package labelled

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace/pcap"
)

// recordings is where the recordings of Linux are: a folder that is not part of
// the repository.
func recordings(t *testing.T) string {
	folder := os.Getenv("TCPSIM_TRUTH")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "..", "shared", "truth")
	}
	if list, _ := filepath.Glob(filepath.Join(folder, "*.json")); len(list) == 0 {
		t.Skipf("no recordings of Linux in %s; the environment variable TCPSIM_TRUTH names another folder", folder)
	}
	return folder
}

// goals are what a set has to reach, in per cent.
type goals struct{ right, undecided float64 }

func check(t *testing.T, items []Item, g goals) {
	t.Helper()
	r, err := Measure(items)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	r.Write(&b)
	t.Log(b.String())
	n := float64(r.Judged())
	if got := 100 * float64(r.Right) / n; got < g.right {
		t.Errorf("%.1f %% right, want %.1f", got, g.right)
	}
	if got := 100 * float64(r.Undecided) / n; got > g.undecided {
		t.Errorf("%.1f %% undecided, want at most %.1f", got, g.undecided)
	}
	for _, m := range r.CertainlyWrong {
		t.Errorf("certain and wrong: %s", m)
	}
	for _, m := range r.Falsely {
		t.Errorf("falsely accused: %s", m)
	}
}

func TestRSTsOfLinuxAreExplainedRightly(t *testing.T) {
	items, err := Kernel(recordings(t))
	if err != nil {
		t.Fatal(err)
	}
	check(t, items, goals{right: 92, undecided: 15})
}

func TestRSTsOfTheCatalogueAreExplainedRightly(t *testing.T) {
	for _, v := range []pcap.Vantage{pcap.Client, pcap.Server, pcap.Wire} {
		t.Run(v.String(), func(t *testing.T) {
			items, err := Catalogue(v)
			if err != nil {
				t.Fatal(err)
			}
			check(t, items, goals{right: 95, undecided: 30})
		})
	}
}
