package words_test

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/stack/words"
)

func TestNearest(t *testing.T) {
	verbs := []string{"recv", "send", "sleep", "wait-for", "wait", "setsockopt", "getsockopt"}
	for _, tt := range []struct{ name, want string }{
		{"recieve", "recv"},   // half of the letters are wrong
		{"RECV", "recv"},      // capitals do not count
		{"wait-", "wait-for"}, // a beginning
		{"wait-for-it", "wait-for"},
		{"se", "send"},            // a short beginning
		{"sockopt", "setsockopt"}, // the first of several
		{"wai", "wait"},           // wait-for begins with it
		{"getsockopts", "getsockopt"},
		{"sendmsg", "send"},
		{"xyzzy", ""},
		{"--send", "send"}, // as a flag would be
		{"s", ""},          // might be anything
		{"", ""},
		{strings.Repeat("recv", 1000), ""},
	} {
		if got := words.Nearest(tt.name, verbs); got != tt.want {
			t.Errorf("%q: nearest is %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := words.Nearest("recv", nil); got != "" {
		t.Errorf("with no candidate the nearest is %q", got)
	}
}

// TestDistanceIsThatOfTheFewestChanges holds the measure against what it is:
// candidates are as far as half of the letters of the name, and no farther.
func TestDistanceIsThatOfTheFewestChanges(t *testing.T) {
	for _, tt := range []struct {
		name, candidate string
		near            bool
	}{
		{"abcd", "xbcd", true},     // one changed
		{"abcd", "xycd", true},     // two
		{"abcd", "xyzd", false},    // three
		{"abcd", "bcd", true},      // one left out
		{"abcd", "cd", true},       // two
		{"abcd", "d", false},       // three
		{"abcd", "xabcd", true},    // one put in
		{"abcd", "axbycd", true},   // two
		{"abcd", "axbyczd", false}, // three
		{"abcd", "bacd", true},     // two letters that change places are two changes
		{"abcd", "badc", false},    // and these take three: b in front, the other b and one more
	} {
		if got := words.Nearest(tt.name, []string{tt.candidate}) != ""; got != tt.near {
			t.Errorf("%q is near %q: %t", tt.name, tt.candidate, got)
		}
	}
}

func TestMessagesSayWhatWasMeant(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		candidates []string
	}{
		{"lst", `; did you mean "list"?`, []string{"run", "list"}},
		{"--sed", "; did you mean --seed?", []string{"--seed", "--set", "--latency"}},
		{"--lat", "; did you mean --latency?", []string{"--seed", "--set", "--latency"}},
		{"--verbose", ", none", []string{"--seed", "--set", "--latency"}},
		{"--", ", none", []string{"--seed", "--set", "--latency"}},
		{"run", ", none", nil},
	} {
		if got := words.Meant(tt.name, tt.candidates, ", none"); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.name, got, tt.want)
		}
	}
}
