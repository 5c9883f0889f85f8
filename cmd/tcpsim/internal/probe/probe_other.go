//go:build !linux

package probe

import (
	"context"
	"errors"
	"io"

	"github.com/tcpsim/tcpsim/stack/linux/kernel"
)

// On other systems the first check has already said no.

func ptraceChild() Check { return Check{} }
func execInTemp() Check  { return Check{} }

// Host says that this is not Linux.
func Host(context.Context, []string) []Check {
	return []Check{{Name: "Linux", Err: kernel.Platform()}}
}

// Inside has nothing to try.
func Inside(io.Writer) error { return errors.ErrUnsupported }
