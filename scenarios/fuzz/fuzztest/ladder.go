package fuzztest

import (
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
)

func ladder(tr *trace.Trace) string {
	var b strings.Builder
	// Writing to memory cannot fail.
	_ = tr.WriteText(&b, trace.Style{})
	return b.String()
}
