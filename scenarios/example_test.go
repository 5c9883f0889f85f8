package scenarios_test

import (
	"fmt"
	"log"

	"github.com/tcpsim/tcpsim/scenarios"
)

// A case of the catalogue behaves as its file says.
func ExampleFind() {
	c, err := scenarios.Find("unread-data/all-read")
	if err != nil {
		log.Fatal(err)
	}
	res, err := scenarios.Run(c, scenarios.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.FullName(), res.OK())
	// Output: unread-data/all-read true
}

// What a file expects and is not so is told with its place in the file.
func ExampleRun() {
	f, err := scenarios.Decode("refused.yaml", []byte(`
name: refused
title: Nobody listens
hosts:
  server: {}
  client:
    processes:
      - steps:
          - socket: c
          - {connect: c, address: "server:80", expect: ETIMEDOUT}
expect:
  contains:
    - {from: server, flags: R}
`))
	if err != nil {
		log.Fatal(err)
	}
	res, err := scenarios.Run(&f.Base, scenarios.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range res.Problems {
		fmt.Println(p)
	}
	// Output:
	// line 10:13: client: connect(c, server:80): want ETIMEDOUT, got ECONNREFUSED
	// line 13:7: segments: want server R, got no such segment; the nearest, #2 at 0.010000, has flags R.: {from: server, flags: R., seq: 0, ack: 1, cause: port-not-listening}
}
