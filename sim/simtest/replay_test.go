package simtest

import (
	"strings"
	"testing"
)

// The command that a failed test prints runs that test and no other, in a
// shell.
func TestReplayQuotesTheName(t *testing.T) {
	const name = "TestX/rst/after_27_bytes,_v=1.5(a|b),_it's"
	const want = `to repeat it: go test -count=1 -run '^TestX$/^rst$/^after_27_bytes,_v=1\.5\(a\|b\),_it'\''s$'`
	if got := replay(name); !strings.HasPrefix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestBelowIsWhatIsLeftOfAPattern(t *testing.T) {
	for pattern, want := range map[string]string{
		"":                           "",
		"TestX":                      "",
		"^TestX$/^rst$/^after_5$":    "/^rst$/^after_5$",
		"TestX/[a/b](c/d)/e":         "/[a/b](c/d)/e",
		"TestX/rst|TestY/fin":        "",
		"TestX/(rst|fin)/after_1_by": "/(rst|fin)/after_1_by",
	} {
		if got := below(pattern, 1); got != want {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}

func TestPlacesOfAPattern(t *testing.T) {
	got := placesIn("/^rst$/^(after_27_bytes|before_byte_1)$")
	if len(got) != 2 || got[0] != (place{Bytes: 27}) || got[1] != (place{Next: true}) {
		t.Errorf("%v", got)
	}
}
