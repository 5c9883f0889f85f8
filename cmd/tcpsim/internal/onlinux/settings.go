package onlinux

import (
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/stack"
)

// sysctls are the settings that Linux has, and how their values are written
// there: as they are in a scenario, unless a unit says that the scenario has a
// duration and Linux a number of units.
var sysctls = map[string]struct {
	path string
	unit time.Duration
}{
	"tcp_retries2": {path: "net/ipv4/tcp_retries2"}, "tcp_syn_retries": {path: "net/ipv4/tcp_syn_retries"},
	"tcp_synack_retries": {path: "net/ipv4/tcp_synack_retries"}, "tcp_fin_timeout": {path: "net/ipv4/tcp_fin_timeout"},
	"tcp_tw_reuse": {path: "net/ipv4/tcp_tw_reuse"}, "tcp_sack": {path: "net/ipv4/tcp_sack"},
	"tcp_recovery": {path: "net/ipv4/tcp_recovery"}, "tcp_rmem": {path: "net/ipv4/tcp_rmem"}, "tcp_wmem": {path: "net/ipv4/tcp_wmem"},
	"tcp_moderate_rcvbuf":    {path: "net/ipv4/tcp_moderate_rcvbuf"},
	"tcp_congestion_control": {path: "net/ipv4/tcp_congestion_control"},
	"tcp_rto_min":            {path: "net/ipv4/tcp_rto_min_us", unit: time.Microsecond},
	"tcp_syncookies":         {path: "net/ipv4/tcp_syncookies"},
	"tcp_invalid_ratelimit":  {path: "net/ipv4/tcp_invalid_ratelimit"},
	"ip_local_port_range":    {path: "net/ipv4/ip_local_port_range"}, "ip_default_ttl": {path: "net/ipv4/ip_default_ttl"},
}

func notHere(what string) error { return &program.NotOnStack{Stack: "Linux", What: what} }

// settings are those of a host as Linux has them. It returns an error for one
// that Linux does not have.
func settings(all []stack.Setting) (mtu int, out [][2]string, err error) {
	for _, s := range all {
		if err := stack.CheckSetting(s.Name, s.Value); err != nil {
			return 0, nil, err
		}
		if s.Name == "mtu" {
			if mtu, err = strconv.Atoi(s.Value); err != nil {
				return 0, nil, err
			}
			continue
		}
		c, ok := sysctls[s.Name]
		if !ok {
			return 0, nil, notHere("setting " + s.Name)
		}
		value := s.Value
		if c.unit > 0 {
			d, err := time.ParseDuration(value)
			if err != nil {
				return 0, nil, err
			}
			value = strconv.FormatInt(int64(d/c.unit), 10)
		}
		out = append(out, [2]string{c.path, strings.Join(strings.Fields(value), "\t")})
	}
	return mtu, out, nil
}
