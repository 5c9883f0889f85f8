package scenarios

import (
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
)

// Document is what claims of the catalogue are made in.
type Document struct {
	Mark  string // as claims cite it, such as [1]
	About string
}

// documents are articles on where resets come from.
var documents = []Document{
	{"[1]", "an article on unread receive buffers and `close()` as a proxy meets them, with RFC 2525"},
	{"[2]", "an exploration of RSTs under Linux: connection refused, broken pipe, connection reset by peer"},
	{"[3]", "a summary of situations in which a RST is sent"},
	{"[4]", "an article on why closing a connection sent no FIN"},
	{"[5]", "an article on where resets come from, from the handshake to firewalls"},
}

// Cited gives the documents that claims cite, in the order of their marks.
func Cited(claims []model.Claim) []Document {
	cited := slices.Clone(documents)
	return slices.DeleteFunc(cited, func(d Document) bool {
		return !slices.ContainsFunc(claims, func(c model.Claim) bool { return strings.Contains(c.Source, d.Mark) })
	})
}
