// Package capture reads captures of real traffic into the model of a run, so
// that whatever draws, prints, compares or explains a run does so for traffic
// that tcpsim has not made.
//
//	list, err := capture.Connections(file, "server.pcapng")
//	tr, report, err := capture.Read(file, "server.pcapng", capture.Options{Conn: "2"})
//
// A packet goes the way: file format, the headers of its link and of tunnels,
// IP header, TCP segment, connection. Headers are taken off one by one, each by
// the reader that the table in decap.go names, until TCP is reached or something
// that cannot hold it. The segments of the connection that was asked for are
// kept; of the others only a [Summary] is. When the file has ended, times, fates,
// states and causes are worked out for what was kept.
//
// A file that is damaged or cut short gives what was readable, and an
// [Incomplete]. So does one with packets that may hold TCP behind a header that
// is not known, or encrypted: an explanation of the rest may miss what matters.
//
// # What is inferred
//
// A capture holds segments with the instants at which they passed one point.
// The model wants to know more. What follows from the segments is filled in,
// and [Report.Inferred] lists what and how; texts in the trace that say so begin
// with "inferred: ". What does not follow is left out: there are no calls, no
// processes and no timers.
//
//   - The capture point. The shortest time between a segment and its
//     acknowledgement is the round trip between the point and the host that
//     acknowledges. Where one of the two is less than an eighth of the other,
//     the capture was made at that host; else in between.
//   - SentAt and ReceivedAt: the instant of the capture, less or plus half the
//     round trip to the host. A capture from one end thus gives true instants
//     for its own host and inferred ones for the other.
//   - Two captures of one connection in one file, one from each end, give both
//     instants as they were observed.
//   - Lost: what was sent again, and what nobody acknowledged in between. All
//     other segments count as arrived, but for the last ones of a side that
//     gets no answer any more.
//   - Transitions: RFC 9293's, driven by what each side sends and gets. An
//     endpoint whose handshake is not in the file begins as ESTABLISHED.
//   - Causes of RSTs: weighed by sim/trace/why against what the capture shows.
//     [trace.Cause] says how sure that is, and names what else it can be.
//   - Initial sequence numbers, where the handshake is not in the file: so that
//     the first byte that was seen has number 1.
//   - Copies: the same IPv4 datagram, by its id, twice at one point.
//
// # What is changed
//
// [trace.Segment.Frame] must hold all of the payload and be an IP datagram that
// tcpsim can read. So what the capture has cut off, or Options.SnapLen takes
// away, is zeros; extension headers of IPv6 are taken out; lengths that a
// network card has left at zero are filled in; fragments are put together, as
// long as no more than 256 datagrams or 4 MiB wait for their others. Checksums
// of TCP stay as they were.
package capture
