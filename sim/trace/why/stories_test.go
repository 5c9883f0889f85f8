package why

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// conversation is the connection of some segments, whose capture point is as far
// from each side as its round trip says.
func conversation(list []seg, rtt [2]time.Duration) *Conn {
	conn := &Conn{Begun: true, RTT: rtt, Anew: [2]time.Duration{-1, -1}}
	for _, l := range list {
		conn.Segments = append(conn.Segments, Segment{
			Segment: &wire.Segment{Flags: l.flags, Seq: l.seq, Ack: l.ack, Window: l.win, Payload: make([]byte, l.n)},
			From:    l.from, At: time.Duration(l.ms) * time.Millisecond, TTL: l.ttl, ID: l.id, HasID: true,
		})
	}
	return conn
}

var (
	atClient = [2]time.Duration{0, 10 * time.Millisecond}
	atServer = [2]time.Duration{10 * time.Millisecond, 0}
)

// Each story has the shape of a capture of life in which one segment, one number
// or one byte of the IP header decides. No RST of them is forged.
func TestStoriesOfLife(t *testing.T) {
	appleSYN := []byte{2, 4, 5, 180, 1, 3, 3, 7, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 4, 2, 0, 0}
	for name, test := range map[string]struct {
		list    []seg
		syn     []byte // options of the first segment
		rtt     [2]time.Duration
		cause   string
		or      string // undecided between cause and this
		answers []int  // of each RST
		fact    string // part of a fact of the first one
	}{
		"each segment behind the end draws its RST, in order": {
			list: append(begun(57),
				seg{s, 20, f, 201, 101, 32, 509, 57, 2}, seg{c, 20, a, 101, 234, 0, 502, 64, 3},
				seg{c, 21, p, 101, 234, 32, 502, 64, 4}, seg{c, 21, p, 133, 234, 1, 502, 64, 5}, seg{c, 21, f, 134, 234, 0, 502, 64, 6},
				seg{s, 31, wire.RST, 234, 0, 0, 0, 57, 0}, seg{s, 31, wire.RST, 234, 0, 0, 0, 57, 0}, seg{s, 31, wire.RST, 234, 0, 0, 0, 57, 0}),
			rtt: atClient, cause: cause.DataAfterClose, answers: []int{5, 6, 7}, fact: "32 bytes",
		},
		"a FIN from before the RST, seen after it, is no life after it": {
			list: []seg{
				{c, 0, wire.SYN, 100, 0, 0, 8192, 128, 1},
				{s, 10, wire.SYN | a, 200, 101, 0, 65160, 57, 1},
				{c, 10, a, 101, 201, 0, 502, 128, 2},
				{c, 20, f, 101, 201, 0, 502, 128, 3},
				{c, 21, wire.RST | a, 102, 201, 0, 0, 128, 4},
				{c, 22, f, 101, 201, 0, 502, 128, 3},
			},
			rtt: atClient, cause: Abort, answers: []int{-1}, fact: "Windows",
		},
		"forged data behind a RST do not make the RST a forged one": {
			list: append(begun(63),
				seg{s, 20, p, 201, 101, 112, 229, 63, 2}, seg{c, 20, a, 101, 313, 0, 502, 64, 3},
				seg{c, 21, p, 101, 313, 18, 502, 64, 4}, seg{c, 21, f, 119, 313, 0, 502, 64, 5},
				seg{s, 22, wire.RST | a, 313, 120, 0, 229, 63, 3},
				seg{s, 40, p, 1348, 120, 20, 8192, 64, 1}),
			rtt: [2]time.Duration{0, 500 * time.Microsecond}, cause: cause.UnreadData, answers: []int{-1}, fact: "18 bytes",
		},
		"the kernel beside a scanner resets what it knows nothing of": {
			list: []seg{
				{c, 0, wire.SYN, 100, 0, 0, 65535, 64, 1},
				{s, 10, wire.SYN | a, 200, 101, 0, 64240, 57, 1},
				{c, 10, wire.RST, 101, 0, 0, 0, 64, 0},
				{c, 9000, a, 101, 201, 109, 64240, 64, 1},
			},
			rtt: atClient, cause: RawSocket, answers: []int{1}, fact: "goes on",
		},
		"a phone gives a socket up with a bare RST": {
			list: append(begun(57),
				seg{c, 20, p, 101, 201, 38, 502, 64, 0}, seg{s, 30, p, 201, 139, 38, 509, 57, 2}, seg{c, 30, a, 139, 239, 0, 502, 64, 0},
				seg{c, 13030, wire.RST, 139, 0, 0, 0, 64, 0}),
			syn: appleSYN, rtt: atClient, cause: Abort, answers: []int{-1}, fact: "Apple",
		},
		"an acknowledgement tells of a FIN that the capture misses": {
			list: append(begun(64),
				seg{c, 20, p, 101, 201, 43, 502, 57, 3}, seg{c, 25, a, 144, 284, 0, 502, 57, 4}, seg{c, 60025, a, 144, 285, 0, 502, 57, 5},
				seg{c, 66000, f, 144, 285, 0, 502, 57, 6}, seg{s, 66001, wire.RST, 285, 0, 0, 0, 64, 0}),
			rtt: atServer, cause: cause.ConnectionClosed, or: cause.DataAfterClose, answers: []int{6}, fact: "acknowledges a FIN that is not in the file",
		},
		"a number names the answered segment where the instants do not": {
			list: append(begun(128),
				seg{c, 20, p, 101, 201, 541, 502, 57, 3}, seg{c, 21, f, 642, 201, 0, 502, 57, 4},
				seg{s, 28, f, 201, 642, 125, 260, 128, 2}, seg{c, 28, wire.RST, 642, 0, 0, 0, 57, 5}),
			rtt: atServer, cause: cause.DataAfterClose, answers: []int{5}, fact: "125 bytes",
		},
		"Windows aborts with a bare RST behind its own data": {
			list: []seg{
				{c, 0, wire.SYN, 100, 0, 0, 65535, 128, 1},
				{s, 10, wire.SYN | a, 200, 101, 0, 5840, 57, 1},
				{c, 10, a, 101, 201, 0, 65535, 128, 2},
				{s, 20, f, 201, 101, 37, 5840, 57, 2},
				{c, 20, a, 101, 239, 0, 64251, 128, 3},
				{c, 21, p, 101, 239, 37, 64251, 128, 4},
				{c, 21, wire.RST, 138, 0, 0, 0, 128, 5},
			},
			rtt: atClient, cause: Abort, answers: []int{-1}, fact: "Windows",
		},
		"the window tells how much is unread": {
			list: append(begun(57),
				seg{s, 20, p, 201, 101, 1288, 509, 57, 2}, seg{c, 20, a, 101, 1489, 0, 502, 64, 3},
				seg{s, 2000, p, 1489, 101, 284, 509, 57, 3}, seg{c, 2000, a, 101, 1773, 0, 218, 64, 4},
				seg{c, 32000, wire.RST | a, 101, 1773, 0, 0, 64, 5}),
			rtt: atClient, cause: cause.UnreadData, answers: []int{-1}, fact: "by the 284 bytes",
		},
		"an empty FIN draws a RST from a host that has forgotten": {
			list: append(begun(57),
				seg{s, 20, f, 201, 101, 13, 83, 57, 2}, seg{c, 20, a, 101, 215, 0, 256, 64, 3},
				seg{c, 120, f, 101, 215, 0, 256, 64, 4}, seg{s, 131, wire.RST, 215, 0, 0, 0, 57, 0}),
			rtt: atClient, cause: cause.ConnectionClosed, answers: []int{5}, fact: "in order and empty",
		},
	} {
		t.Run(name, func(t *testing.T) {
			conn := conversation(test.list, test.rtt)
			conn.Segments[0].Options = test.syn
			all := Explain(conn)
			var answers []int
			for _, r := range all {
				answers = append(answers, r.Answers)
			}
			if !slices.Equal(answers, test.answers) {
				t.Fatalf("the RSTs answer %v, want %v", answers, test.answers)
			}
			r := all[0]
			or := ""
			if r.Sure == trace.Possible && r.Undecided > 0 {
				or = r.Rivals[0].Cause
			}
			if r.Cause != test.cause || or != test.or {
				t.Errorf("%s or %q (%s), want %s or %q", r.Cause, or, r.Sure, test.cause, test.or)
			}
			if !slices.ContainsFunc(r.Because, func(f Fact) bool { return strings.Contains(f.Format, test.fact) }) {
				t.Errorf("no fact says %q: %v", test.fact, r.Because)
			}
			if r.Forged {
				t.Error("somebody is accused of having forged it")
			}
		})
	}
}
