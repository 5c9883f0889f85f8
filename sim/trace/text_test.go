package trace_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
)

type sample struct {
	Name  string
	Trace *trace.Trace
}

// samples are the sample runs in the order of their names.
func samples(t *testing.T) (all []sample) {
	t.Helper()
	made := runs.All()
	for _, name := range slices.Sorted(maps.Keys(made)) {
		all = append(all, sample{strings.ReplaceAll(name, " ", "-"), made[name](t)})
	}
	return all
}

func text(t *testing.T, tr *trace.Trace, style trace.Style) string {
	t.Helper()
	var b bytes.Buffer
	if err := tr.WriteText(&b, style); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestTextIsGolden pins the form that people read. A difference is a change of
// behaviour or of the form; -update takes it over.
func TestTextIsGolden(t *testing.T) {
	for _, r := range samples(t) {
		t.Run(r.Name, func(t *testing.T) {
			got := text(t, r.Trace, trace.Style{})
			name := filepath.Join("testdata", "text", r.Name+".golden")
			if golden.Update(t, "testdata") {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if d := golden.Difference(want, []byte(got)); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		})
	}
}

// TestColourChangesNoWord: what colours mark can be read without them.
func TestColourChangesNoWord(t *testing.T) {
	sgr := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, r := range samples(t) {
		plain, coloured := text(t, r.Trace, trace.Style{}), text(t, r.Trace, trace.Style{Color: true})
		if strings.Contains(plain, "\x1b") {
			t.Errorf("%s: a sequence of the terminal without colours", r.Name)
		}
		if plain == coloured && len(r.Trace.Segments) > 0 {
			t.Errorf("%s: colours change nothing", r.Name)
		}
		if sgr.ReplaceAllString(coloured, "") != plain {
			t.Errorf("%s: colours change the words", r.Name)
		}
	}
}

// TestTextShowsEverySegmentAndCause: nothing that was sent is left out.
func TestTextShowsEverySegmentAndCause(t *testing.T) {
	for _, r := range samples(t) {
		got := text(t, r.Trace, trace.Style{})
		for i := range r.Trace.Segments {
			s := &r.Trace.Segments[i]
			if strings.Count(got, s.Summary()) != 1 {
				t.Errorf("%s: #%d stands in the text %d times", r.Name, s.Number, strings.Count(got, s.Summary()))
			}
			if s.Cause != nil && !strings.Contains(got, "why: "+s.Cause.ID) {
				t.Errorf("%s: the cause of #%d is missing", r.Name, s.Number)
			}
			if s.Lost != "" && !strings.Contains(got, "LOST: "+s.Lost) {
				t.Errorf("%s: the loss of #%d is missing", r.Name, s.Number)
			}
		}
	}
}

func TestClockPrintsSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                "0.000000",
		time.Nanosecond:                  "0.000000",
		1500 * time.Millisecond:          "1.500000",
		2*time.Hour + 3*time.Microsecond: "7200.000003",
	} {
		if got := trace.Clock(d); got != want {
			t.Errorf("Clock(%d) = %s, want %s", d, got, want)
		}
	}
}

func TestQuoteCutsLongData(t *testing.T) {
	for data, want := range map[string]string{
		"":                      `""`,
		"a\r\n":                 `"a\r\n"`,
		strings.Repeat("x", 32): `"` + strings.Repeat("x", 32) + `"`,
		strings.Repeat("x", 33): `"` + strings.Repeat("x", 32) + `"...`,
	} {
		if got := trace.Quote([]byte(data)); got != want {
			t.Errorf("Quote(%q) = %s, want %s", data, got, want)
		}
	}
}
