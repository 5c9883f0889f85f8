package pcap

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/words"
)

// Format is a format of capture files.
type Format uint8

// The formats.
const (
	PCAPNG Format = iota // nanoseconds, with names and comments
	PCAP                 // the classic one: microseconds, packets only
)

var formatNames = [...]string{"pcapng", "pcap"}

// String is the usual suffix of files in that format.
func (f Format) String() string { return words.Constant(formatNames[:], "Format", f) }

// ParseFormat reads what String gives.
func ParseFormat(s string) (Format, error) {
	for i, name := range formatNames {
		if s == name {
			return Format(i), nil
		}
	}
	return 0, fmt.Errorf("capture format %q: want pcapng or pcap", s)
}

// Options say what kind of capture to write. The zero value is a pcapng file
// of what the client saw.
type Options struct {
	Format  Format
	Vantage Vantage
}

// snapLen is what tcpdump uses; more than any datagram.
const snapLen = 262144

// Write writes a capture of the run. The same trace gives the same bytes. It
// returns the errors of w, one for a segment without a datagram, and one for a
// capture on a middlebox where there is none.
func Write(w io.Writer, t *trace.Trace, o Options) error {
	if int(o.Format) >= len(formatNames) || int(o.Vantage) >= len(vantageNames) {
		return errors.New("unknown format or vantage point")
	}
	if err := o.Vantage.Check(t); err != nil {
		return err
	}
	if o.Format == PCAP {
		return writeClassic(w, t, o.Vantage)
	}
	return writeNg(w, t, o.Vantage)
}

func writeClassic(w io.Writer, t *trace.Trace, v Vantage) error {
	out := bufio.NewWriter(w)
	file := pcapgo.NewWriter(out)
	if err := file.WriteFileHeader(snapLen, layers.LinkTypeEthernet); err != nil {
		return err
	}
	if err := each(t, v, func(ci gopacket.CaptureInfo, data []byte, _ Packet) error {
		return file.WritePacket(ci, data)
	}); err != nil {
		return err
	}
	return out.Flush()
}

func writeNg(w io.Writer, t *trace.Trace, v Vantage) error {
	// Not a word of the machine that writes: a file depends on the run alone.
	file, err := pcapgo.NewNgWriterInterface(w, pcapgo.NgInterface{
		Name: v.String(), Description: clip(describe(t, v)), LinkType: layers.LinkTypeEthernet, SnapLength: snapLen,
	}, pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{Application: "tcpsim", Comment: clip(caption(t))}})
	if err != nil {
		return err
	}
	if err := each(t, v, func(ci gopacket.CaptureInfo, data []byte, p Packet) error {
		id := uint64(p.Segment.Number)
		return file.WritePacketWithOptions(ci, data, pcapgo.NgPacketOptions{
			Comments: comments(t, p.Segment), Flags: direction(v, p), PacketID: &id,
		})
	}); err != nil {
		return err
	}
	return file.Flush()
}

// each calls f with every packet; data is valid until f returns.
func each(t *trace.Trace, v Vantage, f func(gopacket.CaptureInfo, []byte, Packet) error) error {
	var data []byte
	for p := range Packets(t, v) {
		var err error
		if data, err = ethernet(data, p); err != nil {
			return err
		}
		ci := gopacket.CaptureInfo{Timestamp: p.Time, CaptureLength: len(data), Length: len(data)}
		if err := f(ci, data, p); err != nil {
			return err
		}
	}
	return nil
}

// direction is in or out for a host; on the wire there is no such thing, and
// what goes into a middlebox comes out of it.
func direction(v Vantage, p Packet) *pcapgo.NgEpbFlags {
	switch {
	case v == Wire, v == Middlebox:
		return nil
	case p.Received:
		return &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionInbound}
	}
	return &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionOutbound}
}

func describe(t *trace.Trace, v Vantage) string {
	switch v {
	case Wire:
		return "between the hosts: every segment when it is sent, also what is lost"
	case Middlebox:
		return t.Middlebox() + ": what gets to it, let through or not, and what is forged there"
	}
	h := t.Host(trace.Side(v))
	return fmt.Sprintf("%s (%s): what it sends and what reaches it", h.Name, h.Addr)
}

func caption(t *trace.Trace) string {
	s := fmt.Sprintf("link: %s; seed %d", t.LinkText(), t.Seed)
	if t.Scenario != "" {
		s = t.Scenario + ": " + t.Title + "; " + s
	}
	return s
}
