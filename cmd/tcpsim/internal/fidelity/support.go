package fidelity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// decode decodes the calls, and lists what of them cannot be replayed.
func (c *Case) decode() (plans []plan, unsupported []string) {
	add := func(i int, format string, args ...any) {
		text := fmt.Sprintf("call %d, %s: %s", i+1, c.Calls[i].Name, fmt.Sprintf(format, args...))
		if !slices.Contains(unsupported, text) {
			unsupported = append(unsupported, text)
		}
	}
	var boots [2]int
	for i := range c.Calls {
		k := &c.Calls[i]
		p, why := k.plan()
		plans = append(plans, p)
		if p.special == reboots {
			boots[p.host]++
		}
		switch {
		case why != "":
			add(i, "%s", why)
		case k.By != Experimenter && p.special != listsSockets && k.Boot != boots[k.By]:
			add(i, "boot %d of a host that has booted %d times", k.Boot+1, boots[k.By]+1)
		}
	}
	return plans, unsupported
}

// translate turns a recording's sysctls into settings, and names those that
// tcpsim does not have.
func translate(in []Setting) (out []stack.Setting, missing []string) {
	known := map[string]string{}
	for _, s := range in {
		known[strings.TrimPrefix(s.Name, prefix)] = s.Value
	}
	if known["tcp_early_retrans"] == "" && known["tcp_rto_min_us"] == "" {
		// Tail loss probes, which are a part of RACK in gVisor. On Linux they
		// wait for the minimum RTO as well (tcp_schedule_loss_probe), so that
		// with a raised one there are none to be seen.
		out = append(out, stack.Setting{Name: "tcp_recovery", Value: "1"})
	}
	for _, s := range in {
		name, value := strings.TrimPrefix(s.Name, prefix), s.Value
		switch {
		case name == "tcp_early_retrans" && value == "0":
			continue // no tail loss probes: tcpsim's default
		case name == "tcp_rto_min_us":
			us, err := strconv.Atoi(value)
			name = "tcp_rto_min"
			if err == nil {
				value = (time.Duration(us) * time.Microsecond).String()
			}
		}
		if stack.CheckSetting(name, value) != nil {
			missing = append(missing, s.Name+" = "+s.Value)
			continue
		}
		out = append(out, stack.Setting{Name: name, Value: value})
	}
	return out, missing
}

// prefix is what the names of recorded sysctls begin with.
const prefix = "net.ipv4."
