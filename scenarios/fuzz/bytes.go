package fuzz

import "bytes"

// stream is one direction's bytes as segments bring them: in any order, some
// twice.
type stream struct {
	data  []byte // without a gap, from the first byte on
	later []piece
	// clash is where a byte came twice and was not the same.
	clash   bool
	clashAt uint32
}

type piece struct {
	at   uint32
	data []byte
}

// farthest bounds what a stream keeps: a number beyond it is not a place in a
// stream but the sign of an unknown initial sequence number.
const farthest = 64 << 20

func (s *stream) put(at uint32, p []byte) {
	if len(p) == 0 || at > farthest {
		return
	}
	s.later = append(s.later, piece{at, p})
	for again := true; again; {
		again = false
		kept := s.later[:0]
		for _, q := range s.later {
			if int(q.at) > len(s.data) {
				kept = append(kept, q)
				continue
			}
			again = s.join(q) || again
		}
		s.later = kept
	}
}

// join adds a piece that touches what is there, and reports whether it brought
// anything new.
func (s *stream) join(q piece) bool {
	old := min(len(s.data)-int(q.at), len(q.data))
	if !s.clash && !bytes.Equal(s.data[q.at:int(q.at)+old], q.data[:old]) {
		s.clash, s.clashAt = true, q.at
	}
	s.data = append(s.data, q.data[old:]...)
	return old < len(q.data)
}

func (s *stream) len() int { return len(s.data) }
