package gallery

import (
	"fmt"
	"strings"
)

// prose writes Markdown of a scenario as it is, below a title.
func prose(b *strings.Builder, title, text string) {
	if text = strings.TrimSpace(text); text != "" {
		fmt.Fprintf(b, "%s%s\n\n", title, text)
	}
}

// line is text as part of a line: with its own line breaks, a list would end.
func line(text string) string { return strings.Join(strings.Fields(text), " ") }

// alt is text as the description of a picture.
func alt(text string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(line(text))
}

// cell is text as part of a table.
func cell(text string) string { return strings.ReplaceAll(line(text), "|", `\|`) }

func command(verb, name string) string { return fmt.Sprintf("`tcpsim %s %s`", verb, name) }

// details writes a long text that opens on a click.
func details(b *strings.Builder, title, language, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(b, "<details>\n<summary>%s</summary>\n\n%s%s\n%s\n%s\n\n</details>\n\n",
		title, fence, language, strings.TrimRight(text, "\n"), fence)
}
