package plots_test

import (
	"bytes"
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
)

var record = flag.Bool("record", false, "record the traces in testdata anew")

// recorded are the real traces whose pictures are kept. They are kept too: a change of the engine must not look like a change of the pictures.
var recorded = []string{
	"normal-close", "unread-data", "fin-lost", "reboot", "silent-peer", "injected-rst",
	"simultaneous-close", "zero-window", "two-hours", "all-lost", "empty", "port-closed", "linger-zero",
}

func tracePath(name string) string { return filepath.Join("testdata", name+".jsonl") }

// TestRecord records the traces, when asked to.
func TestRecord(t *testing.T) {
	if !*record {
		t.Skip("only with -record")
	}
	for _, r := range runs(t) {
		var b bytes.Buffer
		if err := jsonl.Write(&b, r.trace(t)); err != nil {
			t.Fatal(err)
		}
		for _, name := range recorded {
			if name != r.name {
				continue
			}
			if err := os.WriteFile(tracePath(name), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func load(tb testing.TB, name string) *trace.Trace {
	tb.Helper()
	f, err := os.Open(tracePath(name))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	tr, err := jsonl.Read(f, f.Name())
	if err != nil {
		tb.Fatal(err)
	}
	return tr
}

func draw(tb testing.TB, tr *trace.Trace, o plots.Options) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := plots.Draw(&b, tr, o); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// TestPicturesStayAsTheyAre compares with the pictures in testdata. Look at
// new ones before they are committed: render them on a light and a dark page.
func TestPicturesStayAsTheyAre(t *testing.T) {
	for _, name := range recorded {
		tr := load(t, name)
		for file, o := range map[string]plots.Options{
			name + ".ladder.svg":   {},
			name + ".sequence.svg": {Kind: plots.Sequence},
			name + ".ladder.txt":   {Format: plots.ASCII},
			name + ".ladder.mmd":   {Format: plots.Mermaid},
		} {
			got := draw(t, tr, o)
			path := filepath.Join("testdata", file)
			if golden.Update(t, "testdata") {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := golden.Difference(want, got); d != "" {
				t.Errorf("%s is not what is drawn now: %s", path, d)
			}
		}
	}
}

func TestPNGStaysNearlyAsItIs(t *testing.T) {
	got := draw(t, load(t, "unread-data"), plots.Options{Format: plots.PNG})
	path := filepath.Join("testdata", "unread-data.ladder.png")
	if golden.Update(t, "testdata") {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Processors differ in the last bit of a colour, so not byte for byte.
	if d, err := distance(got, want); err != nil || d > 0.001 {
		t.Errorf("%s differs from what is drawn now by %.4f of all there is (error: %v)", path, d, err)
	}
}

// distance is how far two PNGs are from each other, from 0 to 1. gonum's
// cmpimg does this too, but would bring a PDF reader along.
func distance(a, b []byte) (float64, error) {
	x, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		return 1, err
	}
	y, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return 1, err
	}
	if x.Bounds() != y.Bounds() {
		return 1, fmt.Errorf("sizes %v and %v", x.Bounds(), y.Bounds())
	}
	sum, n := 0.0, 0.0
	for i := range x.Bounds().Dx() {
		for j := range x.Bounds().Dy() {
			r0, g0, b0, _ := x.At(i, j).RGBA()
			r1, g1, b1, _ := y.At(i, j).RGBA()
			for _, d := range [...]int{int(r0) - int(r1), int(g0) - int(g1), int(b0) - int(b1)} {
				sum += float64(max(d, -d)) / 0xffff
			}
			n += 3
		}
	}
	return sum / n, nil
}
