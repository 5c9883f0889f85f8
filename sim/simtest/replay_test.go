package simtest

import "testing"

// The pattern that a failed test prints runs that test and no other.
func TestReplayQuotesTheName(t *testing.T) {
	const name = "TestX/rst/after_27_of_190_bytes,_v=1.5(a|b)"
	const want = `^TestX$/^rst$/^after_27_of_190_bytes,_v=1\.5\(a\|b\)$`
	if got := replay(name); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
