package fidelity

import (
	"bytes"
	"fmt"
	"strings"
)

// unknown stands for a byte that the recording does not say.
const unknown = 0

// pattern gives n bytes of data of which the recording keeps the beginning.
// One and the same character up to where it is cut goes on; otherwise the rest
// is unknown.
func pattern(text string, n int) []byte {
	known, count, cut := abbreviated(text)
	if !cut {
		count = len(known)
	}
	if n < 0 {
		n = count
	}
	data := append(make([]byte, 0, n), known[:min(len(known), n)]...)
	fill := byte(unknown)
	if cut && len(known) > 0 && strings.Count(known, known[:1]) == len(known) {
		fill = known[0]
	}
	return append(data, bytes.Repeat([]byte{fill}, n-len(data))...)
}

// abbreviated reads abc...<500 bytes>.
func abbreviated(text string) (known string, count int, cut bool) {
	i := strings.LastIndex(text, "...<")
	if i < 0 {
		return text, len(text), false
	}
	if _, err := fmt.Sscanf(text[i:], "...<%d bytes>", &count); err != nil || count < i {
		return text, len(text), false
	}
	return text[:i], count, true
}

// fits reports whether data is what the recording shows, as far as it shows
// it.
func fits(text string, data []byte) bool {
	known, count, cut := abbreviated(text)
	if cut && count != len(data) || !cut && len(known) != len(data) {
		return false
	}
	for i := range len(known) {
		if data[i] != unknown && data[i] != known[i] {
			return false
		}
	}
	return true
}
