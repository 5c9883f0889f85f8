// Package coverage says what of TCP the catalogue shows, and what it does not:
// four tables, each with its totals.
//
//   - Transitions: the edges of RFC 9293's state diagram, and those that gVisor
//     takes besides.
//   - Sites: the places in gVisor's source that can emit a RST.
//   - Causes: the identifiers of package cause.
//   - Requirements: what the RFCs ask of who sends and who receives a RST, and
//     whether gVisor does it.
//
// A value flows through the package like this. Measure runs every case of some
// files once and enters each trace into the tables, which know what there is to
// see and why some of it cannot be seen. Report.Totals are the figures.
//
//	r, err := coverage.Measure(scenarios.Catalogue(), coverage.Options{})
//	fmt.Println(r.Totals.Causes) // 13 of 16
//
// Traces do not tell which line of gVisor has sent a RST. The tests measure that
// with Go's own coverage, case by case, and keep the result in reached.json.
package coverage
