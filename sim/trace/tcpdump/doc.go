// Package tcpdump prints a recorded run as tcpdump does, line for line what
//
//	TZ=UTC tcpdump -n -r FILE
//
// prints of the capture that package pcap writes. People who have read such
// lines for years need not learn another notation, and scripts that read them
// work.
//
//	err := tcpdump.Write(os.Stdout, tr, tcpdump.Options{Vantage: pcap.Server})
//
// The pattern is tcpdump 4.99, and the tests compare with the real one where
// it is installed. Like it, Write knows a connection from the first segment
// with ACK that it sees: the numbers of that segment are absolute, those after
// it relative. A segment without ACK has absolute numbers always.
//
// Of what tcpdump makes of payload by the port, HTTP (80, 8080), FTP (21),
// SMTP (25) and WHOIS (43) are here; on the ports of other protocols that
// tcpdump knows, such as 53 or 6379, it adds what Write does not. Of the
// options of TCP, those that Linux sends are here, and what a wrong bit makes of
// them; multipath TCP and a few others are printed as unknown.
package tcpdump
