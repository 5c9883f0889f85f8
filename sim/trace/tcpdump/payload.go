package tcpdump

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/stack/wire"
)

// protocol is one whose first line tcpdump shows, on its ports.
type protocol struct {
	name     string
	ports    []uint16
	commands []string // the line is shown only where it begins with one; nil is any line
}

var protocols = []protocol{
	{"SMTP", []uint16{25}, nil},
	{"WHOIS", []uint16{43}, nil},
	{"FTP", []uint16{21}, nil},
	{"HTTP", []uint16{80, 8080}, methods},
}

// methods are those of HTTP and WebDAV that tcpdump knows (not PATCH).
var methods = []string{
	"GET", "PUT", "COPY", "HEAD", "LOCK", "MOVE", "POLL", "POST",
	"BCOPY", "BMOVE", "LABEL", "MERGE", "MKCOL", "TRACE",
	"DELETE", "REPORT", "SEARCH", "UNLOCK", "UPDATE",
	"BDELETE", "CHECKIN", "CONNECT", "NOTIFY", "OPTIONS",
	"CHECKOUT", "PROPFIND", "BPROPFIND", "PROPPATCH", "SUBSCRIBE",
	"BPROPPATCH", "MKACTIVITY", "UNCHECKOUT", "MKWORKSPACE", "UNSUBSCRIBE",
	"VERSION-CONTROL", "BASELINE-CONTROL",
}

// payload is what follows the length: the name of a protocol that is known by
// its port, and the first line of the data if it looks like text.
func payload(s *wire.Segment) string {
	if len(s.Payload) == 0 {
		return ""
	}
	for _, p := range protocols {
		if !slices.Contains(p.ports, s.Src.Port()) && !slices.Contains(p.ports, s.Dst.Port()) {
			continue
		}
		line, cut, ok := firstLine(s.Payload)
		if !ok || !p.shows(line) {
			return ": " + p.name
		}
		if cut {
			line += " [|" + strings.ToLower(p.name) + "]"
		}
		return ": " + p.name + ": " + line
	}
	return ""
}

// firstLine is the first line of data, and whether data ends before it does.
// ok is false when the line has bytes that are not printable ASCII.
func firstLine(data []byte) (line string, cut, ok bool) {
	end := bytes.IndexByte(data, '\n')
	if cut = end < 0; cut {
		end = len(data)
	} else if end > 0 && data[end-1] == '\r' {
		end--
	}
	for _, c := range data[:end] {
		if c != '\t' && (c < ' ' || c > '~') {
			return "", false, false
		}
	}
	return string(data[:end]), cut, true
}

// shows reports whether a line is a request or a response: it begins with a
// command, or has a number of three digits as its second word.
func (p *protocol) shows(line string) bool {
	if p.commands == nil {
		return true
	}
	first, rest := word(line)
	for _, c := range p.commands {
		if strings.EqualFold(c, first) {
			return true
		}
	}
	number, _ := word(strings.TrimLeft(rest, " "))
	return first != "" && len(number) == 3 && strings.Trim(number, "0123456789") == ""
}

// word cuts the first word off a line. It ends at a tab as well, but only
// spaces may stand before the next.
func word(line string) (first, rest string) {
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		return line[:i], line[i:]
	}
	return line, ""
}
