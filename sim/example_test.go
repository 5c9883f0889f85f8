package sim_test

import (
	"fmt"
	"log"
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
)

// A server closes with 13 bytes unread, and the client learns of it.
func Example() {
	s, err := sim.New(sim.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)})
	if err != nil {
		log.Fatal(err)
	}
	addr := netip.AddrPortFrom(s.Server().Addr(), 8080)
	s.Server().Go("server", func(p *sim.Process) {
		l, _ := p.Socket()
		p.Bind(l, addr)
		p.Listen(l, 16)
		c, _, _ := p.Accept(l)
		p.Sleep(20 * time.Second)
		p.Close(c) // 13 bytes are unread
	})
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, addr)
		p.Send(c, []byte("Hello world.\r"), 0)
		_, err := p.Recv(c, make([]byte, 4096), 0)
		fmt.Println(p.Now(), err)
	})
	tr, err := s.Run()
	if err != nil {
		log.Fatal(err)
	}
	for _, seg := range tr.Segments {
		if seg.Cause != nil {
			fmt.Println(seg.Summary(), "because:", seg.Cause.ID)
		}
	}
	// Output:
	// 20.04s ECONNRESET: Connection reset by peer
	// #6 [R.] seq 1, ack 14, win 0, length 0 because: unread-data
}
