package trace

import "strconv"

// quoteLimit is how many bytes of a payload are shown, as in strace.
const quoteLimit = 32

// Quote prints data as strace does: quoted, cut after 32 bytes.
func Quote(data []byte) string {
	if len(data) > quoteLimit {
		return strconv.Quote(string(data[:quoteLimit])) + "..."
	}
	return strconv.Quote(string(data))
}
