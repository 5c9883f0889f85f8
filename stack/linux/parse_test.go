package linux

import (
	"encoding/binary"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// Lines as Linux 6.12 and 6.1 write them.
func TestWordsOfTheTracer(t *testing.T) {
	server := &Host{addrs: []netip.Prefix{netip.MustParsePrefix("10.0.0.2/24"), netip.MustParsePrefix("fd00::2/64")}}
	m := &Machine{hosts: []*Host{server}}
	local, remote := netip.MustParseAddrPort("10.0.0.2:8080"), netip.MustParseAddrPort("10.0.0.1:36182")
	for _, test := range []struct {
		line string
		want Event
	}{
		{
			"            init-25      [000] .....    20.041031: inet_sock_set_state: family=AF_INET protocol=IPPROTO_TCP sport=8080 dport=36182 saddr=10.0.0.2 daddr=10.0.0.1 saddrv6=::ffff:10.0.0.2 daddrv6=::ffff:10.0.0.1 oldstate=TCP_FIN_WAIT1 newstate=TCP_CLOSE",
			StateChange{20041031 * time.Microsecond, server, local, remote, stack.FinWait1, stack.Closed},
		},
		{
			"init-25 [000] b.... 0.040046: inet_sock_set_state: family=AF_INET6 protocol=IPPROTO_TCP sport=80 dport=9 saddr=0.0.0.0 daddr=0.0.0.0 saddrv6=fd00::2 daddrv6=fd00::1 oldstate=TCP_NEW_SYN_RECV newstate=TCP_ESTABLISHED",
			StateChange{40046 * time.Microsecond, server, netip.MustParseAddrPort("[fd00::2]:80"), netip.MustParseAddrPort("[fd00::1]:9"), stack.SynReceived, stack.Established},
		},
		{
			"init-25 [000] ..... 20.041032: tcp_send_reset: skbaddr=0000000000000000 skaddr=0000000036160a5b src=10.0.0.2:8080 dest=10.0.0.1:36182 state=TCP_CLOSE reason=TCP_ABORT_ON_CLOSE",
			ResetSent{20041032 * time.Microsecond, server, local, remote, "TCP_ABORT_ON_CLOSE"},
		},
		{
			"init-25 [000] ..... 20.041032: tcp_send_reset: skbaddr=0 skaddr=0 src=10.0.0.2:8080 dest=10.0.0.1:36182 state=TCP_CLOSE",
			ResetSent{20041032 * time.Microsecond, server, local, remote, ""},
		},
		{
			"init-1 [000] b.... 1.5: tcp_receive_reset: family=AF_INET sport=8080 dport=36182 saddr=10.0.0.2 daddr=10.0.0.1 saddrv6=::ffff:10.0.0.2 daddrv6=::ffff:10.0.0.1 sock_cookie=2",
			ResetReceived{1500 * time.Millisecond, server, local, remote},
		},
		{
			"init-1 [000] b.... 1.5: kfree_skb: skbaddr=0000 rx_sk=0000 protocol=2048 location=0x600c reason: NO_SOCKET",
			Dropped{1500 * time.Millisecond, "NO_SOCKET"},
		},
		{"init-1 [000] b.... 1.5: inet_sock_set_state: family=AF_INET protocol=IPPROTO_DCCP oldstate=TCP_CLOSE newstate=TCP_LISTEN", nil},
		{"CPU:0 [LOST 12 EVENTS]", nil},
		{"", nil},
	} {
		if got := m.parseTrace(test.line); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", test.line, got, test.want)
		}
	}
}

// answer is one of the agent's, with something of each kind.
func answer() []byte {
	le := binary.LittleEndian
	b := le.AppendUint64(nil, 42)
	b = le.AppendUint32(le.AppendUint32(b, gotResult), 3)
	b = append(le.AppendUint32(le.AppendUint64(b, ^uint64(10)), 2), "hi"...)
	b = le.AppendUint32(le.AppendUint32(b, gotFrame), 905)
	b = append(le.AppendUint32(b, 3), "abc"...)
	for _, n := range []uint32{gotExit, 2, 19, 9, gotTrace, 4} {
		b = le.AppendUint32(b, n)
	}
	return append(b, "text"...)
}

func TestAnswerOfTheAgent(t *testing.T) {
	now, got, err := parseAnswer(answer())
	want := []happening{
		{kind: gotResult, slot: 3, value: -11, data: []byte("hi")},
		{kind: gotFrame, fd: 905, data: []byte("abc")},
		{kind: gotExit, slot: 2, pid: 19, status: 9},
		{kind: gotTrace, data: []byte("text")},
	}
	if err != nil || now != 42 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %d %+v, %v", now, got, err)
	}
	whole := answer()
	for n := range len(whole) {
		if _, list, err := parseAnswer(whole[:n]); err == nil && len(list) == len(want) {
			t.Errorf("%d of %d bytes are an answer", n, len(whole))
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(answer())
	f.Fuzz(func(t *testing.T, b []byte) {
		_, list, err := parseAnswer(b)
		if err != nil && list != nil {
			t.Error("an error and a list")
		}
		_, _, _ = parseSockets(nil, b) // must not panic
	})
}

func FuzzTrace(f *testing.F) {
	f.Add("init-25 [000] ..... 20.041032: tcp_send_reset: src=10.0.0.2:8080 dest=10.0.0.1:36182 state=TCP_CLOSE reason=X")
	f.Fuzz(func(_ *testing.T, line string) {
		(&Machine{}).parseTrace(line) // must not panic
	})
}
