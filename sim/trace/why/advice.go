package why

import "github.com/tcpsim/tcpsim/sim/cause"

// Advice is what to do about a cause: the scenario of the catalogue that shows
// it, and what to run on the host that sent the RST. The names of counters and
// of the tracepoint's reasons are those of Linux 6.12.
type Advice struct {
	Scenario string
	Next     []string
}

const (
	outRsts = "nstat -az TcpOutRsts"
	perf    = "perf trace -e tcp:tcp_send_reset"
)

func reason(name string) string { return perf + "   # reason " + name + ", since Linux 6.10" }

// Advise gives the advice for a cause; nothing for one that is not known.
func Advise(id string) Advice {
	switch id {
	case cause.UnreadData:
		return Advice{"unread-data", []string{
			"nstat -az TcpExtTCPAbortOnClose", "ss -tnoi   # Recv-Q before the close", reason("TCP_ABORT_ON_CLOSE"),
			"strace -f -e trace=read,recvfrom,close -p PID",
		}}
	case cause.LingerZero:
		return Advice{"linger-zero", []string{
			"nstat -az TcpExtTCPAbortOnData", reason("TCP_STATE"), "strace -f -e trace=setsockopt,close -p PID   # SO_LINGER",
		}}
	case cause.LingerTwo:
		return Advice{"fin-wait-2-timeout", []string{
			"nstat -az TcpExtTCPAbortOnLinger", reason("TCP_ABORT_ON_LINGER"), "strace -f -e trace=setsockopt,close -p PID   # TCP_LINGER2",
		}}
	case cause.DataAfterClose:
		return Advice{"data-after-close", []string{
			"nstat -az TcpExtTCPAbortOnData TcpOutRsts   # in FIN_WAIT_2 only TcpOutRsts counts it", reason("TCP_ABORT_ON_DATA, in FIN_WAIT_2 TCP_TIMEWAIT_SOCKET"),
			"ss -tan state fin-wait-1 state fin-wait-2", "strace -f -e trace=shutdown,close -p PID",
		}}
	case cause.DataAfterShutdown:
		return Advice{"shutdown-both", []string{
			"nstat -az TcpExtTCPAbortOnData", reason("TCP_ABORT_ON_DATA"), "strace -f -e trace=shutdown,close -p PID",
		}}
	case cause.ListenerClosed, cause.ListenerShutdown:
		return Advice{id, []string{
			outRsts, reason("TCP_STATE, several in one instant"), "ss -ltn   # Recv-Q of the listener before", "the log of the service: a restart",
		}}
	case cause.PortNotListening:
		return Advice{"port-not-listening", []string{
			"ss -ltn", outRsts, reason("NO_SOCKET"), "nft list ruleset; iptables-save   # REJECT with tcp-reset",
		}}
	case cause.NoConnection:
		return Advice{"stray-segments", []string{outRsts, reason("NO_SOCKET"), "ss -tan"}}
	case cause.HostRebooted:
		return Advice{"half-open-reboot", []string{"uptime", outRsts, reason("NO_SOCKET"), "ip addr   # did another host take the address?"}}
	case cause.ConnectionClosed:
		return Advice{"late-ack", []string{
			"nstat -az TcpExtTCPAbortOnTimeout TcpOutRsts", reason("NO_SOCKET"), "ss -tan   # is the connection still there?",
		}}
	case cause.ListenerGotAck:
		return Advice{"stray-segments/listener", []string{"nstat -az TcpExtSyncookiesFailed TcpOutRsts", reason("TCP_FLAGS"), "ss -ltn"}}
	case cause.ListenerGotSynAck:
		return Advice{"old-duplicate-two-passive", []string{outRsts, reason("TCP_FLAGS")}}
	case cause.SynSentBadAck:
		return Advice{"syn-sent-bad-ack", []string{outRsts, reason("TCP_INVALID_ACK_SEQUENCE"), "ss -tan state syn-sent"}}
	case cause.SynReceivedBadAck:
		return Advice{"ack-beyond-snd-nxt/syn-received", []string{outRsts, reason("TCP_FLAGS"), "nstat -az TcpExtSyncookiesFailed"}}
	case cause.SynReceivedNewSyn:
		return Advice{"old-duplicate-syn", []string{"nstat -az TcpExtEmbryonicRsts", reason("INVALID_SYN")}}
	case cause.KeepaliveTimeout:
		return Advice{"keepalive-timeout", []string{
			"nstat -az TcpExtTCPAbortOnTimeout TcpExtTCPKeepAlive", "ss -tno   # timer:(keepalive,..)", reason("TCP_KEEPALIVE_TIMEOUT"),
		}}
	case cause.Destroyed:
		return Advice{"administrator", []string{outRsts, reason("TCP_STATE"), "strace -f -p PID   # ECONNABORTED"}}
	case cause.Forged:
		return Advice{"firewall-forges-rst", []string{
			"tcpdump on both hosts: the RST arrives at one, and the other has not sent it", "nstat -az TcpOutRsts   # at the alleged sender: it did not count",
			"nstat -az TcpEstabResets TcpExtTCPChallengeACK   # at the receiver",
		}}
	case AcceptQueueFull:
		return Advice{"backlog-full", []string{
			"nstat -az TcpExtListenOverflows TcpExtListenDrops", "ss -ltn   # Recv-Q against Send-Q of the listener", "sysctl net.ipv4.tcp_abort_on_overflow net.core.somaxconn",
		}}
	case GaveUp:
		return Advice{"silent-peer", []string{"nstat -az TcpExtTCPAbortOnTimeout TcpRetransSegs", "ss -tno   # timer:(on,..,n)", "tcpdump at the peer: does anything arrive?"}}
	case IdleTimeout:
		return Advice{"idle-nat", []string{
			"the idle timeout of the load balancer, NAT or firewall on the way", "sysctl net.ipv4.tcp_keepalive_time   # shorter than that timeout",
			"tcpdump on both sides of the box",
		}}
	case Policy:
		return Advice{"firewall-forges-rst", []string{"nft list ruleset; iptables-save   # REJECT with tcp-reset", "tcpdump at the host: does the SYN arrive?"}}
	case RawSocket:
		return Advice{"connect-abandoned", []string{"ss -w   # raw sockets", "the process that sends the SYNs: a scanner?"}}
	case Abort:
		return Advice{"linger-zero", []string{"a trace of the program on the host: how does it end the connection?"}}
	case TwoMachines:
		return Advice{"idle-nat", []string{"the logs and the idle timeout of the load balancer", "tcpdump behind the load balancer"}}
	}
	return Advice{}
}
