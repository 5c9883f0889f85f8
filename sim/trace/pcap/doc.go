// Package pcap writes a recorded run as a capture file, for tcpdump, Wireshark
// and tcptrace.
//
//	err := pcap.Write(file, tr, pcap.Options{Vantage: pcap.Server})
//
// A capture is made somewhere, and where decides what it holds. At a host it
// is what that host sent and what reached it, each at its own instant, as
// tcpdump on that machine would have seen it. On the wire it is every segment
// once, when it was sent, also those that were lost. On a middlebox it is what
// gets there, when it does: also what the middlebox lets no further, and first
// of all what is forged there.
//
// A pcapng file says more than any sniffer can know: comments on the packets
// give the socket call that sent it, the cause of a RST, the rule that lost
// it. The id of a packet is the segment's number in every other output.
//
// The datagrams are the run's own; the Ethernet headers around them are made
// up, because among the link types without one there is none that both
// tcpdump and tcptrace read. Time begins with the year 2000 and not with 1970,
// because tcptrace takes zero for a time that is not set.
package pcap
