package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/stack/words"
)

// stamp is how the instants of a capture are printed.
const stamp = "2006-01-02 15:04:05.000000"

// reportLines say what was read and what was not.
func reportLines(name string, r *capture.Report) []string {
	format := r.Format
	if r.Compressed != "" {
		format += ", " + r.Compressed
	}
	k := &r.Conn
	lines := []string{
		fmt.Sprintf("%s: %s, %s, %s", name, format, words.Plural(r.Counts.Packets, "packet"), words.Plural(r.Conns, "connection")),
		fmt.Sprintf("  connection %d (%s): %s > %s, %s", k.Number, r.Why, k.Addr[trace.Client], k.Addr[trace.Server], ended(k)),
		fmt.Sprintf("  %s from %s UTC on%s", words.Plural(r.Counts.Kept, "segment"), r.Start.UTC().Format(stamp), notes(r)),
		"  captured " + where(r),
	}
	if tunnels := tunnels(r.Behind); tunnels != "" {
		lines = append(lines, "  behind "+tunnels)
	}
	for side, missing := range k.Missing {
		if missing {
			lines = append(lines, fmt.Sprintf("  half of it is missing: nothing that the %s sent was read, and what is said of it is a guess", trace.Side(side)))
		}
	}
	if skipped := skipped(&r.Counts); skipped != "" {
		lines = append(lines, "  skipped: "+skipped)
	}
	return lines
}

// mostTunnels is how many ways in which segments came are listed.
const mostTunnels = 4

// tunnels lists the headers that segments came behind, where they are more than
// those of a link.
func tunnels(behind []string) string {
	var all []string
	for _, headers := range behind {
		if strings.Contains(headers, ", ") && len(all) < mostTunnels {
			all = append(all, headers)
		}
	}
	return strings.Join(all, "; ")
}

// ended is how a connection ended, and by whom.
func ended(k *capture.Summary) string {
	end := string(k.End)
	if k.End == capture.Reset || k.End == capture.Refused {
		end = fmt.Sprintf("%s by the %s", k.End, k.ResetBy)
	}
	for side, missing := range k.Missing {
		if missing {
			end += fmt.Sprintf(" (the %s's half is missing)", trace.Side(side))
		}
	}
	return end
}

// notes are what is odd about some of the segments.
func notes(r *capture.Report) string {
	var all []string
	for _, n := range []struct {
		count int
		what  string
	}{
		{r.Counts.Whole, "put together from fragments"},
		{r.Counts.Cut, "with payload cut off"},
		{r.Counts.Changed, "with another IP header"},
		{r.Counts.Untimed, "without a time"},
	} {
		if n.count > 0 {
			all = append(all, fmt.Sprintf("%d of them %s", n.count, n.what))
		}
	}
	return strings.Join(append([]string{""}, all...), "; ")
}

// where says where the capture was made.
func where(r *capture.Report) string {
	round := func(d time.Duration) time.Duration { return d.Round(time.Microsecond) }
	switch r.Vantage {
	case capture.AtClient, capture.AtServer:
		far := trace.Server
		if r.Vantage == capture.AtServer {
			far = trace.Client
		}
		return fmt.Sprintf("at the %s; the shortest round trip to the %s took %v", far.Peer(), far, round(r.RTT[far]))
	case capture.Between:
		return fmt.Sprintf("between the hosts; the shortest round trips took %v to the client and %v to the server",
			round(r.RTT[trace.Client]), round(r.RTT[trace.Server]))
	case capture.AtBoth:
		return fmt.Sprintf("at both hosts; the server's clock is corrected by %v", round(r.Skew))
	case capture.Wire:
		return fmt.Sprintf("of all that is sent; the shortest way took %v", round(r.RTT[trace.Server]))
	}
	return "at a point that is not known"
}

// skipped are the packets of which there is no segment in the trace.
func skipped(c *capture.Counts) string {
	var all []string
	for _, n := range []struct {
		count int
		what  string
	}{
		{c.OtherConns, "of other connections"},
		{c.Again, "seen twice"},
		{c.OverLimit, "beyond the limits"},
		{c.NotTCP, "not TCP"},
		{c.NotIP, "not IP"},
		{c.Fragments, "fragments of which others are missing"},
		{c.Malformed, "malformed"},
		{c.Unread, "not read"},
	} {
		if n.count > 0 {
			all = append(all, fmt.Sprintf("%d %s", n.count, n.what))
		}
	}
	return strings.Join(all, ", ")
}

// mostResets is how many RSTs are explained one by one.
const mostResets = 10

// explainResets says why each RST was sent.
func explainResets(w io.Writer, t *trace.Trace) {
	n := 0
	for i := range t.Segments {
		s := &t.Segments[i]
		if s.Cause == nil {
			continue
		}
		if n++; n <= mostResets {
			fmt.Fprintf(w, "  RST #%d from the %s: %s: %s\n", s.Number, s.From, s.Cause.Label(), s.Cause.Text)
		}
	}
	if n > mostResets {
		fmt.Fprintf(w, "  and %s, which the trace explains\n", words.Plural(n-mostResets, "more RST"))
	}
}

// writeSummaries lists connections for people.
func writeSummaries(w io.Writer, list []capture.Summary) {
	t := table{head: []string{"conn", "client", "server", "segments", "bytes", "begins (UTC)", "seconds", "end"}}
	t.right(0, 3, 4, 6)
	for i := range list {
		k := &list[i]
		t.add(strconv.Itoa(k.Number), k.Addr[trace.Client].String(), k.Addr[trace.Server].String(),
			fmt.Sprintf("%d+%d", k.Segments[0], k.Segments[1]), fmt.Sprintf("%d+%d", k.Bytes[0], k.Bytes[1]),
			k.First.UTC().Format(stamp), fmt.Sprintf("%.6f", k.Last.Sub(k.First).Seconds()), ended(k))
	}
	t.write(w)
}

// connection is one as tcpsim import --list --json shows it.
type connection struct {
	Number  int      `json:"conn"`
	Client  endpoint `json:"client"`
	Server  endpoint `json:"server"`
	Begun   bool     `json:"syn_seen"`
	First   string   `json:"first"` // RFC 3339, UTC
	Last    string   `json:"last"`
	End     string   `json:"end"`
	ResetBy string   `json:"reset_by,omitempty"`
	Missing string   `json:"missing,omitempty"` // the side of which nothing was read although it has sent something
}

type endpoint struct {
	Addr     string `json:"addr"`
	Segments int    `json:"segments"`
	Bytes    int64  `json:"bytes"`
	Flags    string `json:"flags"` // all that it sent, in tcpdump's letters
}

func listed(list []capture.Summary) []connection {
	all := []connection{}
	for i := range list {
		k := &list[i]
		end := func(s trace.Side) endpoint {
			return endpoint{k.Addr[s].String(), k.Segments[s], k.Bytes[s], k.Flags[s].String()}
		}
		c := connection{
			Number: k.Number, Client: end(trace.Client), Server: end(trace.Server), Begun: k.Begun,
			First: k.First.UTC().Format(time.RFC3339Nano), Last: k.Last.UTC().Format(time.RFC3339Nano), End: string(k.End),
		}
		if k.End == capture.Reset || k.End == capture.Refused {
			c.ResetBy = k.ResetBy.String()
		}
		for side, missing := range k.Missing {
			if missing {
				c.Missing = trace.Side(side).String()
			}
		}
		all = append(all, c)
	}
	return all
}
