package exports_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// field is one that tshark is asked for. want is what it should say, from the
// trace; damaged is set where the packet's header may hold anything.
type field struct {
	name    string
	damaged bool // holds also where the link has damaged the packet
	want    func(e *export, p pcap.Packet) string
}

const separator = "\x1e" // of the values of a field: comments hold commas

// preferences are what Wireshark checks only when it is told to.
var preferences = []string{"tcp.check_checksum", "ip.check_checksum"}

var fields = []field{
	{"frame.packet_id", true, func(_ *export, p pcap.Packet) string { return fmt.Sprint(p.Segment.Number) }},
	{"frame.time_epoch", true, func(_ *export, p pcap.Packet) string {
		return fmt.Sprintf("%d.%09d", p.Time.Unix(), p.Time.Nanosecond())
	}},
	{"frame.interface_name", true, func(e *export, _ pcap.Packet) string { return e.vantage.String() }},
	{"frame.len", true, func(_ *export, p pcap.Packet) string { return fmt.Sprint(14 + len(p.Datagram())) }},
	{"frame.packet_flags_direction", true, func(e *export, p pcap.Packet) string {
		switch {
		case e.vantage != pcap.Client && e.vantage != pcap.Server:
			return ""
		case p.Received:
			return "0x00000001"
		}
		return "0x00000002"
	}},
	{"tcp.flags", false, func(_ *export, p pcap.Packet) string { return fmt.Sprintf("0x%04x", uint8(p.Segment.Flags)) }},
	{"tcp.seq_raw", false, func(_ *export, p pcap.Packet) string { return fmt.Sprint(p.Segment.RawSeq) }},
	{"tcp.ack_raw", false, func(_ *export, p pcap.Packet) string { return fmt.Sprint(p.Segment.RawAck) }},
	{"tcp.len", false, func(_ *export, p pcap.Packet) string { return fmt.Sprint(p.Segment.Len) }},
	{"tcp.window_size_value", false, func(_ *export, p pcap.Packet) string { return fmt.Sprint(p.Segment.Window) }},
	{"tcp.checksum.status", false, func(*export, pcap.Packet) string { return "1" }},
	{"ip.checksum.status", false, func(_ *export, p pcap.Packet) string {
		if p.Segment.Frame[0]>>4 == 6 {
			return "" // IPv6 has none
		}
		return "1"
	}},
	{"_ws.malformed", false, func(*export, pcap.Packet) string { return "" }},
}

// analysis is what tshark concludes from a segment that is not new.
var analysis = []string{
	"tcp.analysis.retransmission", "tcp.analysis.fast_retransmission", "tcp.analysis.spurious_retransmission",
	"tcp.analysis.out_of_order", "tcp.analysis.keep_alive", "tcp.analysis.zero_window_probe",
}

// names are the fields that a program is asked for: the comments first.
func names() []string {
	list := []string{"frame.comment"}
	for _, f := range fields {
		list = append(list, f.name)
	}
	return append(list, analysis...)
}

// TestTsharkReadsWhatTheTraceSays reads captures with tshark: as many packets,
// with the same fields, good checksums, and comments. On the wire nothing is
// called a retransmission that is none, nor the other way round. tshark takes
// long to start; sharkd, which has the same dissectors, reads the others.
func TestTsharkReadsWhatTheTraceSays(t *testing.T) {
	tshark := program(t, "tshark")
	args := []string{"-n", "-T", "fields", "-E", "aggregator=" + separator}
	for _, p := range preferences {
		args = append(args, "-o", p+":TRUE")
	}
	for _, n := range names() {
		args = append(args, "-e", n)
	}
	args = append(args, "-r")
	list := sample(t, 40)
	if *all {
		list = slices.DeleteFunc(list, func(e export) bool { return e.c.Name != "" || e.vantage != pcap.Wire })
	}
	inParallel(t, list, func(e export, tr *trace.Trace) error {
		return e.check(tr, func(path string) (rows [][]string, err error) {
			out, err := read(t, filepath.Dir(path), tshark, args...)
			for line := range strings.Lines(out) {
				rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
			}
			return rows, err
		}, separator)
	})
}

// TestSharkdReadsWhatTheTraceSays is the same with sharkd, a server that comes
// with tshark and reads one file after the other.
func TestSharkdReadsWhatTheTraceSays(t *testing.T) {
	path := program(t, "sharkd")
	servers := newSharkds(t, path)
	inParallel(t, sample(t, 10), func(e export, tr *trace.Trace) error {
		return e.check(tr, servers.rows, ",")
	})
}

// check exports a trace and compares what a program makes of it.
func (e *export) check(tr *trace.Trace, rows func(path string) ([][]string, error), separator string) error {
	dir, err := os.MkdirTemp("", "tcpsim")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	saved, err := again(tr)
	if err != nil {
		return err
	}
	file, err := capture(saved, pcap.Options{Vantage: e.vantage})
	if err != nil {
		return err
	}
	path := filepath.Join(dir, captureName)
	if err := os.WriteFile(path, file, 0o644); err != nil {
		return err
	}
	got, err := rows(path)
	if err != nil {
		return err
	}
	return e.compare(saved, file, got, separator)
}

// again is the trace as it is in JSON Lines.
func again(tr *trace.Trace) (*trace.Trace, error) {
	var b bytes.Buffer
	if err := jsonl.Write(&b, tr); err != nil {
		return nil, err
	}
	return jsonl.Read(&b, "trace")
}

// compare compares what tshark says of each packet with the trace.
func (e *export) compare(tr *trace.Trace, file []byte, rows [][]string, separator string) error {
	comments, err := commentsOf(file)
	if err != nil {
		return err
	}
	packets := slices.Collect(pcap.Packets(tr, e.vantage))
	if len(rows) != len(packets) || len(comments) != len(packets) {
		return fmt.Errorf("%d packets in Wireshark and %d with comments, but %d in the trace", len(rows), len(comments), len(packets))
	}
	var faults []string
	var seen conclusions
	for i, p := range packets {
		got := rows[i]
		fault := func(what, want, got string) {
			if want != got {
				faults = append(faults, fmt.Sprintf("#%d: %s is %q to Wireshark: want %q", p.Segment.Number, what, got, want))
			}
		}
		fault("frame.comment", strings.Join(comments[i], separator), got[0])
		damaged := p.Received && p.Segment.Damaged != nil
		for j, f := range fields {
			if !damaged || f.damaged {
				fault(f.name, bare(f.want(e, p)), bare(got[1+j]))
			}
		}
		if what := explained(tr, p.Segment, comments[i]); what != "" {
			faults = append(faults, what)
		}
		if e.vantage == pcap.Wire {
			if what := seen.analysed(p.Segment, got[1+len(fields):]); what != "" {
				faults = append(faults, what)
			}
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("%d faults:\n%s", len(faults), strings.Join(faults[:min(len(faults), 5)], "\n"))
	}
	return nil
}

// bare is a hexadecimal number without zeros before it: programs have different
// numbers of them.
func bare(text string) string {
	if n, err := strconv.ParseUint(text, 0, 64); err == nil && strings.HasPrefix(text, "0x") {
		return fmt.Sprintf("%#x", n)
	}
	return text
}

// commentsOf are the comments of each packet, as another reader finds them.
func commentsOf(file []byte) (list [][]string, err error) {
	r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		return nil, err
	}
	for {
		_, _, opts, err := r.ReadPacketDataWithOptions()
		if err != nil {
			return list, nil
		}
		list = append(list, opts.Comments)
	}
}

// explained checks that comments say what no packet does: the call, the cause,
// the rule.
func explained(tr *trace.Trace, s *trace.Segment, comments []string) string {
	var want []string
	if s.Trigger.Kind == trace.ByCall && s.Injected == "" && s.CopyOf == 0 {
		want = append(want, ": "+tr.Calls[s.Trigger.Index].String())
	}
	if s.Cause != nil {
		want = append(want, s.Cause.ID+": ")
	}
	if s.Lost != "" {
		want = append(want, "lost: "+s.Lost)
	}
	for _, w := range want {
		if !slices.ContainsFunc(comments, func(c string) bool { return strings.Contains(c, w) }) {
			return fmt.Sprintf("#%d: no comment with %q: %q", s.Number, w, comments)
		}
	}
	return ""
}

// conclusions compares what Wireshark concludes from the segments on the wire
// with what happened. Where they must differ is noted: a forged segment claims
// that a host has sent more than it has, and so does an acknowledgement of what
// a copy has brought; and a side that begins again with another number, behind
// a SYN cookie, has sent nothing again.
type conclusions struct {
	forged [2]mark // up to where somebody has sent in a side's name
	acked  [2]mark // up to where its peer has acknowledged
	begun  map[[2]int]bool
}

// mark is the highest of some sequence numbers.
type mark struct {
	made bool
	end  uint32
}

func (m *mark) reach(end uint32) {
	if !m.made || int32(end-m.end) > 0 {
		*m = mark{true, end}
	}
}

// analysed returns where a conclusion is wrong.
func (c *conclusions) analysed(s *trace.Segment, got []string) string {
	end := s.RawSeq + uint32(s.Len)
	for _, f := range []wire.Flags{wire.SYN, wire.FIN} {
		if s.Flags.Has(f) {
			end++
		}
	}
	peer := s.From.Peer()
	if s.Injected != "" {
		c.forged[s.From].reach(end)
		if s.Flags.Has(wire.ACK) {
			c.forged[peer].reach(s.RawAck)
		}
		return ""
	}
	if s.Flags.Has(wire.ACK) && !s.Flags.Has(wire.RST) {
		c.acked[peer].reach(s.RawAck)
	}
	anew := false
	if s.Flags.Has(wire.SYN) && !s.Retransmission && s.CopyOf == 0 {
		c.acked[s.From] = mark{}
		key := [2]int{s.Conn, int(s.From)}
		if c.begun == nil {
			c.begun = map[[2]int]bool{}
		}
		anew = c.begun[key]
		c.begun[key] = true
	}
	var said []string
	for i, name := range analysis {
		if got[i] != "" {
			said = append(said, name)
		}
	}
	forged, acked := c.forged[s.From], c.acked[s.From]
	misled := anew || forged.made && int32(s.RawSeq-forged.end) <= 0 || acked.made && int32(s.RawSeq-acked.end) < 0
	switch again := s.Retransmission || s.Probe || s.CopyOf > 0; {
	case !again && len(said) > 0 && !misled:
		return fmt.Sprintf("#%d is sent for the first time, but has %v", s.Number, said)
	case s.Retransmission && len(said) == 0 && !s.Flags.Has(wire.RST) && !forged.made:
		return fmt.Sprintf("#%d is a retransmission, and Wireshark does not see it", s.Number)
	}
	return ""
}
