package plots_test

import (
	"fmt"
	"os"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
)

func ExampleDraw() {
	recorded, err := os.Open("testdata/port-closed.jsonl")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer recorded.Close()
	t, err := jsonl.Read(recorded, recorded.Name())
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := plots.Draw(os.Stdout, t, plots.Options{Format: plots.ASCII, Width: 90}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// SYN to a port where nobody listens
	// seed 1, latency 10ms
	//
	//                         client 10.0.0.1:17880          server 10.0.0.2:8080
	//       0 ms                SYN_SENT |-- #1 SYN 0 refused -------->|
	//      10 ms               connect() |<====== #2 RST,ACK 0 ack 1 ==|
	//      20 ms                  CLOSED |   port not listening (RFC   |
	//            connect(): ECONNREFUSED |            9293 3.10.7.1)   |
}
