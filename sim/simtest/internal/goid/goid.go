// Package goid tells goroutines apart: calls that one of them has made keep
// their order, and which came first among those of several is chance.
package goid

// Current identifies the calling goroutine among those that are alive. What it
// gives is compared and never followed: another goroutine may get it later.
func Current() uintptr { return current() }
