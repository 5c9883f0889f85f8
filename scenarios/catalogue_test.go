package scenarios_test

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func TestEveryCaseBehavesAsItSays(t *testing.T) {
	eachCase(func(c *model.Case) {
		t.Run(c.FullName(), func(t *testing.T) {
			res, err := scenarios.Run(c, scenarios.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range res.Problems {
				t.Error(p)
			}
		})
	})
}

func TestEveryResetHasACause(t *testing.T) {
	known := make(map[string]bool)
	for _, id := range cause.All() {
		known[id] = true
	}
	eachCase(func(c *model.Case) {
		res, err := scenarios.Run(c, scenarios.Options{NoCheck: true})
		if err != nil {
			t.Error(err)
			return
		}
		for i := range res.Trace.Segments {
			s := &res.Trace.Segments[i]
			switch {
			case !s.Flags.Has(wire.RST):
				if s.Cause != nil {
					t.Errorf("%s: #%d is no RST and has the cause %s", c.FullName(), s.Number, s.Cause.ID)
				}
			case s.Cause == nil || !known[s.Cause.ID]:
				t.Errorf("%s: %s has no cause: %+v", c.FullName(), s.Summary(), s.Cause)
			case s.Cause.Text == "" || s.Cause.Source == "":
				t.Errorf("%s: %s: cause %s lacks a sentence or a source", c.FullName(), s.Summary(), s.Cause.ID)
			}
		}
	})
}

func TestEveryCaseIsDocumented(t *testing.T) {
	eachCase(func(c *model.Case) {
		if c.Title == "" || strings.Contains(c.Title, "\n") {
			t.Errorf("%s: want a title of one line", c.FullName())
		}
		if c.Shows == "" {
			t.Errorf("%s does not say what it shows", c.FullName())
		}
		if len(c.References) == 0 {
			t.Errorf("%s names no reference", c.FullName())
		}
		if len(c.Expect.Segments)+len(c.Expect.Contains) == 0 && !c.UnderFire() {
			t.Errorf("%s expects nothing of the wire", c.FullName())
		}
	})
}

// TestCasesRunOverIPv6 guards what the two families share: everything but
// addresses and the size of headers.
func TestCasesRunOverIPv6(t *testing.T) {
	for _, name := range []string{"unread-data", "graceful-close", "port-not-listening", "half-open-reboot"} {
		c, err := scenarios.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		res, err := scenarios.Run(c, scenarios.Options{IP: 6})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range res.Problems {
			t.Errorf("%s over IPv6: %v", name, p)
		}
		if !res.Trace.Hosts[0].Addr.Is6() {
			t.Errorf("%s did not run over IPv6", name)
		}
	}
}
