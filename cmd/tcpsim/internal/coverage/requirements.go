package coverage

import (
	"slices"

	"github.com/tcpsim/tcpsim/scenarios"
)

// Verdict says whether gVisor does what a requirement asks.
type Verdict string

// The verdicts.
const (
	Met    Verdict = "met"
	Partly Verdict = "partly"
	NotMet Verdict = "not met"
)

// Requirement is one that an RFC makes of who sends a RST or receives one.
type Requirement struct {
	Source    string   `json:"source"`    // RFC 9293 section 3.5.2, group 1
	Text      string   `json:"text"`      // what is asked, in our words
	Scenarios []string `json:"scenarios"` // that show what gVisor does
	Verdict   Verdict  `json:"verdict"`
	Why       string   `json:"why,omitempty"` // it is not met, or only partly
}

// Missing lists the scenarios of the requirement that the catalogue does not
// have.
func (q *Requirement) Missing() []string {
	return slices.DeleteFunc(slices.Clone(q.Scenarios), func(name string) bool {
		_, err := scenarios.Find(name)
		return err == nil
	})
}

// every names the cases of segment-in-every-state for one kind of segment.
func every(segment string, states ...string) []string {
	var names []string
	for _, s := range states {
		names = append(names, "segment-in-every-state/"+s+"-"+segment)
	}
	return names
}

var requirements = slices.Concat(generation, processing, blind, others)

// generation is when a RST must be sent, and when not.
var generation = []Requirement{
	{
		Source: "RFC 9293 section 3.5.2, group 1; section 3.10.7.1",
		Text:   "CLOSED: any segment but a RST draws a RST, and there is no connection afterwards.",
		Scenarios: append(every("syn", "closed"), "segment-in-every-state/closed-fin", "segment-in-every-state/closed-ack",
			"port-not-listening", "half-open-reboot", "stray-segments"),
		Verdict: Met,
	},
	{
		Source:    "RFC 9293 section 3.5.2, group 1; section 3.10.7.1",
		Text:      "The RST takes its sequence number from the acknowledgement of what it answers.",
		Scenarios: every("ack", "closed", "listen"),
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.5.2, group 1; section 3.10.7.1",
		Text:      "Without an acknowledgement to take it from, the sequence number is 0 and the RST acknowledges what it answers.",
		Scenarios: []string{"port-not-listening", "segment-in-every-state/closed-syn"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.5.2, group 1; section 3.10.7",
		Text:      "A RST is never answered with a RST.",
		Scenarios: append(every("rst", "closed", "listen"), "listener-shutdown"),
		Verdict:   Partly,
		Why:       "A listener that was shut down for reading answers every segment, also a RST (handleListenSegment). No other host does.",
	},
	{
		Source:    "RFC 9293 section 3.5.2, group 2; section 3.10.7.2",
		Text:      "LISTEN: any acknowledgement draws a RST, and the listener goes on.",
		Scenarios: []string{"segment-in-every-state/listen-ack", "segment-in-every-state/listen-fin", "active-side-discovers/client-listens", "old-duplicate-two-passive"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.5.2, group 2; section 3.10.7.3",
		Text:      "SYN_SENT: an acknowledgement of anything but the SYN draws a RST, and the connection stays in SYN_SENT.",
		Scenarios: []string{"rst-in-syn-sent/other-wrong-ack", "half-open-discovery", "client-reboot-same-port"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.5.2, group 2; section 3.10.7.4, fifth",
		Text:      "SYN_RECEIVED: an acknowledgement that is not acceptable draws a RST.",
		Scenarios: []string{"ack-beyond-snd-nxt/syn-received"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.5.2, group 3; section 3.10.7.4, first",
		Text:      "In a synchronized state a segment outside the window draws an empty ACK and changes nothing.",
		Scenarios: []string{"rst-outside/other-segments", "blind-data/outside", "fin-before-data/to-an-orphan"},
		Verdict:   Partly,
		Why:       "An endpoint that its process has closed takes any segment behind missing ones for lost data and sends a RST, also when nothing but a FIN is missing.",
	},
	{
		Source:    "RFC 9293 section 3.10.7.4, fourth; RFC 5961 section 4.2",
		Text:      "SYN_RECEIVED after a passive OPEN: a SYN inside the window takes the connection back to LISTEN.",
		Scenarios: []string{"segment-in-every-state/syn-received-syn", "old-duplicate-syn/rst-lost"},
		Verdict:   Partly,
		Why:       "The connection ends, and the listener is there; but a RST is sent, which nobody has asked for (synRcvdState).",
	},
	{
		Source:    "RFC 9293 section 3.10.5",
		Text:      "ABORT in a synchronized state up to CLOSE_WAIT sends a RST with SND.NXT and throws away what is queued.",
		Scenarios: []string{"linger-zero", "linger-zero/unsent-data", "linger-zero/right-after-shutdown", "linger-zero/in-close-wait"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.10.5",
		Text:      "ABORT in SYN_RECEIVED sends a RST with SND.NXT.",
		Scenarios: []string{"simultaneous-open/abort-in-syn-received"},
		Verdict:   Partly,
		Why:       "A RST is sent, with zeros for numbers, which the peer drops (resetConnectionLocked); what the peer sends next draws one that counts.",
	},
	{
		Source:    "RFC 9293 section 3.10.5",
		Text:      "ABORT in SYN_SENT, CLOSING, LAST_ACK and TIME_WAIT sends nothing.",
		Scenarios: []string{"two-ports-keep-one/loser-in-syn-sent", "linger-zero/after-both-fins", "unread-data/in-closing", "unread-data/in-last-ack", "unread-data/in-time-wait"},
		Verdict:   Partly,
		Why:       "With SO_LINGER zero nothing is sent, but the FIN that was sent goes on being repeated and TIME_WAIT lasts its time: the connection is closed and not aborted (closeLocked). With bytes unread a RST is sent in these states, too (shutdownLocked).",
	},
	{
		Source:    "RFC 9293 section 3.10.4",
		Text:      "CLOSE in SYN_SENT ends the attempt without a segment; a SYN,ACK that comes later draws a RST.",
		Scenarios: []string{"connect-abandoned", "connect-abandoned/shutdown", "connect-abandoned/time-limit"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.10.4",
		Text:      "CLOSE in SYN_RECEIVED sends a FIN and goes to FIN_WAIT_1; it is no reason for a RST.",
		Scenarios: []string{"simultaneous-open/close-in-syn-received"},
		Verdict:   NotMet,
		Why:       "The connection is forgotten (closeNoShutdownLocked), and the peer's next segment draws a RST.",
	},
	{
		Source:    "RFC 9293 section 3.10.8",
		Text:      "A user timeout, or retries that are used up, ends the connection: the user is told, and nothing is sent.",
		Scenarios: []string{"user-timeout", "user-timeout/zero-window", "silent-peer", "orphan-retries", "persist-timeout"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.10.8",
		Text:      "The end of TIME_WAIT removes the connection; a segment for it draws the RST of CLOSED from then on.",
		Scenarios: []string{"time-wait-length", "time-wait-fin-again/time-wait-over"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.6.1, SHLD-3; RFC 2525 section 2.17",
		Text:      "CLOSE with bytes unread sends a RST.",
		Scenarios: []string{"unread-data", "zero-window-kill", "early-response", "shutdown-both/unread"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.6.1, SHLD-3; RFC 2525 section 2.17",
		Text:      "Data that arrive after CLOSE draw a RST.",
		Scenarios: []string{"data-after-close", "unread-data/in-flight", "drain-loop/arrives-after"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.6.1, SHLD-3; section 3.10.7.4, fifth and eighth",
		Text:      "A segment without data that arrives after CLOSE draws no RST, also when it comes before a FIN that it has overtaken.",
		Scenarios: []string{"fin-before-data/ack-overtakes-fin", "simultaneous-close/fin-lost", "graceful-close"},
		Verdict:   Partly,
		Why:       "In order it draws none. An ACK whose number is behind a FIN that has not come is taken for data (handleRcvdSegmentClosing compares the end of the segment, and not whether it has any length): an orderly close ends with a RST.",
	},
	{
		Source:    "RFC 2525 section 2.17",
		Text:      "A sender whose peer has gone away with bytes unread does not probe a closed window for ever.",
		Scenarios: []string{"zero-window-kill", "rst-missing"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.8.6.1, MUST-37",
		Text:      "While the probes of a closed window are answered the sender neither gives up nor resets.",
		Scenarios: []string{"persist-timeout/answered", "rst-missing/broken-tcp"},
		Verdict:   Met,
	},
}
