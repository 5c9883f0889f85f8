package exports_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/sim/trace/xplot"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// TestTcptraceCountsAndDrawsTheSame compares tcptrace's report and its
// time-sequence graphs with the trace: how many packets, SYNs and FINs, bytes
// and RSTs, and the graphs with their names.
func TestTcptraceCountsAndDrawsTheSame(t *testing.T) {
	path := program(t, "tcptrace")
	// tcptrace has an opinion of its own on when the same two ends are a new
	// connection. Where it finds others its graphs are of other packets, and
	// where a side begins twice it is not sure what number comes first.
	var differs atomic.Int64
	inParallel(t, sample(t, 25), func(e export, tr *trace.Trace) error {
		packets := slices.Collect(pcap.Packets(tr, e.vantage))
		if len(packets) == 0 || slices.ContainsFunc(packets, damaged) {
			return nil // tcptrace makes nothing of the former, and anything of the latter
		}
		file, err := capture(tr, pcap.Options{Format: pcap.PCAP, Vantage: e.vantage})
		if err != nil {
			return err
		}
		dir := t.TempDir()
		report, err := readFile(t, file, dir, path, "-n", "-l", "-S", "-zxy")
		if err != nil {
			return err
		}
		if err := counted(packets, report); err != nil {
			return err
		}
		if !slices.Equal(connections(packets), traced(report)) || muddled(packets) {
			differs.Add(1)
			return nil
		}
		return drawn(tr, e.vantage, dir)
	})
	t.Logf("%d captures are other connections to tcptrace", differs.Load())
}

// connections are how many packets each connection has, in the order of their
// first.
func connections(packets []pcap.Packet) (counts []int) {
	index := map[int]int{}
	for _, p := range packets {
		i, ok := index[p.Segment.Conn]
		if !ok {
			i = len(counts)
			index[p.Segment.Conn] = i
			counts = append(counts, 0)
		}
		counts[i]++
	}
	return counts
}

// muddled reports that a side begins a connection with several numbers, as
// behind a SYN cookie, or is seen to begin with something else, or that its end
// is forged.
func muddled(packets []pcap.Packet) bool {
	type side struct {
		conn int
		from trace.Side
	}
	first, begun := map[side]uint32{}, map[side]bool{}
	for _, p := range packets {
		s := p.Segment
		k := side{s.Conn, s.From}
		isn, ok := first[k]
		switch {
		case s.Injected != "" && s.Flags.Has(wire.FIN):
			return true
		case s.Flags.Has(wire.SYN) && (ok && isn != s.RawSeq || !ok && begun[k]):
			return true
		case s.Flags.Has(wire.SYN):
			first[k] = s.RawSeq
		}
		begun[k] = true
	}
	return false
}

// traced are the same numbers from tcptrace's report.
func traced(report string) (counts []int) {
	for _, m := range totals.FindAllStringSubmatch(report, -1) {
		n, _ := strconv.Atoi(m[1])
		counts = append(counts, n)
	}
	return counts
}

func damaged(p pcap.Packet) bool { return p.Received && p.Segment.Damaged != nil }

var (
	seen   = regexp.MustCompile(`(\d+) packets seen, (\d+) TCP packets traced`)
	totals = regexp.MustCompile(`\n\ttotal packets: (\d+)`)
	sums   = regexp.MustCompile(`([A-Za-z][A-Za-z/ ]*): +(\d\S*)`)
)

// counted compares sums over all connections: tcptrace takes an incarnation
// that begins before the other has ended for the same one.
func counted(packets []pcap.Packet, report string) error {
	var total, syns, fins, resets, bytes int
	for _, p := range packets {
		s := p.Segment
		total++
		bytes += s.Len
		for _, c := range []struct {
			flag  wire.Flags
			count *int
		}{{wire.SYN, &syns}, {wire.FIN, &fins}, {wire.RST, &resets}} {
			if s.Flags.Has(c.flag) {
				*c.count++
			}
		}
	}
	if m := seen.FindStringSubmatch(report); m == nil || m[1] != fmt.Sprint(total) || m[2] != m[1] {
		return fmt.Errorf("%d packets, and tcptrace says %q", total, m)
	}
	got := map[string]int{}
	for _, m := range sums.FindAllStringSubmatch(report, -1) {
		var a, b int
		fmt.Sscanf(m[2], "%d/%d", &a, &b)
		got[m[1]] += a
		got[m[1]+" (second)"] += b
	}
	for name, want := range map[string]int{
		"resets sent": resets, "actual data bytes": bytes,
		"SYN/FIN pkts sent": syns, "SYN/FIN pkts sent (second)": fins,
	} {
		if got[name] != want {
			return fmt.Errorf("%s: %d, and tcptrace says %d", name, want, got[name])
		}
	}
	return nil
}

// drawn compares the graphs in a directory with ours.
func drawn(tr *trace.Trace, v pcap.Vantage, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*_tsg.xpl"))
	if err != nil {
		return err
	}
	var names, want []string
	for _, f := range files {
		names = append(names, filepath.Base(f))
	}
	for _, g := range xplot.Graphs(tr, v) {
		want = append(want, g.Name)
		theirs, err := os.ReadFile(filepath.Join(dir, g.Name))
		if err != nil {
			continue
		}
		var ours bytes.Buffer
		if err := xplot.Write(&ours, tr, g.Options); err != nil {
			return err
		}
		if line := firstDifference(plain(string(theirs)), plain(ours.String())); line != "" {
			return fmt.Errorf("%s, %s", g.Name, line)
		}
	}
	slices.Sort(want)
	if !slices.Equal(names, want) {
		return fmt.Errorf("graphs %v, and tcptrace makes %v", want, names)
	}
	return nil
}

// plain takes out the addresses of IPv6, for which tcptrace has a notation of
// its own, and the 3 above a third duplicate acknowledgement, which it counts
// otherwise where a FIN is sent again.
func plain(graph string) string {
	lines := strings.Split(graph, "\n")
	if len(lines) > 2 && lines[1] == "title" && strings.Contains(lines[2], "::") {
		lines[2] = ""
	}
	var left []string
	for i := 0; i < len(lines); i++ {
		if strings.HasPrefix(lines[i], "atext ") && i+1 < len(lines) && lines[i+1] == "3" {
			i++
			continue
		}
		left = append(left, lines[i])
	}
	return strings.Join(left, "\n")
}
