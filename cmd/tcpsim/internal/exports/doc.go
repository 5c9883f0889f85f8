// Package exports holds nothing but tests: of every case of the catalogue, in
// every form in which a trace is written, with the programs that people read
// such files with.
//
//	go test ./cmd/tcpsim/internal/exports        # a sample
//	go test ./cmd/tcpsim/internal/exports -all   # every case at every vantage point
//
// What tshark, tcpdump and tcptrace say of a capture is compared with what the
// trace says, segment by segment and line by line. Where a program is not
// installed its tests are skipped and say so. What is exported and imported
// again needs no program, and is tested for every case always.
package exports
