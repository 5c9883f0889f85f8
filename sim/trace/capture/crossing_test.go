package capture_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace/capture"
)

// Something on the way that ends a connection tells both sides at once. A RST
// that comes when the other one must have arrived has crossed nothing.
func TestOnlyResetsThatCrossAreSaidToCross(t *testing.T) {
	begin := join(handshake(one), []line{{one, web, "P.", 101, 201, "hello"}, {web, one, ".", 201, 106, ""}})
	server, client := line{web, one, "R", 201, 0, ""}, line{one, web, "R", 106, 0, ""}
	for name, tt := range map[string]struct {
		lines []line
		want  bool
	}{
		"one after the other":   {join(begin, []line{server, client}), true},
		"when it is long known": {join(begin, []line{server}, slices.Repeat([]line{wait}, 50), []line{client}), false},
		"one alone":             {join(begin, []line{server}), false},
	} {
		got, _ := read(t, script(t, tt.lines...), capture.Options{Conn: "1"})
		said := false
		for _, s := range got.Segments {
			if s.Cause != nil {
				said = said || strings.Contains(s.Cause.Text, "both sides are said to have reset it at once")
			}
		}
		if said != tt.want {
			t.Errorf("%s: said to cross: %t", name, said)
		}
	}
}
