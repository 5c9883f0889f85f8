package link

import (
	"errors"
	"regexp"
	"strconv"
)

// RatePattern is what ParseRate reads, as a regular expression.
const RatePattern = "^([1-9][0-9]{0,8})(bit|kbit|mbit|gbit)$"

var rates = regexp.MustCompile(RatePattern)

var rateUnits = []struct {
	name string
	size int64
}{{"gbit", 1e9}, {"mbit", 1e6}, {"kbit", 1e3}, {"bit", 1}}

// ParseRate reads a rate as tc writes it, such as 512kbit: bits per second.
func ParseRate(text string) (int64, error) {
	m := rates.FindStringSubmatch(text)
	if m == nil {
		return 0, errors.New("want a rate above zero such as 512kbit or 10mbit")
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	for _, u := range rateUnits {
		if m[2] == u.name {
			n *= u.size
		}
	}
	return n, err
}

// FormatRate writes a rate in the largest unit that divides it.
func FormatRate(rate int64) string {
	i := 0
	for rate%rateUnits[i].size != 0 {
		i++
	}
	return strconv.FormatInt(rate/rateUnits[i].size, 10) + rateUnits[i].name
}
