package fidelity

import "testing"

func TestLongDataAreMadeUpAndNotCompared(t *testing.T) {
	for _, test := range []struct {
		text string
		n    int
		want string
	}{
		{"ping", -1, "ping"},
		{"ping", 2, "pi"},
		{"xxxx...<6 bytes>", -1, "xxxxxx"},
		{"GET /...<8 bytes>", -1, "GET /\x00\x00\x00"},
		{"...<3 bytes>", -1, "\x00\x00\x00"},
		{"not cut...", -1, "not cut..."},
		{"xxxx...<3 bytes>", -1, "xxxx...<3 bytes>"}, // shorter than what is shown of it
	} {
		if got := string(pattern(test.text, test.n)); got != test.want {
			t.Errorf("%q to %d bytes: %q, want %q", test.text, test.n, got, test.want)
		}
	}
	for _, test := range []struct {
		text, got string
		want      bool
	}{
		{"ping", "ping", true},
		{"ping", "pong", false},
		{"ping", "pin", false},
		{"xxxx...<6 bytes>", "xxxxxx", true},
		{"xxxx...<6 bytes>", "xxxxx", false},
		{"xxxx...<6 bytes>", "xxyxxx", false},
		{"GET /...<8 bytes>", "GET \x00\x00\x00\x00", true}, // a byte that nobody knows
	} {
		if got := fits(test.text, []byte(test.got)); got != test.want {
			t.Errorf("%q fits %q: %v", test.got, test.text, got)
		}
	}
}

func TestNumbersAreToldFromTheNearestInitialOne(t *testing.T) {
	b := bases{}
	ports := tuple{40001, 80}
	b.add(ports, 0, 4294967290) // close to the end of the number space
	b.add(ports, 0, 2000000000)
	for _, test := range []struct {
		raw  int64
		want number
	}{
		{4294967291, number{0, 1}},
		{4, number{0, 10}}, // wrapped
		{2000000005, number{1, 5}},
		{4294967280, number{0, -10}},
		{1000000000, number{0, 1000000006}},
	} {
		if got := b.of(ports, 0, test.raw); got != test.want {
			t.Errorf("%d: %+v, want %+v", test.raw, got, test.want)
		}
		if back := b.raw(ports, 0, test.want); uint32(back) != uint32(test.raw) {
			t.Errorf("%+v: back to %d, want %d", test.want, back, test.raw)
		}
	}
	if got := b.of(tuple{1, 2}, 1, 7); got != (number{0, 7}) {
		t.Errorf("without a SYN: %+v", got)
	}
}
