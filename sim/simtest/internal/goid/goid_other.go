//go:build !amd64 && !arm64

package goid

import (
	"bytes"
	"runtime"
	"strconv"
)

// current reads the goroutine's number off the first line of its stack:
// "goroutine 7 [running]:".
func current() uintptr {
	var buf [64]byte
	line := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	number, _, _ := bytes.Cut(line, []byte(" "))
	id, err := strconv.ParseUint(string(number), 10, 64)
	if err != nil {
		panic("goid: a stack that does not begin with its goroutine's number: " + string(line))
	}
	return uintptr(id)
}
