package simtest

import (
	"flag"
	"regexp"
	"runtime/debug"
	"strings"
)

// replay is the command that runs one test and nothing else, as a sentence.
func replay(name string) string {
	pattern := shell(exactly(name))
	command := "go test -count=1 -run " + pattern + packagePath()
	if strings.HasPrefix(name, "Fuzz") && fuzzing() {
		// The fuzzer calls every input by the name of the target, and writes
		// the one that fails to a file.
		target, rest, _ := strings.Cut(name, "/")
		with := shell(exactly(target) + "/^FILE$" + strings.TrimPrefix(exactly("/"+rest), "^$"))
		return "to repeat it: go test -count=1 -run " + with + packagePath() +
			", with FILE the name of the file in testdata/fuzz/" + target + " that go test says it has written"
	}
	return "to repeat it: " + command
}

// exactly is the pattern that matches one name.
func exactly(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// shell quotes a word for a shell.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// packagePath is the package of the test, with a blank before it, empty where
// the binary does not know it.
func packagePath() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || !strings.HasSuffix(info.Path, ".test") {
		return ""
	}
	return " " + strings.TrimSuffix(info.Path, ".test")
}

// setting is the value of a flag of go test, empty when it is not set.
func setting(name string) string {
	if f := flag.Lookup("test." + name); f != nil {
		return f.Value.String()
	}
	return ""
}

// fuzzing reports that inputs are being made, and not only those tried that
// there are.
func fuzzing() bool { return setting("fuzz") != "" || setting("fuzzworker") == "true" }

// below is the part of a -run pattern that is about the subtests of a test, at
// a depth of names: empty when there is none, and when the pattern has
// alternatives that make it hard to tell.
func below(pattern string, depth int) string {
	parts := []string{""}
	brackets, escaped := 0, false
	for _, c := range pattern {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '[' || c == '(':
			brackets++
		case c == ']' || c == ')':
			brackets--
		case c == '|' && brackets <= 0:
			return ""
		case c == '/' && brackets <= 0:
			parts = append(parts, "")
			continue
		}
		parts[len(parts)-1] += string(c)
	}
	if len(parts) <= depth {
		return ""
	}
	return "/" + strings.Join(parts[depth:], "/")
}
