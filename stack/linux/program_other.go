//go:build !linux

package linux

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/tcpsim/tcpsim/stack/linux/kernel"
)

// No kernel runs elsewhere.
type program struct{}

func start(context.Context, Options) (*program, *os.File, error) {
	return nil, nil, errors.Join(kernel.Platform(), errors.ErrUnsupported)
}

func (*program) end(time.Duration) string { return "" }

func isBroken(error) bool { return false }
