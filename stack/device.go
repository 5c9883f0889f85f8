package stack

import (
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	netstack "gvisor.dev/gvisor/pkg/tcpip/stack"
)

// queueLen bounds what a host may emit between two drains. The largest burst
// is a full congestion window: 4 MiB of send buffer in segments of 1,448 bytes
// is 2,900.
const queueLen = 4096

// device is a channel endpoint that remembers when its queue was full.
// channel.Endpoint drops silently then and reports success.
type device struct {
	*channel.Endpoint
	overflow bool
}

func newDevice(mtu uint32) *device {
	return &device{Endpoint: channel.New(queueLen, mtu, "")}
}

// WritePackets implements netstack.LinkEndpoint.
func (d *device) WritePackets(pkts netstack.PacketBufferList) (int, tcpip.Error) {
	n, err := d.Endpoint.WritePackets(pkts)
	if n != pkts.Len() {
		d.overflow = true
	}
	return n, err
}
