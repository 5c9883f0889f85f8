package strace

import (
	"fmt"
	"net/netip"
	"strings"
)

// shown is how many bytes of a buffer strace prints.
const shown = 32

// quote prints bytes as strace does: printable ASCII as it is, the rest as C
// escapes, octal and as short as the next byte allows.
func quote(data []byte, more bool) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, c := range data {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case strings.IndexByte(escaped, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(letters[strings.IndexByte(escaped, c)])
		case c >= ' ' && c <= '~':
			b.WriteByte(c)
		case i+1 < len(data) && data[i+1] >= '0' && data[i+1] <= '7':
			fmt.Fprintf(&b, `\%03o`, c) // a shorter one would swallow the digit
		default:
			fmt.Fprintf(&b, `\%o`, c)
		}
	}
	b.WriteByte('"')
	if more {
		b.WriteString("...")
	}
	return b.String()
}

const (
	escaped = "\t\n\v\f\r"
	letters = "tnvfr"
)

// sockaddr prints an address with a port as the structure of the system call.
// One without an IP address is any.
func (p *printer) sockaddr(a netip.AddrPort) string {
	ip := a.Addr()
	switch {
	case !ip.IsValid() && p.ipv6:
		ip = netip.IPv6Unspecified()
	case !ip.IsValid():
		ip = netip.IPv4Unspecified()
	}
	if ip.Is4() {
		return fmt.Sprintf("{sa_family=AF_INET, sin_port=htons(%d), sin_addr=inet_addr(\"%s\")}", a.Port(), ip)
	}
	return fmt.Sprintf("{sa_family=AF_INET6, sin6_port=htons(%d), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"%s\", &sin6_addr), sin6_scope_id=0}",
		a.Port(), ip)
}

// sockaddrLen is the size of that structure.
func (p *printer) sockaddrLen() string {
	if p.ipv6 {
		return "28"
	}
	return "16"
}
