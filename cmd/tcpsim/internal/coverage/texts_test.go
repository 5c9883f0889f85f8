package coverage

import (
	"os"
	"path/filepath"
	"testing"
)

// quoted are the lines of gVisor's TCP that texts of the catalogue name, and
// what stands there.
var quoted = map[string]string{
	"connect.go:393": "if s.sequenceNumber.InWindow(h.ackNum, h.rcvWnd) {",
	"connect.go:431": "h.ep.sendEmptyRaw(header.TCPFlagAck, h.iss+1, h.ackNum, h.rcvWnd)",
	"rcv.go:405":     "if state != StateCloseWait && rcvClosed && r.RcvNxt.LessThan(endDataSeq) {",
	"snd.go:643":     "s.Outstanding = 0",
	"snd.go:956":     "if s.SndUna != s.SndNxt {",
	"snd.go:1081":    "if s.Outstanding > 0 {",
	"snd.go:1617":    "s.SndWnd = rcvdSeg.window",
}

// A text of the catalogue that names a line of the source is about the version
// that go.mod names.
func TestTextsOfTheCatalogueNameLinesThatSayIt(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "..", "scenarios", "catalogue", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	dir := sourceOfTCP(t)
	named := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range citation.FindAllString(string(text), -1) {
			named[at] = true
			if want, ok := quoted[at]; !ok {
				t.Errorf("%s: nobody checks what stands at %s", filepath.Base(file), at)
			} else if got := lineOf(t, dir, at); got != want {
				t.Errorf("%s: at %s stands %q, not %q", filepath.Base(file), at, got, want)
			}
		}
	}
	for at := range quoted {
		if !named[at] {
			t.Errorf("no text names %s", at)
		}
	}
}
