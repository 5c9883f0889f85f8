package sim_test

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	netstack "gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// bare is what the benchmarks measure tcpsim against: two netstacks back to
// back with one processor each, held paused and settled when tcpsim's are:
// after every frame and every call but send and recv. It has the least clock
// that works; no link, no trace, no sockets, no processes.
type bare struct {
	now    time.Duration
	timers []*bareTimer
	stacks [2]*netstack.Stack
	links  [2]*channel.Endpoint
	frames int
}

type bareTimer struct {
	b    *bare
	at   time.Duration
	f    func()
	live bool
}

func (b *bare) Now() time.Time { return time.Unix(946684800, 0).Add(b.now) }

func (b *bare) NowMonotonic() tcpip.MonotonicTime {
	return tcpip.MonotonicTime{}.Add(time.Minute + b.now)
}

func (b *bare) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	t := &bareTimer{b: b, f: f}
	b.timers = append(b.timers, t)
	t.Reset(d)
	return t
}

func (t *bareTimer) Stop() bool {
	was := t.live
	t.live = false
	return was
}

func (t *bareTimer) Reset(d time.Duration) { t.live, t.at = true, t.b.now+max(d, 0)+1 }

// fire runs the next timer and reports whether there was one.
func (b *bare) fire() bool {
	var next *bareTimer
	for _, t := range b.timers {
		if t.live && (next == nil || t.at < next.at) {
			next = t
		}
	}
	if next == nil {
		return false
	}
	b.now, next.live = next.at, false
	next.f()
	b.deliver()
	return true
}

type pcgSource struct{ *rand.PCG }

func (s pcgSource) Int63() int64 { return int64(s.Uint64() >> 1) }
func (pcgSource) Seed(int64)     {}
func (s pcgSource) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s.Uint64())
	}
	return len(p), nil
}

var bareAddr = [2]tcpip.Address{tcpip.AddrFrom4([4]byte{10, 0, 0, 1}), tcpip.AddrFrom4([4]byte{10, 0, 0, 2})}

func newBare() *bare {
	// One TCP processor, as in tcpsim's hosts, and at the same price.
	if before := runtime.GOMAXPROCS(0); before != 1 {
		runtime.GOMAXPROCS(1)
		defer runtime.GOMAXPROCS(before)
	}
	b := &bare{}
	for i := range b.stacks {
		s := netstack.New(netstack.Options{
			NetworkProtocols:   []netstack.NetworkProtocolFactory{ipv4.NewProtocol},
			TransportProtocols: []netstack.TransportProtocolFactory{tcp.NewProtocol},
			Clock:              b,
			RandSource:         pcgSource{rand.NewPCG(1, uint64(i))},
			SecureRNG:          pcgSource{rand.NewPCG(2, uint64(i))},
		})
		link := channel.New(4096, 1500, "")
		s.CreateNIC(1, link)
		s.AddProtocolAddress(1, tcpip.ProtocolAddress{
			Protocol: header.IPv4ProtocolNumber, AddressWithPrefix: bareAddr[i].WithPrefix(),
		}, netstack.AddressProperties{})
		s.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: 1}})
		nagle, rack := tcpip.TCPDelayEnabled(true), tcpip.TCPRecovery(0)
		s.SetTransportProtocolOption(tcp.ProtocolNumber, &nagle)
		s.SetTransportProtocolOption(tcp.ProtocolNumber, &rack)
		s.Pause()
		b.stacks[i], b.links[i] = s, link
	}
	return b
}

func (b *bare) destroy() {
	for i, s := range b.stacks {
		b.links[i].Attach(nil)
		b.links[i].Close()
		s.Resume()
		s.Destroy()
	}
}

func (b *bare) settle(i int) {
	b.stacks[i].Resume()
	b.stacks[i].Pause()
}

// deliver moves frames until both hosts are quiet, one per settle.
func (b *bare) deliver() {
	for quiet := false; !quiet; {
		quiet = true
		for i := range b.stacks {
			for pkt := b.links[i].Read(); pkt != nil; pkt = b.links[i].Read() {
				quiet = false
				b.frames++
				frame := pkt.ToBuffer()
				pkt.DecRef()
				b.inject(1-i, frame)
			}
		}
	}
}

func (b *bare) inject(to int, frame buffer.Buffer) {
	in := netstack.NewPacketBuffer(netstack.PacketBufferOptions{Payload: frame})
	b.links[to].InjectInbound(header.IPv4ProtocolNumber, in)
	in.DecRef()
	b.settle(to)
}

// call settles a host after a call on one of its endpoints.
func (b *bare) call(i int) {
	b.settle(i)
	b.deliver()
}

// bareEndpoint remembers that something has happened to it.
type bareEndpoint struct {
	tcpip.Endpoint
	host  int
	entry waiter.Entry
	stirs atomic.Uint64
}

func (e *bareEndpoint) NotifyEvent(waiter.EventMask) { e.stirs.Add(1) }

func wrap(ep tcpip.Endpoint, q *waiter.Queue, host int) *bareEndpoint {
	e := &bareEndpoint{Endpoint: ep, host: host}
	e.entry.Init(e, waiter.ReadableEvents|waiter.WritableEvents|waiter.EventHUp|waiter.EventErr|waiter.EventRdHUp)
	q.EventRegister(&e.entry)
	return e
}

func (b *bare) endpoint(t testing.TB, i int) *bareEndpoint {
	q := new(waiter.Queue)
	ep, err := b.stacks[i].NewEndpoint(tcp.ProtocolNumber, header.IPv4ProtocolNumber, q)
	if err != nil {
		t.Fatal(err)
	}
	return wrap(ep, q, i)
}

func (b *bare) connect(t testing.TB) (client, server, listener *bareEndpoint) {
	listener = b.endpoint(t, 1)
	listener.Bind(tcpip.FullAddress{Port: serverPort})
	listener.Listen(17)
	client = b.endpoint(t, 0)
	client.Connect(tcpip.FullAddress{Addr: bareAddr[1], Port: serverPort})
	b.call(0)
	ep, q, err := listener.Accept(nil)
	if err != nil {
		t.Fatal(err)
	}
	return client, wrap(ep, q, 1), listener
}

// send writes what fits and returns how much that was.
func (b *bare) send(ep *bareEndpoint, data []byte) int {
	n, _ := ep.Write(bytes.NewReader(data), tcpip.WriteOptions{Atomic: true})
	return int(n)
}

// recv reads once and returns how much that was.
func (b *bare) recv(ep *bareEndpoint, buf []byte) int {
	w := tcpip.SliceWriter(buf)
	res, err := ep.Read(&w, tcpip.ReadOptions{})
	if err != nil {
		return 0
	}
	ep.ModerateRecvBuf(res.Count)
	return res.Count
}

// bulk sends size bytes as transferBulk does: a writer and a reader that go on
// as soon as the endpoint has news for them.
func (b *bare) bulk(client, server *bareEndpoint, size int) {
	chunk, buf := make([]byte, 64<<10), make([]byte, 64<<10)
	sent, got, part := 0, 0, 0
	write := func() {
		for sent < size {
			end := min(len(chunk), size-sent+part)
			n := b.send(client, chunk[part:end])
			if n == 0 {
				return
			}
			sent += n
			part = (part + n) % end
		}
	}
	read := func() {
		for {
			n := b.recv(server, buf)
			if n == 0 {
				return
			}
			got += n
		}
	}
	write()
	seen := [2]uint64{client.stirs.Load(), server.stirs.Load()}
	for quiet := false; !quiet; {
		quiet = true
		for i := range b.stacks {
			for pkt := b.links[i].Read(); pkt != nil; pkt = b.links[i].Read() {
				quiet = false
				b.frames++
				frame := pkt.ToBuffer()
				pkt.DecRef()
				b.inject(1-i, frame)
				if n := server.stirs.Load(); n != seen[1] {
					seen[1] = n
					read()
				}
				if n := client.stirs.Load(); n != seen[0] {
					seen[0] = n
					write()
				}
			}
		}
	}
	if got != size {
		panic("the bare transfer has lost something")
	}
}
