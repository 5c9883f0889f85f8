package suggest_test

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios/suggest"
)

func TestNearest(t *testing.T) {
	verbs := []string{"recv", "send", "sleep", "wait-for", "wait", "setsockopt", "getsockopt"}
	for _, tt := range []struct{ name, want string }{
		{"recieve", "recv"},   // half of the letters are wrong
		{"RECV", "recv"},      // capitals do not count
		{"wait-", "wait-for"}, // a beginning
		{"se", "send"},        // the first of several
		{"getsockopts", "getsockopt"},
		{"sendmsg", "send"},
		{"xyzzy", ""},
		{"s", ""}, // might be anything
		{"", ""},
		{strings.Repeat("recv", 1000), ""},
	} {
		if got := suggest.Nearest(tt.name, verbs); got != tt.want {
			t.Errorf("%q: nearest is %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := suggest.Nearest("recv", nil); got != "" {
		t.Errorf("with no candidate the nearest is %q", got)
	}
}
