// Package xplot writes the time-sequence graph of a recorded run for xplot and
// the programs that read its files, such as jPlot: what tcptrace -S draws of
// the capture that package pcap writes.
//
//	err := xplot.Write(file, tr, xplot.Options{From: trace.Client})
//
// The graph is about the data of one side. White bars with arrowheads are its
// segments, from the first to the last byte; red ones were sent before, and
// bear an R. Orange is SYN and FIN. The green line is what the peer has
// acknowledged, the yellow one how far its window reaches; a tick on either is
// a segment that moved nothing. Purple are selective acknowledgements, and
// RST_IN and RST_OUT stand where a RST passed.
//
// As with tcptrace's -zxy, time begins with the first packet of the connection
// and numbers with the first one of the side, which is its SYN. The tests
// compare with the real tcptrace where it is installed, line by line.
//
// Not everything is as tcptrace has it: which segments between the same two ends
// are one connection, where one follows the other, is as the trace says; and the
// 3 above a third duplicate acknowledgement may be at another one of them where a
// FIN is sent again.
package xplot
