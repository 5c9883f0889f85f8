package capture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Unread is what was not read, of one kind, although it may hold TCP.
type Unread struct {
	What    string // "ESP, encrypted", "EtherType 0x1234"
	Packets int
}

// String is "27 packets of ESP, encrypted".
func (u Unread) String() string {
	if u.Packets == 1 {
		return "1 packet of " + u.What
	}
	return fmt.Sprintf("%d packets of %s", u.Packets, u.What)
}

// Incomplete is the error of a capture of which a part is missing in what was
// read: because the file is damaged or cut short, or because packets stand
// behind headers that are not known.
type Incomplete struct {
	Damage error    // nil if the file is whole
	Unread []Unread // the most first
}

// Error is one line.
func (e *Incomplete) Error() string {
	var all []string
	if e.Damage != nil {
		all = append(all, e.Damage.Error())
	}
	if line := UnreadLine(e.Unread); line != "" {
		all = append(all, line)
	}
	return strings.Join(all, "; ")
}

// Unwrap gives the damage.
func (e *Incomplete) Unwrap() error { return e.Damage }

// UnreadLine is "not read: 27 packets of ESP, encrypted, 1 packet of MACsec,
// encrypted", or empty.
func UnreadLine(list []Unread) string {
	if len(list) == 0 {
		return ""
	}
	var all []string
	for _, u := range list {
		all = append(all, u.String())
	}
	return "not read: " + strings.Join(all, "; ")
}

const cutTCP = "TCP whose header the snapshot length cuts off"

// unreads counts by kind.
type unreads map[string]int

// maxUnread bounds the kinds, which a file of nonsense has without end.
const maxUnread = 64

func (u *unreads) add(kind string) {
	if *u == nil {
		*u = unreads{}
	}
	if _, ok := (*u)[kind]; !ok && len(*u) >= maxUnread {
		kind = "other kinds"
	}
	(*u)[kind]++
}

func (u unreads) list() []Unread {
	var all []Unread
	for what, n := range u {
		all = append(all, Unread{what, n})
	}
	slices.SortFunc(all, func(a, b Unread) int {
		return cmp.Or(cmp.Compare(b.Packets, a.Packets), cmp.Compare(a.What, b.What))
	})
	return all
}

// incomplete is the error of a scan with what it has not read, or nil.
func (s *scanner) incomplete(damage error) error {
	if s.source == nil || damage == nil && len(s.unread) == 0 {
		return damage
	}
	return &Incomplete{damage, s.unread.list()}
}
