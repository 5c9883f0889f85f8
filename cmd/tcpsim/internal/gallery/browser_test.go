//go:build unix

package gallery_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/gallery"
	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/scenarios"
)

// page is an HTML page with pictures. Its script writes what the browser made
// of them, for --dump-dom to print.
const page = `<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<style>body{margin:0}img{display:block;width:720px}</style>
%s<p id="seen"></p>
<script>onload = () => {
  const all = [...document.images]
  const bad = all.filter(i => !i.complete || i.naturalWidth === 0 || i.naturalHeight === 0)
  document.getElementById("seen").textContent = "dark=" + matchMedia("(prefers-color-scheme:dark)").matches +
    " images=" + all.length + " dark-images=" + all.filter(i => i.currentSrc.endsWith(".dark.svg")).length +
    " bad=" + bad.map(i => i.currentSrc).join(",") + ";"
}</script>
`

var (
	seen     = regexp.MustCompile(`dark=\w+ images=\d+ dark-images=\d+ bad=[^;<]*;`)
	pictures = regexp.MustCompile(`(?s)<picture>.*?</picture>`)
)

// perPage is how many pictures a page has. A browser takes some 50 ms for each.
const perPage = 150

// TestABrowserShowsEveryPicture writes a gallery and opens the pictures of its
// pages in Chromium, with the very elements of the pages: for a reader who
// prefers light pages, and for one who prefers dark ones.
func TestABrowserShowsEveryPicture(t *testing.T) {
	tool, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs chromium")
	}
	dir := t.TempDir()
	o := gallery.Options{Pictures: gallery.Base, Files: scenarios.Catalogue()}
	if *all {
		o.Pictures = gallery.All
	} else {
		o.Files = o.Files[:min(perPage/10, len(o.Files))]
	}
	generate(t, dir, o)
	var images []string
	for _, f := range o.Files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name+".md"))
		if err != nil {
			t.Fatal(err)
		}
		found := pictures.FindAllString(string(b), -1)
		if len(found) == 0 {
			t.Errorf("the page of %s has no picture", f.Name)
		}
		images = append(images, found...)
	}
	n := 0
	for list := range slices.Chunk(images, perPage) {
		n++
		at := writeFile(t, dir, fmt.Sprintf("%d.html", n), fmt.Appendf(nil, page, strings.Join(list, "\n")))
		for _, theme := range []plots.Theme{plots.Light, plots.Dark} {
			dark := 0
			if theme == plots.Dark {
				dark = len(list)
			}
			want := fmt.Sprintf("dark=%v images=%d dark-images=%d bad=;", dark > 0, len(list), dark)
			if got := seen.Find(chromium(t, tool, theme, "--dump-dom", at)); string(got) != want {
				t.Errorf("of page %d the browser says %q, want %q", n, got, want)
			}
		}
	}
}

func writeFile(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// chromium runs a headless browser with a profile of its own and gives what it
// prints. The browser is many processes; they are one group, so that none
// outlives a test that gives up on it.
func chromium(t *testing.T, tool string, theme plots.Theme, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	prefers := map[plots.Theme]string{plots.Dark: "0", plots.Light: "1"}[theme]
	cmd := exec.CommandContext(ctx, tool, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-breakpad",
		"--hide-scrollbars", "--force-device-scale-factor=1", "--blink-settings=preferredColorScheme=" + prefers,
		"--user-data-dir=" + t.TempDir(),
	}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = kill
	cmd.WaitDelay = 5 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if cmd.Process != nil {
		_ = kill() // whatever it left; there is nothing to do if it left nothing
	}
	if err != nil {
		t.Fatalf("chromium: %v\n%s", err, errs.Bytes())
	}
	return out.Bytes()
}
