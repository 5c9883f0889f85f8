//go:build amd64 || arm64

package goid

// current is the address of the runtime's record of the goroutine. To print a
// goroutine's number instead, as runtime.Stack does, takes twenty microseconds
// at the depth of an HTTP client, and would be done for every Write.
func current() uintptr
