package stack

import (
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	netstack "gvisor.dev/gvisor/pkg/tcpip/stack"
)

// queueLen bounds what a host may emit between two drains. The largest burst
// is a full congestion window: 4 MiB of send buffer in segments of 1,448 bytes
// is 2,900.
const queueLen = 4096

// device is a channel endpoint that keeps what is sent in a slice, and not in
// its channel: a host is never drained while it works, so nobody has to be kept
// from anybody else, and making a copy of each packet for the channel takes
// longer than all else that is done to it on the way to the link. It remembers
// when its queue was full; a channel endpoint drops silently then and reports
// success.
type device struct {
	*channel.Endpoint
	queue    []buffer.Buffer
	closed   bool
	overflow bool
}

func newDevice(mtu uint32) *device {
	return &device{Endpoint: channel.New(0, mtu, "")}
}

// WritePackets implements netstack.LinkEndpoint.
func (d *device) WritePackets(pkts netstack.PacketBufferList) (int, tcpip.Error) {
	if d.closed {
		return 0, &tcpip.ErrClosedForSend{}
	}
	for i, pkt := range pkts.AsSlice() {
		if len(d.queue) == queueLen {
			d.overflow = true
			return i, nil
		}
		d.queue = append(d.queue, pkt.ToBuffer())
	}
	return pkts.Len(), nil
}

// drain calls f with everything that was sent since the last drain, in order.
// What f makes the host send comes after it.
func (d *device) drain(f func(frame buffer.Buffer)) {
	for i := 0; i < len(d.queue); i++ {
		frame := d.queue[i]
		d.queue[i] = buffer.Buffer{}
		f(frame)
	}
	d.queue = d.queue[:0]
}

// close throws away what is sent from now on.
func (d *device) close() {
	d.closed = true
	d.drain(func(frame buffer.Buffer) { frame.Release() })
	d.Attach(nil)
	d.Close()
}
