package file_test

import (
	"fmt"

	"github.com/tcpsim/tcpsim/scenarios/model/file"
)

const reset = `
name: refused
title: connect() to a port where nobody listens
hosts:
  client:
    processes:
      - steps:
          - socket: c
          - connect: c
            address: server:8080
            expect: ECONNREFUSED
cases:
  - name: ipv6
    title: The same over IPv6
    ip: 6
`

func ExampleDecode() {
	f, err := file.Decode("refused.yaml", []byte(reset), file.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range f.Cases() {
		fmt.Printf("%s, IPv%d\n", c.FullName(), c.IP)
		for _, s := range c.Client.Processes[0].Steps {
			fmt.Println(" ", s, s.Expect)
		}
	}
	// Output:
	// refused, IPv4
	//   c = socket() []
	//   connect(c, server:8080) [ECONNREFUSED]
	// refused/ipv6, IPv6
	//   c = socket() []
	//   connect(c, server:8080) [ECONNREFUSED]
}

func ExampleDecode_error() {
	_, err := file.Decode("reset.yaml", []byte("name: reset\ntilte: A reset\nhosts: {}\n"), file.Options{})
	fmt.Println(err)
	// Output:
	// reset.yaml:2:1: unknown key "tilte" in a scenario; did you mean "title"?
}
