package capture

// tally counts what is inferred, for the report.
type tally struct {
	both     bool
	instants int
	losses   int
	copies   int
	isn      int
	moves    int
	causes   int
	forged   int
	open     int
}

func (t *tally) report(r *Report) {
	add := func(field string, count int, how string) {
		if count > 0 {
			r.Inferred = append(r.Inferred, Inference{field, count, how})
		}
	}
	switch {
	case t.both:
		add("Segment.SentAt", t.instants, "not seen at the sender: the arrival less the shortest way that others took")
	case r.Vantage == Wire:
		add("Segment.ReceivedAt", r.Counts.Kept, "SentAt plus the shortest time after which the other side answered")
	case r.RTT[0]+r.RTT[1] == 0:
		add("Segment.SentAt, Segment.ReceivedAt", r.Counts.Kept, "both the instant of the capture: no round trip can be seen")
	default:
		add("Segment.SentAt, Segment.ReceivedAt", r.Counts.Kept, "the instant of the capture, less and plus half the shortest round trip to the host")
	}
	if !t.both {
		add("Segment.Arrived", r.Counts.Kept, "true unless evidence speaks against it")
	}
	add("Segment.Lost", t.losses, "sent again and not acknowledged before, acknowledged in vain, or not seen at the other end")
	add("Segment.CopyOf", t.copies, "the same IPv4 datagram, by its id, within a second")
	add("Segment.Injected", t.forged, "a RST after which its alleged sender goes on, or with another time to live than the rest")
	add("Segment.Cause", t.causes, "the one for which most of what the capture shows speaks; its text says what")
	add("Transitions", t.moves, "RFC 9293's, from what each side sends and gets")
	add("Transitions from CLOSED to ESTABLISHED", t.open, "the handshake is not in the file")
	add("Conn.ISN", t.isn, "the first sequence number that was seen, less one: the SYN is not in the file")
}
