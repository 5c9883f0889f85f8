package fidelity_test

import (
	"bytes"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/fidelity"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
)

func load(t testing.TB, dir fs.FS) []fidelity.Case {
	t.Helper()
	cases, err := fidelity.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// runAll runs cases side by side: no run knows of another.
func runAll(t testing.TB, cases []fidelity.Case) []fidelity.Outcome {
	t.Helper()
	outcomes := make([]fidelity.Outcome, len(cases))
	errs := make([]error, len(cases))
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range cases {
		wg.Go(func() {
			slots <- struct{}{}
			outcomes[i], errs[i] = fidelity.Run(cases[i])
			<-slots
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	return outcomes
}

// TestLedger: every recording comes out as the ledger says, for the reason
// that it gives.
func TestLedger(t *testing.T) {
	outcomes := runAll(t, load(t, fidelity.Recordings()))
	if golden.Update(t, "testdata") {
		var b bytes.Buffer
		if err := fidelity.WriteLedger(&b, outcomes); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("ledger.yaml", b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	ledger, err := fidelity.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	for i := range outcomes {
		o := &outcomes[i]
		want, ok := ledger[o.Name]
		delete(ledger, o.Name)
		if !ok {
			t.Errorf("%s is not in the ledger", o.Name)
		} else if got := o.Entry(); got != want {
			t.Errorf("%s\n got %+v\nwant %+v", o.Name, got, want)
		}
	}
	for name := range ledger {
		t.Errorf("%s is in the ledger and has no recording", name)
	}
}

func TestEveryDifferenceHasAReason(t *testing.T) {
	ledger, err := fidelity.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range ledger {
		switch {
		case e.Verdict == fidelity.Same && e.Reason != "":
			t.Errorf("%s is the same and has the reason %q", name, e.Reason)
		case e.Verdict != fidelity.Same && (e.Reason == "unknown" || fidelity.Reasons()[e.Reason] == ""):
			t.Errorf("%s %s for the reason %q", name, e.Verdict, e.Reason)
		}
	}
}

func TestRunsAreDeterministic(t *testing.T) {
	cases := load(t, fidelity.Recordings())
	first, second := runAll(t, cases), runAll(t, cases)
	for i := range first {
		var a, b bytes.Buffer
		fidelity.Report(&a, first[i:i+1], true)
		fidelity.Report(&b, second[i:i+1], true)
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s: two runs differ:\n%s\n%s", first[i].Name, a.Bytes(), b.Bytes())
		}
	}
}
