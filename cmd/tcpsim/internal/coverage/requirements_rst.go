package coverage

// processing is what a RST does where it arrives.
var processing = []Requirement{
	{
		Source:    "RFC 9293 section 3.5.3; section 3.10.7.1 and 3.10.7.2",
		Text:      "CLOSED and LISTEN: a RST is ignored.",
		Scenarios: every("rst", "closed", "listen"),
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.5.3; section 3.10.7.3, second",
		Text:      "SYN_SENT: a RST counts when it acknowledges the SYN; the user is told that the connection was refused.",
		Scenarios: []string{"port-not-listening", "rst-in-syn-sent", "rst-in-syn-sent/any-seq"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.5.3; section 3.10.7.3, first",
		Text:      "SYN_SENT: a RST without an acknowledgement, or with a wrong one, is dropped without an answer.",
		Scenarios: []string{"rst-in-syn-sent/no-ack", "rst-in-syn-sent/wrong-ack"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.5.3; section 3.10.7.4, second",
		Text:      "SYN_RECEIVED after a passive OPEN: back to LISTEN, and the user is not told.",
		Scenarios: []string{"rst-in-syn-received", "segment-in-every-state/syn-received-rst"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.10.7.4, second",
		Text:      "SYN_RECEIVED after an active OPEN: CLOSED, and the user is told that the connection was refused.",
		Scenarios: []string{"rst-in-syn-received/simultaneous-open"},
		Verdict:   Partly,
		Why:       "gVisor says refused; connect() gives ECONNRESET, as on Linux, because the state is no longer SYN_SENT.",
	},
	{
		Source:    "RFC 9293 section 3.5.3; section 3.10.7.4, second",
		Text:      "ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2 and CLOSE_WAIT: the user is told of the reset, and the connection is CLOSED.",
		Scenarios: append(every("rst", "fin-wait-1", "fin-wait-2"), "rst-exact", "epipe-or-reset", "rst-exact/close-wait"),
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.10.7.4, second",
		Text:      "ESTABLISHED to CLOSE_WAIT: what is queued to be read is flushed.",
		Scenarios: []string{"linger-zero/unread-at-peer", "rst-after-data"},
		Verdict:   NotMet,
		Why:       "What has arrived can still be read, in gVisor (resetConnectionLocked purges only what is to be sent) as in Linux.",
	},
	{
		Source:    "RFC 9293 section 3.10.7.4, second",
		Text:      "CLOSING and LAST_ACK: a RST ends the connection.",
		Scenarios: every("rst", "closing", "last-ack"),
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.10.7.4, second",
		Text:      "TIME_WAIT: a RST ends it.",
		Scenarios: every("rst", "time-wait"),
		Verdict:   NotMet,
		Why:       "It is ignored, which RFC 1337 recommends.",
	},
	{
		Source:    "RFC 9293 section 3.5.3",
		Text:      "A RST may carry data, and is a RST all the same.",
		Scenarios: []string{"rst-with-data"},
		Verdict:   Met,
	},
}

// blind is what keeps out who has to guess the numbers.
var blind = []Requirement{
	{
		Source:    "RFC 5961 section 3.2; RFC 9293 section 3.10.7.4, first",
		Text:      "A RST outside the window is dropped without an answer.",
		Scenarios: []string{"rst-outside", "rst-outside/below", "rst-left-edge"},
		Verdict:   Partly,
		Why:       "The first number behind the window is taken for inside, and draws a challenge ACK.",
	},
	{
		Source:    "RFC 5961 section 3.2",
		Text:      "A RST with exactly the next sequence number resets.",
		Scenarios: []string{"rst-exact", "firewall-forges-rst"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 5961 section 3.2",
		Text:      "A RST inside the window with another number draws a challenge ACK.",
		Scenarios: []string{"rst-in-window", "rst-in-window/with-ack", "rst-in-syn-received/in-window"},
		Verdict:   Partly,
		Why:       "In SYN_RECEIVED every RST inside the window is obeyed (synRcvdState).",
	},
	{
		Source: "RFC 5961 section 4.2",
		Text:   "A SYN in a synchronized state draws a challenge ACK, whatever its number, and changes nothing.",
		Scenarios: append(every("syn", "fin-wait-1", "fin-wait-2", "closing", "last-ack"),
			"syn-in-established", "syn-in-established/outside", "half-open-discovery"),
		Verdict: Met,
	},
	{
		Source:    "RFC 5961 section 5.2; RFC 9293 section 3.10.7.4, fifth",
		Text:      "An acknowledgement older than the largest window draws an ACK, and its data are dropped.",
		Scenarios: []string{"blind-data", "ack-beyond-snd-nxt/old-ack"},
		Verdict:   NotMet,
		Why:       "The acknowledgement is not looked at before the data are taken.",
	},
	{
		Source:    "RFC 9293 section 3.10.7.4, fifth; RFC 5961 section 5.2",
		Text:      "An acknowledgement of something that was never sent draws an ACK, and the segment is dropped.",
		Scenarios: []string{"ack-beyond-snd-nxt", "ack-beyond-snd-nxt/fin-wait-2", "blind-data/ack-too-new"},
		Verdict:   Partly,
		Why:       "The acknowledgement is not believed; but in ESTABLISHED there is no answer, and the data are taken.",
	},
	{
		Source:    "RFC 9293 section 3.10.7.4, fifth",
		Text:      "A segment without the ACK flag is dropped.",
		Scenarios: []string{"blind-data/no-ack-flag"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 5961 section 7",
		Text:      "Challenge ACKs are limited in number.",
		Scenarios: []string{"rst-in-window/burst", "syn-in-established/rate-limit", "syn-in-established/with-data"},
		Verdict:   Partly,
		Why:       "One in 500 ms for each connection; but a SYN with data is answered every time.",
	},
}

// others is TIME_WAIT.
var others = []Requirement{
	{
		Source:    "RFC 1337, fix F1",
		Text:      "A RST in TIME_WAIT is ignored, so that an old duplicate cannot end it through the RST that it draws.",
		Scenarios: append(every("rst", "time-wait"), "time-wait-assassination"),
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.10.7.4, eighth",
		Text:      "The peer's FIN again in TIME_WAIT is acknowledged, and the time begins anew.",
		Scenarios: append(every("fin", "time-wait"), "last-ack-lost"),
		Verdict:   Met,
	},
	{
		Source:    "RFC 9293 section 3.10.7.4, fourth, MAY-2; RFC 6191 section 2",
		Text:      "A SYN in TIME_WAIT with a greater sequence number may open a new connection.",
		Scenarios: []string{"port-reuse", "port-reuse/service-gone"},
		Verdict:   Met,
	},
	{
		Source:    "RFC 6191 section 2",
		Text:      "With timestamps the newer one decides, and the sequence number does not matter.",
		Scenarios: []string{"port-reuse/newer-timestamp", "port-reuse/older-timestamp", "time-wait-timestamps"},
		Verdict:   NotMet,
		Why:       "Only the sequence numbers are compared.",
	},
	{
		Source:    "RFC 9293 section 3.10.7.4, fourth; RFC 5961 section 4.2; RFC 6191 section 2",
		Text:      "Any other SYN in TIME_WAIT draws an ACK, to which a host that has forgotten answers with a RST.",
		Scenarios: append(every("syn", "time-wait"), "port-reuse/not-greater", "port-reuse/old-duplicate"),
		Verdict:   NotMet,
		Why:       "It is dropped without an answer.",
	},
}
