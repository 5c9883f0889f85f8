// Package diff compares two recorded runs by what happened, and finds where
// they first differ.
//
//	d := diff.Compare(a, b, diff.Options{})
//	if !d.Same() {
//		d.Write(os.Stdout)
//	}
//
// What happened is read from each host's point of view, and from the link's:
// the calls of its processes, the segments that it sent and received, its
// changes of state, its timers. In which order two hosts did something that
// neither could know of is no difference, and by itself neither is the time: a
// slower link does not change what happens. Sequence numbers are relative, and
// addresses and the client's ephemeral port are replaced by the names of the
// hosts, so that runs with two seeds can be compared.
//
// A capture of real traffic has no calls, and its states are inferred. What it
// can be compared by are the segments that each host sends, see
// [Options.Segments].
package diff
