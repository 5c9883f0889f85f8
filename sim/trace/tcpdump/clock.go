package tcpdump

import (
	"fmt"
	"time"
)

// Time is how a line begins.
type Time uint8

// The forms of time, with the switches of tcpdump that choose them.
const (
	TimeOfDay Time = iota // 00:00:01.500000
	NoTime                // -t
	Epoch                 // -tt: seconds since 1970
	Delta                 // -ttt: since the line before
	Date                  // -tttt: 2000-01-01 00:00:01.500000
	Since                 // -ttttt: since the first line
)

// clock prints the times of one capture. tcpdump reads microseconds, also
// where the file has nanoseconds, and forgets the rest before it subtracts.
type clock struct {
	form        Time
	begun       bool
	first, last time.Time
}

func (c *clock) stamp(at time.Time) string {
	at = at.Truncate(time.Microsecond)
	if !c.begun {
		c.begun, c.first, c.last = true, at, at
	}
	since := c.last
	c.last = at
	switch c.form {
	case NoTime:
		return ""
	case Epoch:
		return fmt.Sprintf("%d.%06d ", at.Unix(), at.Nanosecond()/1000)
	case Delta:
		return span(at.Sub(since))
	case Date:
		return at.Format("2006-01-02 15:04:05.000000 ")
	case Since:
		return span(at.Sub(c.first))
	}
	return at.Format("15:04:05.000000 ")
}

// span prints a duration as a time of day, which it is to tcpdump: after a day
// the hours begin again.
func span(d time.Duration) string {
	s := d / time.Second
	return fmt.Sprintf(" %02d:%02d:%02d.%06d ", s/3600%24, s/60%60, s%60, d%time.Second/time.Microsecond)
}
