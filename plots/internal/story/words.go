package story

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ASCII replaces what the PDF backend garbles and the embedded fonts lack.
func ASCII(s string) string {
	clean := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return foreign.Replace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case r >= ' ' && r <= '~':
			return r
		case strings.ContainsRune("§–—‘’“”…→←×µ", r):
			return r
		}
		return '?'
	}, s))
}

var foreign = strings.NewReplacer(
	"§", "section ", "–", "-", "—", "-", "‘", "'", "’", "'", "“", `"`, "”", `"`,
	"…", "...", "→", "->", "←", "<-", "×", "x", "µ", "u",
)

// micro is the finest time that a picture shows. A timer fires a nanosecond
// after its deadline, which is an affair of the engine.
func micro(d time.Duration) time.Duration { return d.Round(time.Microsecond) }

// Clock prints an instant for the time gutter: milliseconds in the first
// second, then seconds with at least three digits.
func Clock(d time.Duration) string {
	d = micro(d)
	if d < time.Second {
		return decimal(int64(d/time.Microsecond), 3, 0) + " ms"
	}
	return decimal(int64(d/time.Microsecond), 6, 3) + " s"
}

// Span prints how long something takes: 200 ms, 60 s, 5 min, 2 h.
func Span(d time.Duration) string {
	d = micro(d)
	us := int64(d / time.Microsecond)
	switch {
	case d < time.Millisecond:
		return strconv.FormatInt(us, 10) + " us"
	case d < time.Second:
		return decimal(us, 3, 0) + " ms"
	case d < 2*time.Minute:
		return decimal(us, 6, 0) + " s"
	}
	d = d.Round(10 * time.Millisecond)
	var parts []string
	if h := d / time.Hour; h > 0 {
		parts = append(parts, fmt.Sprintf("%d h", h))
	}
	if m := d % time.Hour / time.Minute; m > 0 {
		parts = append(parts, fmt.Sprintf("%d min", m))
	}
	if s := d % time.Minute; s > 0 {
		parts = append(parts, decimal(int64(s/time.Microsecond), 6, 0)+" s")
	}
	return strings.Join(parts, " ")
}

// decimal prints n/10^digits without trailing zeros, but with least decimals.
func decimal(n int64, digits, least int) string {
	s := strconv.FormatInt(n, 10)
	for len(s) <= digits {
		s = "0" + s
	}
	whole, rest := s[:len(s)-digits], s[len(s)-digits:]
	for len(rest) > least && rest[len(rest)-1] == '0' {
		rest = rest[:len(rest)-1]
	}
	if rest == "" {
		return whole
	}
	return whole + "." + rest
}

// ranges prints numbers that ascend as #4-9 or #4-6,9.
func ranges(numbers []int) string {
	var b strings.Builder
	b.WriteByte('#')
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(numbers[i]))
		if j > i {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(numbers[j]))
		}
		i = j + 1
	}
	return b.String()
}

// source shortens where a cause stands: of the RFCs named there the one with
// the shortest name, without the word section and what is in brackets.
func source(s string) string {
	best := ""
	for part := range strings.SplitSeq(s, ";") {
		part = strings.TrimSpace(part)
		if i := strings.IndexByte(part, '('); i > 0 {
			part = strings.TrimSpace(part[:i])
		}
		part = strings.Replace(part, "section ", "", 1)
		if i := strings.IndexByte(part, ','); i > 0 {
			part = part[:i]
		}
		if strings.HasPrefix(part, "RFC") && (best == "" || len(part) < len(best)) {
			best = part
		}
	}
	return ASCII(best)
}
