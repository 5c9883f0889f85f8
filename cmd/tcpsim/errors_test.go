package main

import (
	"errors"
	"strings"
	"testing"
)

func TestErrorsArePrintedOnceALine(t *testing.T) {
	var b strings.Builder
	printError(&b, errors.Join(errors.New("first"), errors.Join(errors.New("second\nwith details\n"), errors.New("third"))))
	want := "tcpsim: first\ntcpsim: second\n  with details\ntcpsim: third\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
