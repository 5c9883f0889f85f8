package file

import (
	"testing"
	"time"
)

// A share is written in one way, in a file and on the command line.
func TestSharesAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]float64{"10%": 0.1, "10 %": 0.1, "0.1": 0.1, "0": 0, "1": 1, "100%": 1, ".5%": 0.005} {
		if got, err := ParseShare(text); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
		if f := mustDecode(t, scenarioWith("link: {loss: "+text+"}\n")); f.Base.Link.ClientToServer.Loss != want {
			t.Errorf("loss: %s is %v", text, f.Base.Link.ClientToServer.Loss)
		}
	}
	const want = "want a share from 0% to 100%, such as 10% or 0.1"
	for text, hint := range map[string]string{
		"10": "; did you mean 10%?", "101%": "", "101": "", "-1": "", "NaN": "", "": "", "often": "", "1e1%": "", "10  %": "",
	} {
		if p, err := ParseShare(text); err == nil || err.Error() != want+hint {
			t.Errorf("%q is %v, %v", text, p, err)
		}
	}
}

func TestDurationsAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]time.Duration{"0": 0, "1m30s": 90 * time.Second, "500ms": time.Second / 2} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	const want = "want a duration such as 500ms, 20s or 1m30s"
	for text, hint := range map[string]string{
		"20": "", "-1s": "; it must not be negative", "20 sec": "; it has no spaces, and its units are ns, us, ms, s, m and h",
	} {
		if d, err := ParseDuration(text); err == nil || err.Error() != want+hint {
			t.Errorf("%q is %v, %v", text, d, err)
		}
	}
}
