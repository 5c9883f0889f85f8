// Package diagram is the state diagram of TCP as a run may show it: the edges of
// figure 5 of RFC 9293, and those that gVisor takes besides, each with its
// reason. What reads a trace and asks whether a change of state may be, or has
// been seen, asks here.
//
//	for _, e := range diagram.Seen(tr) {
//		if !diagram.May(e) {
//			fmt.Println(e, "is no edge")
//		}
//	}
package diagram
