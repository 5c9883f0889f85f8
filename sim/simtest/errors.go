package simtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// sysError is what package net wraps when a system call fails.
func sysError(call string, e stack.Errno) error {
	if n, ok := e.System(); ok {
		return os.NewSyscallError(call, n)
	}
	return os.NewSyscallError(call, e)
}

// dialTimeout and dialCanceled are what package net makes of the errors of a
// context: values of its own types, which it hands out with a dial that never
// begins.
var dialTimeout, dialCanceled = unbegun(context.DeadlineExceeded), unbegun(context.Canceled)

func unbegun(of error) error {
	ctx, cancel := context.WithCancel(context.Background())
	if of == context.DeadlineExceeded {
		ctx, cancel = context.WithDeadline(ctx, time.Unix(1, 0))
	}
	cancel()
	_, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:1")
	var op *net.OpError
	if errors.As(err, &op) && errors.Is(op.Err, of) {
		return op.Err
	}
	return of
}

func ofContext(err error) error {
	switch err {
	case context.Canceled:
		return dialCanceled
	case context.DeadlineExceeded:
		return dialTimeout
	}
	return err
}

// errDown is what code on a machine gets that has lost power: on a real one it
// would get nothing any more. It is net.ErrClosed to those who ask, because
// that is what makes a server stop.
var errDown error = downError{}

// errKilled is what code gets that goes on after its process was killed.
var errKilled = fmt.Errorf("the process was killed: %w", net.ErrClosed)

type downError struct{}

func (downError) Error() string        { return "the host has lost power" }
func (downError) Is(target error) bool { return target == net.ErrClosed }
