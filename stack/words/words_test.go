package words_test

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/stack/words"
)

func TestThingsAreCounted(t *testing.T) {
	for _, tt := range []struct {
		n          int
		what, want string
	}{
		{0, "call", "0 calls"},
		{1, "call", "1 call"},
		{2, "call", "2 calls"},
		{1, "exit status", "1 exit status"},
		{2, "exit status", "2 exit statuses"},
	} {
		if got := words.Plural(tt.n, tt.what); got != tt.want {
			t.Errorf("%d of %q: %q, want %q", tt.n, tt.what, got, tt.want)
		}
	}
}

func TestAlternativesReadAsASentence(t *testing.T) {
	for _, tt := range []struct {
		names []string
		want  string
	}{
		{nil, "nothing"},
		{[]string{"a"}, "a"},
		{[]string{"a", "b"}, "a or b"},
		{[]string{"a", "b", "c"}, "a, b or c"},
	} {
		if got := words.Either(tt.names); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.names, got, tt.want)
		}
	}
}

func TestAValueIsQuotedOnOneLineAndNotTooLong(t *testing.T) {
	for text, want := range map[string]string{
		"a\nb":                  `"a\nb"`,
		strings.Repeat("é", 40): `"` + strings.Repeat("é", 40) + `"`,
		strings.Repeat("é", 41): `"` + strings.Repeat("é", 40) + `"...`,
	} {
		if got := words.Quote(text); got != want {
			t.Errorf("%q is quoted as %s", text, got)
		}
	}
}
