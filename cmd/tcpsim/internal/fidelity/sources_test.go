package fidelity_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/fidelity"
)

// sources is what stands in the lines of gVisor that reasons name.
var sources = map[string]string{
	"accept.go:465":    "acceptQueueIsFull()",
	"accept.go:489":    "pendingEndpoints) == e.acceptQueue.capacity-1",
	"connect.go:431":   "sendEmptyRaw(header.TCPFlagAck, h.iss+1, h.ackNum, h.rcvWnd)",
	"connect.go:731":   "bt.timeout *= 2",
	"endpoint.go:2424": "recentTSTime) < 1*time.Second",
	"rcv.go:308":       "e.tcpLingerTimeout, e.finWait2TimerExpired",
	"snd.go:865":       "nextTooBig = true",
	"snd.go:1026":      "zeroProbeJunk",
	"connect.go:292":   "header.TCPFlagRst",
	"connect.go:312":   "reinit(tcpMinTimeout)",
	"connect.go:497":   "acceptQueueIsFull()",
	"connect.go:1131":  "header.TCPFlagAck|header.TCPFlagRst",
	"connect.go:1478":  "finWait2TimerExpired()",
	"endpoint.go:1593": "SndBufUsed",
	"endpoint.go:1718": "selectWindowLocked",
	"endpoint.go:2558": "*tcpip.ErrPortInUse",
	"rcv.go:386":       "we do not apply this behavior when state is",
	"rcv.go:406":       "&tcpip.ErrConnectionAborted{}",
	"rcv.go:435":       "&tcpip.ErrConnectionAborted{}",
	"rcv.go:566":       "header.TCPFlagRst",
	"rcv.go:586":       "r.RcvNxt.LessThan(segSeq)",
	"rcv.go:590":       "does not contain an ACK",
	"snd.go:676":       "seg.xmitCount > s.maxRetries",
	"snd.go:918":       "FIN segments must be the final segment",
}

// TestReasonsNameLinesOfGvisor fails when another version of gVisor has moved
// what a reason points to.
func TestReasonsNameLinesOfGvisor(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "gvisor.dev/gvisor").Output()
	if err != nil {
		t.Skip("no go command to ask where gVisor's source is: ", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "pkg", "tcpip", "transport", "tcp")
	named := map[string]bool{}
	for id, text := range fidelity.Reasons() {
		for _, ref := range regexp.MustCompile(`\w+\.go:\d+`).FindAllString(text, -1) {
			named[ref] = true
			want, ok := sources[ref]
			if !ok {
				t.Errorf("reason %s names %s, of which this test does not know what stands there", id, ref)
				continue
			}
			if got := line(t, dir, ref); !strings.Contains(got, want) {
				t.Errorf("reason %s: %s is %q, without %q", id, ref, strings.TrimSpace(got), want)
			}
		}
	}
	for ref := range sources {
		if !named[ref] {
			t.Errorf("no reason names %s", ref)
		}
	}
}

func line(t *testing.T, dir, ref string) string {
	t.Helper()
	file, number, _ := strings.Cut(ref, ":")
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n, _ := strconv.Atoi(number)
	s := bufio.NewScanner(f)
	for i := 1; s.Scan(); i++ {
		if i == n {
			return s.Text()
		}
	}
	t.Fatalf("%s has no line %d", file, n)
	return ""
}
