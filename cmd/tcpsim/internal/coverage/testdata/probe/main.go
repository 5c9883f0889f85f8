// Command probe runs every case of the catalogue and writes, after each one, the
// counters of Go's coverage into a directory of its own. It is built with
// go build -cover -covermode=atomic.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime/coverage"

	"github.com/tcpsim/tcpsim/scenarios"
)

func main() {
	log.SetFlags(0)
	n := 0
	for _, f := range scenarios.Catalogue() {
		for _, c := range f.Cases() {
			dir := filepath.Join(os.Args[1], fmt.Sprint(n))
			n++
			if err := os.Mkdir(dir, 0o777); err != nil {
				log.Fatal(err)
			}
			if err := coverage.ClearCounters(); err != nil {
				log.Fatal(err)
			}
			if _, err := scenarios.Run(&c, scenarios.Options{NoCheck: true}); err != nil {
				log.Printf("%s: %v", c.FullName(), err)
			}
			if err := coverage.WriteMetaDir(dir); err != nil {
				log.Fatal(err)
			}
			if err := coverage.WriteCountersDir(dir); err != nil {
				log.Fatal(err)
			}
			fmt.Println(c.FullName())
		}
	}
}
