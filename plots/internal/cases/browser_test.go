//go:build unix

package cases_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/plots/internal/layout"
	"github.com/tcpsim/tcpsim/scenarios"
)

// page is an HTML page with pictures.
const page = `<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<style>body{margin:0}img{display:block;width:720px}</style>
%s`

// TestABrowserFollowsThePreferredTheme compares what a browser shows of a
// picture for light and dark pages with the picture's own marks, in either.
func TestABrowserFollowsThePreferredTheme(t *testing.T) {
	tool, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs chromium")
	}
	dir := t.TempDir()
	cases := picturedCases(t, 4)
	for i := 0; i < len(cases); i += len(cases)/3 + 1 {
		c := cases[i]
		for _, k := range bothKinds {
			if i > 0 && k == plots.Sequence && !*all {
				continue // a browser takes two seconds to start
			}
			name := fmt.Sprintf("%d.%s", i, k)
			writeFile(t, dir, name+".svg", c.draw(t, plots.Options{Kind: k}))
			p := c.layout(k)
			at := writeFile(t, dir, name+".html", fmt.Appendf(nil, page, fmt.Sprintf("<img src=%q alt=\"\">", name+".svg")))
			for _, theme := range []plots.Theme{plots.Light, plots.Dark} {
				shot := filepath.Join(dir, fmt.Sprintf("%s.%s.png", name, theme))
				size := pixels(p, 1)
				chromium(t, tool, theme, fmt.Sprintf("--window-size=%d,%d", size.X, size.Y+40), "--screenshot="+shot, at)
				b := newBitmap(readPNG(t, shot))
				if b.Rect.Dx() != size.X || b.Rect.Dy() < size.Y {
					t.Errorf("%s: the browser's window is %v, want room for %v", c.FullName(), b.Rect, size)
					continue
				}
				o := plots.Options{Kind: k, Theme: theme}
				checkShown(t, o, p, b, 1)
				if k == plots.Ladder {
					for _, f := range colourless(c.trace, b, theme) {
						t.Errorf("%s, %s: %s", c.FullName(), theme, f)
					}
				}
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

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
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

// pointing is a page with an SVG in it. Its script points at the target of each
// group, in several places: others may cross it.
const pointing = `<!doctype html><meta charset="utf-8"><style>body{margin:0}svg{display:block;width:720px}</style>
%s<p id="met"></p>
<script>onload = () => {
  const missed = [], groups = [...document.querySelectorAll("g[id]")]
  for (const g of groups) {
    const target = g.querySelector("path.t"), length = target.getTotalLength()
    let met = false
    for (let i = 1; i < 20; i++) {
      const p = target.getPointAtLength(length * i / 20).matrixTransform(target.getScreenCTM())
      const e = document.elementFromPoint(p.x, p.y)
      met ||= e !== null && e.closest("g[id]") === g && g.firstElementChild.tagName === "title"
    }
    if (!met) missed.push(g.id)
  }
  document.getElementById("met").textContent = "groups=" + groups.length + " missed=" + missed.join(",") + ";"
}</script>
`

// TestPointingAtAMarkMeetsItsGroup: nothing may lie above what shows the titles.
func TestPointingAtAMarkMeetsItsGroup(t *testing.T) {
	tool, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs chromium")
	}
	f, err := scenarios.FindFile("unread-data")
	if err != nil {
		t.Fatal(err)
	}
	res, err := scenarios.Run(&f.Base, scenarios.Options{NoCheck: true})
	if err != nil {
		t.Fatal(err)
	}
	c := pictured{&f.Base, res.Trace}
	groups := 0
	for _, g := range c.layout(plots.Ladder).Groups {
		if g.Kind != layout.Frame {
			groups++
		}
	}
	at := writeFile(t, t.TempDir(), "page.html", fmt.Appendf(nil, pointing, c.draw(t, plots.Options{})))
	got := regexp.MustCompile(`groups=\d+ missed=[^;<]*;`).Find(chromium(t, tool, plots.Light, "--window-size=720,2000", "--dump-dom", at))
	if want := fmt.Sprintf("groups=%d missed=;", groups); string(got) != want {
		t.Errorf("the browser says %q, want %q", got, want)
	}
}
