package simtest_test

import (
	"errors"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim/simtest"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// A test of one's own ends a connection where it wants to, and the trace says
// that it was the test.
func TestEndAConnection(t *testing.T) {
	for ending, want := range map[simtest.Ending]string{
		simtest.FIN: "EOF", simtest.Reset: "connection reset by peer", simtest.Reboot: "connection reset by peer",
		simtest.Silence: "i/o timeout",
	} {
		t.Run(string(ending), func(t *testing.T) {
			bubble(t, simtest.Config{}, func(t *testing.T, nw *simtest.Network) {
				c, s := pair(t, nw)
				io.WriteString(c, "question")
				time.Sleep(time.Second)
				if n, err := s.Read(make([]byte, 10)); n != 8 || err != nil {
					t.Fatal(n, err)
				}
				if err := s.End(ending); err != nil {
					t.Fatal(err)
				}
				io.WriteString(c, "another")
				if got := hear(c); got != want {
					t.Errorf("the client heard %q, want %q", got, want)
				}
				if err := s.End(ending); !errors.Is(err, net.ErrClosed) {
					t.Errorf("a second end: %v", err)
				}
				if err := c.End("no-such"); err == nil || !strings.Contains(err.Error(), "graceful-close") {
					t.Errorf("an ending that there is not: %v", err)
				}
				marked := false
				for _, n := range nw.Trace().Notes {
					marked = marked || n.Kind == trace.NoteEnding && n.Host == trace.Server && strings.Contains(n.Text, string(ending))
				}
				if !marked {
					t.Error("the trace does not say so")
				}
			})
		})
	}
}

// With AtOnce every connection of the side ends with the one that is chosen.
func TestAllConnectionsAtOnce(t *testing.T) {
	for _, all := range []bool{false, true} {
		e := simtest.Endings{Nth: 2, After: []int{2}, AtOnce: all, Endings: []simtest.Ending{simtest.FIN, simtest.Reset, simtest.Silence}}
		simtest.EveryEnding(t, e, func(t *testing.T, nw *simtest.Network) {
			l, err := nw.Server.Listen("tcp", ":80")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			var clients, servers [2]net.Conn
			for i := range clients {
				if clients[i], err = nw.Client.Dial("tcp", "server:80"); err != nil {
					t.Fatal(err)
				}
				if servers[i], err = l.Accept(); err != nil {
					t.Fatal(err)
				}
				defer clients[i].Close()
				defer servers[i].Close()
			}
			io.WriteString(servers[1], "four")
			time.Sleep(time.Second)
			io.WriteString(servers[0], "four")
			clients[0].SetDeadline(time.Now().Add(time.Second))
			n, err := io.ReadFull(clients[0], make([]byte, 4))
			undisturbed := strings.HasSuffix(t.Name(), "undisturbed") || strings.Contains(t.Name(), "undisturbed#")
			if whole := undisturbed || !all; whole != (n == 4 && err == nil) {
				t.Errorf("the other connection gave %d bytes and %v", n, err)
			}
		})
	}
}

// A failing test says at a glance which endings failed where, and how.
func TestAFailureHasAMatrix(t *testing.T) {
	output, _ := again(t, "leak", "^TestPlanted$")
	var rows []string
	for line := range strings.Lines(output) {
		switch fields := strings.Fields(line); {
		case len(fields) == 4 && (fields[0] == "graceful-close" || fields[0] == "linger-zero"), len(fields) == 3 && fields[0] == "after_0_bytes":
			rows = append(rows, strings.Join(fields, " "))
		}
	}
	want := []string{"after_0_bytes after_5_bytes after_10_bytes", "graceful-close ok ok ok", "linger-zero ok leak ok"}
	if strings.Join(rows, "\n") != strings.Join(want, "\n") {
		t.Errorf("the matrix is %q, want %q", rows, want)
	}
}

// A test that imports this package takes in neither pictures nor the command
// line, nor what reads their files.
func TestThePackageIsLight(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	for pkg := range strings.FieldsSeq(string(out)) {
		for _, heavy := range []string{
			"tcpsim/plots", "tcpsim/cmd", "tcpsim/scenarios", "gonum.org", "spf13/", "go-pdf", "go.yaml.in", "progressbar", "gopacket", "jsonschema",
		} {
			if strings.Contains(pkg, heavy) {
				t.Errorf("it imports %s", pkg)
			}
		}
	}
}

// A request crosses on its way with the close of an idle connection by the
// server, and meets a RST.
func TestARequestCrossesTheServersClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nw := simtest.New(t, simtest.Config{Seed: 1})
		c, s := pair(t, nw)
		time.Sleep(5 * time.Second)
		go s.Close()
		io.WriteString(c, "request")
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("an answer came")
		}
		time.Sleep(time.Second)
		if got := cause(nw.Trace()); got == "" {
			t.Error("no RST")
		}
	})
}
