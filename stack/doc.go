// Package stack is one host: a gVisor netstack behind an in-memory link
// endpoint, with BSD socket semantics and Linux errnos on top.
//
// A host knows nothing of links or of time. It is given a clock, emits IP
// frames into a queue that [Host.Drain] empties, takes frames through
// [Host.Inject], and processes TCP only inside [Host.Settle]; between two
// settles it is paused, and nothing in it moves. Whoever drives it (package
// sim) decides when a frame arrives and when a timer fires.
//
//	h, err := stack.New(stack.Config{Addr: addr, Clock: clock, Entropy: source})
//	l := h.Socket()
//	l.Bind(netip.AddrPortFrom(addr, 8080))
//	l.Listen(16)
//	h.Inject(frame)
//	h.Settle()
//	frames := h.Drain()
//
// # Sockets
//
// A [Socket] never blocks: a call that would block returns EAGAIN (or
// EINPROGRESS), and [Socket.Stirs] tells when to try again. Blocking belongs to
// processes, in package sim.
//
// gVisor reports what happened to a connection; the socket layer above it
// decides which call hears of it. That layer is Linux's here: one pending error
// per socket (sk_err), reported once, to whichever of recv, send, connect or
// SO_ERROR comes first; data that arrived before a RST is still read; after the
// peer's FIN recv returns 0 whatever comes later; a send on a dead connection
// is EPIPE with SIGPIPE. It follows net/ipv4/tcp.c (tcp_recvmsg_locked,
// tcp_sendmsg_locked, tcp_poll, __tcp_close) and net/ipv4/af_inet.c
// (__inet_stream_connect, inet_shutdown), and was compared with recordings of
// Linux 6.18.
//
// The layer decides what calls return and when they block, and which of gVisor's
// calls a socket call makes. It stays out of TCP: every segment reaches gVisor
// as it arrived, everything that gVisor sends goes out, and its timers run on
// the clock as it sets them. Where its TCP is not Linux's, that shows.
//
// What Linux decides on behalf of a socket, with a timer or at close, the layer
// decides too, and has gVisor carry it out (tcp.Endpoint.Abort): keepalive that
// found nobody ends with a RST (tcp_keepalive_timer), so does a close in
// FIN_WAIT_2 with TCP_LINGER2 below zero (__tcp_close), and an administrator's
// order (tcp_abort, see [Endpoint.Destroy]); a handshake ends when its SYNs or
// SYN,ACKs are used up. gVisor by itself would do these later, or in silence.
// Keepalive that was on before connect begins with the end of the handshake
// (tcp_finish_connect); gVisor's own begins with the first segment after it.
//
// # What gVisor's netstack cannot do
//
// These answer ENOPROTOOPT, as Linux does for an option it does not know:
// TCP_FASTOPEN, TCP_MD5SIG, TCP_REPAIR, TCP_ULP, TCP_ZEROCOPY_RECEIVE,
// TCP_THIN_LINEAR_TIMEOUTS, TCP_THIN_DUPACK, SO_BUSY_POLL, SO_PEEK_OFF and every
// name not listed in [Options].
//
// These are taken and have less effect than on Linux:
//
//   - TCP_QUICKACK: gVisor acknowledges every segment at once, so that there is
//     no delayed ACK to turn off.
//   - TCP_SYNCNT and tcp_syn_retries: gVisor stores the number and does not use
//     it. The socket gives up by itself at the instant at which the last wait
//     ends; up to 6 retries, because gVisor gives up after 127 s in any case.
//   - TCP_LINGER2 below zero ends an orphan that comes to FIN_WAIT_2 later in
//     silence; Linux sends a RST then too.
//   - tcp_synack_retries: up to 6 for the same reason, and not with
//     TCP_DEFER_ACCEPT.
//   - tcp_retries2: Linux turns the number into a time, gVisor counts. It gets
//     the number of retransmissions that fit into that time with the host's
//     tcp_rto_min and tcp_rto_max, whatever the round trip adds.
//   - TCP_USER_TIMEOUT ends keepalive earlier than TCP_KEEPCNT probes do, and
//     never later; Linux does not count probes with it.
//   - SO_KEEPALIVE that an accepted socket has from its listener counts from
//     accept on; on Linux from the handshake on.
//   - TCP_MAXSEG is a limit only on what this side announces.
//   - SO_LINGER with a positive time is gVisor's ordinary close; the wait is
//     the socket layer's.
//   - MSG_OOB, MSG_MORE and ancillary data do not exist.
//
// These have no knob in gVisor and are not settings here: tcp_timestamps and
// tcp_window_scaling (always on), tcp_abort_on_overflow (never), tcp_rfc1337
// (always on), tcp_orphan_retries, PAWS (not implemented).
package stack
