package scenarios_test

import (
	"os"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim/trace"
)

func TestTry(t *testing.T) {
	f, err := scenarios.Load(os.Getenv("TRY"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.Cases() {
		res, err := scenarios.Run(&c, scenarios.Options{})
		if res != nil {
			res.Trace.WriteText(os.Stdout, trace.Style{})
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range res.Problems {
			t.Error(p)
		}
	}
}
