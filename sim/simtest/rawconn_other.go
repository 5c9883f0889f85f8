//go:build !linux

package simtest

import (
	"errors"
	"fmt"
)

var errNoRaw = fmt.Errorf("simtest: a descriptor that stands in for a connection: %w", errors.ErrUnsupported)

func withOptions(bool, []option, func(fd uintptr)) ([]option, error) { return nil, errNoRaw }

func withUnread([]byte, streamState, func(fd uintptr) bool) (left int, done bool, err error) {
	return 0, false, errNoRaw
}

func withRoom(bool, func(fd uintptr) bool) (data []byte, done bool, err error) {
	return nil, false, errNoRaw
}
