package labelled

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace/why"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// recording is what was recorded of one run of two Linux hosts, A and B.
type recording struct {
	Case     string
	Calls    []call
	Segments []segment
}

type call struct {
	T    float64
	Host string
	Sock string
	Call string
	Args []any
}

type segment struct {
	T        float64
	Arrived  *float64 `json:"t_rx"`
	From     string
	Conn     string // the ports, A's first: 40001>8080
	Flags    string
	Seq, Ack *int64
	Len      int
	Win      int
	Injected bool
}

// The ends of a recording.
var hosts = []string{"A", "B"}

// firstNumber is what the relative numbers of a host are counted from.
var firstNumber = map[string]int64{"A": 100000, "B": 900000}

// Kernel reads the recordings of a folder, and makes a capture of each at
// either host.
func Kernel(folder string) ([]Item, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var all []Item
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		var r recording
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		for _, host := range hosts {
			items, err := r.items(host)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f, err)
			}
			all = append(all, items...)
		}
	}
	return all, nil
}

// items are the first RSTs of each connection in the capture that a host would
// have made.
func (r *recording) items(host string) ([]Item, error) {
	file, passed := r.capture(host)
	var items []Item
	seen := map[string]bool{}
	for i, s := range passed {
		if !strings.Contains(s.Flags, "R") || seen[s.Conn] {
			continue
		}
		seen[s.Conn] = true
		l, err := r.label(s, host)
		if err != nil {
			return nil, err
		}
		items = append(items, Item{
			Name: fmt.Sprintf("%s at %s, %s", r.Case, host, s.Conn), File: file, Packet: i + 1, Labels: l.ids, Hidden: l.hidden,
		})
	}
	return items, nil
}

// passage is a segment at the instant at which it passes a host.
type passage struct {
	at float64
	*segment
}

// capture is what a host would have captured, as a pcap file of raw IP. What
// was put on the wire for it by somebody else it sees arrive, and what was put
// there in its name it does not see.
func (r *recording) capture(host string) ([]byte, []*segment) {
	var list []passage
	for i := range r.Segments {
		s := &r.Segments[i]
		switch {
		case !strings.Contains(s.Conn, ">") || !slices.Contains(hosts, s.From):
		case s.From == host && !s.Injected:
			list = append(list, passage{s.T, s})
		case s.From != host && s.Arrived != nil:
			list = append(list, passage{*s.Arrived, s})
		}
	}
	slices.SortStableFunc(list, func(a, b passage) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	var file bytes.Buffer
	le := binary.LittleEndian
	file.Write(le.AppendUint32(le.AppendUint32(le.AppendUint32(le.AppendUint32(
		le.AppendUint16(le.AppendUint16(le.AppendUint32(nil, 0xa1b2c3d4), 2), 4), 0), 0), 262144), 101))
	passed := make([]*segment, len(list))
	spoke := map[string]bool{}
	for i, p := range list {
		d := p.datagram(spoke[p.From+p.Conn])
		spoke[p.From+p.Conn] = true
		whole := int64(p.at)
		micro := int64((p.at - float64(whole)) * 1e6)
		n := uint32(len(d))
		file.Write(le.AppendUint32(le.AppendUint32(le.AppendUint32(le.AppendUint32(nil, uint32(1700000000+whole)), uint32(micro)), n), n))
		file.Write(d)
		passed[i] = p.segment
	}
	return file.Bytes(), passed
}

// datagram is the segment in IPv4 with TTL 64 and id zero: neither was
// recorded.
func (s *segment) datagram(spoke bool) []byte {
	other := map[string]string{"A": "B", "B": "A"}[s.From]
	address := map[string]byte{"A": 1, "B": 2}
	ports := strings.SplitN(s.Conn, ">", 2)
	from, to := ports[0], ports[1]
	if s.From == "B" {
		from, to = to, from
	}
	port := func(s string) uint16 {
		n, _ := strconv.ParseUint(s[strings.LastIndexByte(s, ':')+1:], 10, 16)
		return uint16(n)
	}
	var seq, ack int64
	if s.Seq != nil {
		seq = firstNumber[s.From] + *s.Seq
	}
	if s.Ack != nil {
		ack = firstNumber[other] + *s.Ack
	}
	flags := flagsOf(s.Flags)
	if flags.Has(wire.RST|wire.ACK) && !spoke && !s.Injected {
		seq = 0 // recorded relative to a number that the host has never had
	}
	be := binary.BigEndian
	d := []byte{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, address[s.From], 10, 0, 0, address[other]}
	d = be.AppendUint16(be.AppendUint16(d, port(from)), port(to))
	d = be.AppendUint32(be.AppendUint32(d, uint32(seq)), uint32(ack))
	d = append(d, 5<<4, byte(flags))
	d = be.AppendUint16(d, uint16(min(s.Win, 65535)))
	d = append(d, make([]byte, 4+s.Len)...)
	be.PutUint16(d[2:], uint16(len(d)))
	return d
}

func flagsOf(letters string) (f wire.Flags) {
	for letter, flag := range map[rune]wire.Flags{'F': wire.FIN, 'S': wire.SYN, 'R': wire.RST, 'P': wire.PSH, 'A': wire.ACK, 'U': wire.URG} {
		if strings.ContainsRune(letters, letter) {
			f |= flag
		}
	}
	return f
}

// verdict is the label of a RST.
type verdict struct {
	ids    []string
	hidden string
}

func because(ids ...string) verdict { return verdict{ids: ids} }

func (v verdict) butHidden(why string) verdict { v.hidden = why; return v }

const (
	lookalike = "the same segments as "
	notAtAll  = "a RST without anything else of its connection"

	probesLost = "the probes were lost before they came here"
)

// labels are by the beginning of the recording's name, and "@A" or "@B" where
// it matters who captured; the longest that fits counts. They say what the
// calls of the recording did, as Linux decides: unread data are looked at before
// SO_LINGER.
var labels = map[string]verdict{
	"01-": because(cause.PortNotListening),

	"02-": because(cause.LingerZero),
	"02-linger-zero-close--client-unread-data": because(cause.UnreadData),

	"03-": because(cause.UnreadData),
	"03-unread-data-close--data-in-flight-at-close": because(cause.DataAfterClose),
	"04-": because(cause.UnreadData),
	"05-": because(cause.UnreadData),
	"05-early-response-unread-body--body-arrives-after-close":      because(cause.DataAfterClose),
	"05-early-response-unread-body--body-sent-after-response-read": because(cause.DataAfterClose),
	"06-": because(cause.UnreadData),
	"08-": because(cause.DataAfterClose),
	"09-": because(cause.DataAfterClose),
	"09-data-after-close-unread--fin-wait2-unread-then-close": because(cause.UnreadData),

	"10-": because(cause.HostRebooted),
	"10-half-open-server-reboot--client-reboot-same-4tuple@A": because(cause.LingerZero),
	"10-half-open-server-reboot--client-reboot-same-4tuple@B": because(cause.SynSentBadAck),
	"10-half-open-server-reboot--ss-K":                        because(cause.Destroyed).butHidden(lookalike + "SO_LINGER zero"),

	"11-":                                   because(cause.ConnectionClosed),
	"11-half-open-silent-peer--recv@B":      because(cause.ConnectionClosed).butHidden("the retransmissions were lost before they came here: " + lookalike + "a reboot"),
	"12-":                                   because(cause.ConnectionClosed),
	"14-":                                   because(why.AcceptQueueFull, cause.ListenerGotAck),
	"15-":                                   because(cause.ListenerClosed),
	"16-":                                   because(cause.ConnectionClosed),
	"16-syn-to-two-ports--both-established": because(cause.LingerZero),
	"16-syn-to-two-ports--only-445-listens": because(cause.PortNotListening),
	"17-":                                   because(cause.ConnectionClosed),
	"17-connect-abort-during-handshake--reset-before-accept": because(cause.LingerZero),

	"18-time-wait-reuse--kernel-reconnect-no-listener":  because(cause.SynSentBadAck),
	"18-time-wait-reuse--raw-":                          because(cause.ConnectionClosed),
	"18-time-wait-reuse--raw-lower-seq-no-ts@B":         because(cause.ConnectionClosed).butHidden("a raw socket sent the SYN in the name of A: " + lookalike + "A that begins another connection"),
	"18-time-wait-reuse--raw-lower-seq-no-ts-rfc1337@B": because(cause.ConnectionClosed).butHidden("a raw socket sent the SYN in the name of A: " + lookalike + "A that begins another connection"),

	"19-":                              because(cause.ConnectionClosed),
	"19-time-wait-assassination--rst-": because(cause.Forged),

	"20-": because(cause.Forged),
	// The kernel of the other side answers what the cut-off host sends.
	"20-middlebox-forged-rst--exact-bad-ack@B":          because(cause.ConnectionClosed).butHidden("the RST went to A alone: " + lookalike + "a reboot"),
	"20-middlebox-forged-rst--exact-old-timestamp@B":    because(cause.ConnectionClosed).butHidden("the RST went to A alone: " + lookalike + "a reboot"),
	"20-middlebox-forged-rst--exact-rst-with-fin-syn@B": because(cause.ConnectionClosed).butHidden("the RST went to A alone: " + lookalike + "a reboot"),
	"20-middlebox-forged-rst--exact-to-A-only@B":        because(cause.ConnectionClosed).butHidden("the RST went to A alone: " + lookalike + "a reboot"),
	"20-middlebox-forged-rst--race-with-data@B":         because(cause.ConnectionClosed).butHidden("the RST went to A alone: " + lookalike + "a reboot"),

	"22-":                                  because(cause.ConnectionClosed),
	"22-fin-wait-2-timeout--late-data":     because(cause.ConnectionClosed).butHidden("tcp_fin_timeout was 5 s and not 60: " + lookalike + "data after close()"),
	"22-fin-wait-2-timeout--tcp-linger2":   because(cause.LingerTwo).butHidden(lookalikes[cause.LingerTwo]),
	"23-":                                  because(cause.UnreadData),
	"24-":                                  because(cause.DataAfterClose),
	"25-":                                  because(cause.KeepaliveTimeout),
	"25-keepalive-timeout--blocked-recv@B": because(cause.KeepaliveTimeout).butHidden(probesLost + ": " + lookalike + "SO_LINGER zero"),
	"26-tcp-user-timeout--keepalive":       because(cause.KeepaliveTimeout),
	"26-tcp-user-timeout--zero-window":     because(cause.ConnectionClosed),
	"27-":                                  because(cause.UnreadData),

	"28-stray-to-closed-port--":          because(cause.NoConnection),
	"28-stray-to-closed-port--syn@A":     because(cause.PortNotListening, cause.NoConnection).butHidden(notAtAll),
	"28-stray-to-closed-port--syn-ack@A": because(cause.NoConnection).butHidden(notAtAll),
	"28-stray-to-closed-port--syn":       because(cause.PortNotListening),
	"28-stray-to-closed-port--syn-ack":   because(cause.NoConnection),
	"28-stray-to-closed-port--@A":        because(cause.NoConnection).butHidden(notAtAll),
	"28-stray-to-closed-port--rst-ack":   because(cause.Forged).butHidden(notAtAll),
	"28-stray-to-listener--":             because(cause.ListenerGotAck).butHidden(lookalike + "a port that nobody listens on"),
	"28-stray-to-listener--rst":          because(cause.Forged).butHidden(notAtAll),

	"29-":                               because(cause.SynSentBadAck),
	"29-syn-sent-bad-ack--rst-ack-":     because(cause.Forged),
	"29-syn-sent-bad-ack--rst-ack-good": because(cause.Forged, why.Policy),
	"29-syn-sent-bad-ack--syn-rst":      because(cause.Forged),
	"29-syn-sent-bad-ack--syn-only":     because(cause.NoConnection),
	"29-syn-sent-bad-ack--syn-only@A":   because(cause.NoConnection).butHidden("a SYN that B has not sent came in its name: " + lookalike + "a connection that B has given up"),

	"30-": because(cause.LingerZero),
	"30-errno-after-rst--blocked-send-CLOSE_WAIT": because(cause.UnreadData),
	"30-errno-after-rst--CLOSE_WAIT-natural":      because(cause.DataAfterClose),
	"30-errno-after-rst--LAST_ACK-":               because(cause.Forged),
	"31-":                                         because(cause.UnreadData),
	"31-dup-close--linger0":                       because(cause.LingerZero),
	"31-process-exit--sigterm":                    because(cause.DataAfterClose),
	"31-process-exit--sigterm-unread":             because(cause.UnreadData),
}

// label finds the label of a RST, and holds it against what was recorded.
func (r *recording) label(s *segment, host string) (verdict, error) {
	if s.Injected != slices.Contains(r.named(host).ids, cause.Forged) {
		if s.Injected {
			return verdict{ids: []string{cause.Forged}}, nil
		}
		return verdict{}, fmt.Errorf("%s: nobody has forged the RST at %f s", r.Case, s.T)
	}
	v := r.named(host)
	if len(v.ids) == 0 {
		return v, fmt.Errorf("%s: no label", r.Case)
	}
	did := func(name string, arg any) bool {
		return slices.ContainsFunc(r.Calls, func(c call) bool {
			return strings.HasPrefix(c.Call, name) && c.T <= s.T+1e-3 && (c.Host == s.From || c.Host == "net") &&
				(arg == nil || len(c.Args) > 0 && c.Args[0] == arg)
		})
	}
	for _, id := range v.ids {
		needs := map[string]bool{
			cause.LingerZero: did("setsockopt", "SO_LINGER"), cause.LingerTwo: did("setsockopt", "TCP_LINGER2"),
			cause.KeepaliveTimeout: did("setsockopt", "SO_KEEPALIVE"), cause.HostRebooted: did("reboot", nil),
			cause.UnreadData: did("close", nil) || did("kill", nil) || did("exit", nil),
		}
		if ok, checked := needs[id]; checked && !ok {
			return v, fmt.Errorf("%s: labelled %s, which the calls before %f s do not show", r.Case, id, s.T)
		}
	}
	return v, nil
}

func (r *recording) named(host string) verdict {
	best := ""
	for key := range labels {
		name, at, _ := strings.Cut(key, "@")
		if strings.HasPrefix(r.Case, name) && (at == "" || at == host) && len(key) > len(best) {
			best = key
		}
	}
	return labels[best]
}
