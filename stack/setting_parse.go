package stack

import (
	"strconv"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

type parser = func(string) (func(*Host) tcpip.Error, error)

func numbers(s string, count, low, high int) ([]int, error) {
	words := strings.Fields(s)
	if len(words) != count {
		return nil, strconv.ErrSyntax
	}
	n := make([]int, count)
	for i, w := range words {
		v, err := strconv.Atoi(w)
		if err != nil {
			return nil, err
		}
		if v < low || v > high {
			return nil, strconv.ErrRange
		}
		n[i] = v
	}
	return n, nil
}

func integer(low, high int, set func(*Host, int) tcpip.Error) parser {
	return func(s string) (func(*Host) tcpip.Error, error) {
		n, err := numbers(s, 1, low, high)
		if err != nil {
			return nil, err
		}
		return func(h *Host) tcpip.Error { return set(h, n[0]) }, nil
	}
}

func boolean(set func(*Host, bool) tcpip.Error) parser {
	return func(s string) (func(*Host) tcpip.Error, error) {
		switch s {
		case "0", "false":
			return func(h *Host) tcpip.Error { return set(h, false) }, nil
		case "1", "true":
			return func(h *Host) tcpip.Error { return set(h, true) }, nil
		}
		return nil, strconv.ErrSyntax
	}
}

func duration(low, high time.Duration, set func(*Host, time.Duration) tcpip.Error) parser {
	return func(s string) (func(*Host) tcpip.Error, error) {
		d, err := time.ParseDuration(s)
		if err != nil {
			return nil, err
		}
		if d < low || d > high {
			return nil, strconv.ErrRange
		}
		return func(h *Host) tcpip.Error { return set(h, d) }, nil
	}
}

func triple(set func(h *Host, low, def, high int) tcpip.Error) parser {
	return func(s string) (func(*Host) tcpip.Error, error) {
		n, err := numbers(s, 3, tcp.MinBufferSize, 1<<30)
		if err != nil {
			return nil, err
		}
		if n[0] > n[1] || n[1] > n[2] {
			return nil, strconv.ErrRange
		}
		return func(h *Host) tcpip.Error { return set(h, n[0], n[1], n[2]) }, nil
	}
}
