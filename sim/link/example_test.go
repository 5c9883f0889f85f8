package link_test

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
)

// A link is configured by direction, as netem would be.
func ExampleConfig() {
	c := link.Symmetric(20*time.Millisecond, 0.01)
	c.From[1].Jitter = 5 * time.Millisecond // what the server sends
	fmt.Println(c.String())
	fmt.Println(c.Validate())

	c.From[1].Loss = 1.5
	fmt.Println(c.Validate())
	// Output:
	// from client latency 20ms, loss 1%, from server latency 20ms +/- 5ms uniform, loss 1%
	// <nil>
	// loss from server: 1.5 is not between 0 and 1
}

// A rule chooses segments and does something to them. What its fields cannot ask,
// a function can.
func ExampleRule() {
	r := link.Rule{
		From: link.FromClient, What: "DATA", Nth: 2, Act: link.ActDelay, Delay: 200 * time.Millisecond,
		If: link.ConditionFunc(func(o *link.Offered) bool { return !o.Retrans }),
	}
	fmt.Println(r, r.Validate())

	drop, err := link.ParseRule("server:SYNACK:1")
	fmt.Println(drop.From, drop.What, drop.Nth, drop.Act, err)

	_, err = link.ParseRule("server:SYNACC")
	fmt.Println(err)
	// Output:
	// client:DATA:2 <nil>
	// server SYNACK 1 drop <nil>
	// WHAT must be SYN, SYNACK, FIN, RST, ACK, DATA or ANY, not "SYNACC"
}
