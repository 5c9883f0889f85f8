package gallery

import (
	"fmt"
	"html"
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

// image shows the picture whose files begin with path, by what the page's
// reader prefers.
func image(b *strings.Builder, text, path string) {
	fmt.Fprintf(b, `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="%[1]s.dark.svg">
  <img alt="%[2]s" src="%[1]s.svg">
</picture>

`, path, html.EscapeString(line(text)))
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
