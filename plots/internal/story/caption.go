package story

import (
	"fmt"

	"github.com/tcpsim/tcpsim/sim/trace"
)

func caption(t *trace.Trace) string {
	c := fmt.Sprintf("seed %d", t.Seed)
	if text := t.LinkText(); text != "" {
		c += ", " + ASCII(text)
	}
	return c
}
