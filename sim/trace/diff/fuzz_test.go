package diff_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace/diff"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
)

// Whatever two traces hold that can be read: no panic, the same verdict the
// other way round, and no difference of a trace to itself.
func FuzzCompare(f *testing.F) {
	save := func(name string) []byte {
		var b bytes.Buffer
		if err := jsonl.Write(&b, runs.All()[name](f)); err != nil {
			f.Fatal(err)
		}
		return b.Bytes()
	}
	f.Add(save("unread data"), save("unread data"), true, false)
	f.Add(save("unread data"), save("IPv6"), false, true)
	f.Add(save("forged reset"), save("reboot"), false, false)
	f.Add(save("empty"), save("cut short"), true, true)
	f.Fuzz(func(t *testing.T, one, other []byte, times, segments bool) {
		a, err := jsonl.Read(bytes.NewReader(one), "a")
		if err != nil {
			return
		}
		b, err := jsonl.Read(bytes.NewReader(other), "b")
		if err != nil {
			return
		}
		o := diff.Options{Times: times, Segments: segments}
		d, back := diff.Compare(a, b, o), diff.Compare(b, a, o)
		if d.Same() != back.Same() || d.Where != back.Where {
			t.Errorf("differs at the %q, and the other way round at the %q", d.Where, back.Where)
		}
		if err := d.Write(io.Discard); err != nil {
			t.Error(err)
		}
		if d := diff.Compare(a, a, o); !d.Same() || d.Timed {
			t.Errorf("a trace differs from itself at the %s", d.Where)
		}
	})
}
