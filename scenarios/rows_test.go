package scenarios_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
)

// rows are what the catalogue has to have, by group: each way in which a
// connection can be refused, closed, aborted, lost or forged. A scenario that
// goes missing, or that changes its group, is missed here. Under fire each of
// the first group comes back.
var rows = []struct {
	group string
	names string
}{
	{"first", `handshake graceful-close port-not-listening port-taken backlog-full two-ports-keep-one
		linger-zero unread-data primes early-response client-closes-early drained-close drain-loop
		lingering-close data-after-close sigpipe epipe-or-reset half-open-reboot half-open-cable
		silent-peer late-ack syn-timeout firewall-forges-rst firewall-drops-rst port-reuse
		zero-window-kill rst-missing`},
	{"opening", `simultaneous-open connect-abandoned syn-sent-bad-ack old-duplicate-syn
		reset-before-accept listener-closed listener-shutdown stray-segments defer-accept syn-cookies
		syn-flood`},
	{"closing", `simultaneous-close half-close shutdown-read shutdown-both fin-with-data close-flushes
		linger-positive dup-close fork-close process-exit fin-lost last-ack-lost rst-lost synack-lost
		data-lost-in-close fin-before-data fin-duplicated fin-into-zero-window administrator`},
	{"waiting", `fin-wait-2-timeout orphan-retries keepalive-timeout user-timeout persist-timeout
		time-wait-length idle-nat`},
	{"half-open", `half-open-discovery active-side-discovers old-duplicate-two-passive
		client-reboot-same-port rst-in-window rst-exact rst-outside rst-left-edge rst-after-data
		rst-with-data syn-in-established blind-data ack-beyond-snd-nxt rst-in-syn-received
		rst-in-syn-sent segment-in-every-state paws-reject`},
	{"time-wait", `time-wait-assassination time-wait-fin-again time-wait-syn-lower time-wait-syn-higher
		time-wait-timestamps ephemeral-ports-exhausted simultaneous-time-wait`},
}

// variants are the cases that a row has to have beside the base case.
var variants = map[string]string{
	"graceful-close":     "server-first no-data four-minutes",
	"port-not-listening": "nonblocking-connect-first nonblocking-recv-first nonblocking-send-first nonblocking-so-error-first",
	"port-taken":         "magic-number",
	"backlog-full":       "nobody-accepts final-ack-dropped abort-on-overflow syn-cookies",
	"two-ports-keep-one": "accepted-after-the-reset",
	"linger-zero": `by-server after-shutdown in-close-wait unsent-data unread-at-peer recv-first send-first
		so-error-first`,
	"unread-data": `all-read partly-read only-fin-unread in-flight answer-unsent half-closed in-closing
		in-last-ack in-time-wait`,
	"primes":                    "five-of-six reads-later client-writes-first error-lost",
	"early-response":            "reads-later sends-the-rest",
	"drain-loop":                "arrives-after arrives-in-between",
	"data-after-close":          "read-between eof-not-read-recv-first eof-not-read-send-first so-error-first unread-data",
	"sigpipe":                   "ignored msg-nosignal",
	"epipe-or-reset":            errnoMatrix(),
	"half-open-reboot":          "send-send idle keepalive",
	"silent-peer":               "default-retries not-in-a-call so-error",
	"late-ack":                  "after-last-retry too-late other-segments",
	"syn-timeout":               "default-retries",
	"firewall-forges-rst":       "client-only",
	"port-reuse":                "not-greater newer-timestamp older-timestamp reuseaddr reuseport shorter-time-wait linger-zero",
	"connect-abandoned":         "linger-zero shutdown",
	"reset-before-accept":       "with-data",
	"listener-closed":           "half-open",
	"stray-segments":            "listener",
	"half-close":                "by-server",
	"shutdown-both":             "unread",
	"linger-positive":           "timed-out",
	"fork-close":                "child-exits child-killed child-killed-unread unread-at-last-close parent-forgets listener-inherited",
	"process-exit":              "sigterm sigabrt kill-9 exit-unread sigterm-unread sigabrt-unread kill-9-unread",
	"fin-wait-2-timeout":        "late-fin late-fin-shutdown early-data shutdown-only default",
	"keepalive-timeout":         "rebooted-peer close-wait defaults",
	"user-timeout":              "zero-window keepalive",
	"persist-timeout":           "answered orphan rebooted-peer",
	"idle-nat":                  "with-rst with-rst-to-sender server-pushes keepalive",
	"syn-in-established":        "rate-limit outside",
	"time-wait-assassination":   "rst old-ack",
	"ephemeral-ports-exhausted": "tw-reuse",
	"segment-in-every-state":    everySegment(),
}

// errnoMatrix is every state in which a RST ends a connection that a process
// has, met by each of the calls first.
func errnoMatrix() string {
	var all []string
	for _, state := range []string{
		"established", "established-unread", "fin-wait-1", "fin-wait-2", "fin-wait-2-unread", "close-wait",
		"close-wait-unread", "close-wait-eof-read", "closing", "last-ack", "last-ack-unread",
	} {
		for _, first := range []string{"recv", "send", "so-error"} {
			all = append(all, state+"-"+first+"-first")
		}
	}
	return strings.Join(append(all, "syn-sent"), " ")
}

// everySegment is a RST, a SYN, a FIN and an ACK in each state of the diagram.
// The base case is the RST in ESTABLISHED.
func everySegment() string {
	var all []string
	for _, state := range []string{
		"closed", "listen", "syn-sent", "syn-received", "established", "fin-wait-1", "fin-wait-2", "close-wait",
		"closing", "last-ack", "time-wait",
	} {
		for _, segment := range []string{"rst", "syn", "fin", "ack"} {
			if name := state + "-" + segment; name != "established-rst" {
				all = append(all, name)
			}
		}
	}
	return strings.Join(all, " ")
}

func TestNoRowOfTheCatalogueIsMissing(t *testing.T) {
	listed := map[string]bool{}
	for _, row := range rows {
		for _, name := range strings.Fields(row.names) {
			listed[name] = true
			f, err := scenarios.FindFile(name)
			switch {
			case err != nil:
				t.Error(err)
			case f.Group != row.group:
				t.Errorf("%s is in group %q, not %q", name, f.Group, row.group)
			}
		}
	}
	for name, cases := range variants {
		if !listed[name] {
			t.Errorf("variants of %s, which is no row", name)
		}
		for _, variant := range strings.Fields(cases) {
			if _, err := scenarios.Find(name + "/" + variant); err != nil {
				t.Error(err)
			}
		}
	}
}

// The list is shown in the order of the rows' groups.
func TestGroupsComeInOrder(t *testing.T) {
	var want, got []string
	for _, row := range rows {
		want = append(want, row.group)
	}
	for _, f := range scenarios.Catalogue() {
		if f.Group != "under-fire" {
			got = append(got, f.Group)
		}
	}
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("groups are %q, want %q", got, want)
	}
}
