// Package program performs the steps of programs: it is the one place that says
// what a step does, whatever it was decoded from and whatever it runs on.
//
// A step ([model.Step]) comes from a scenario file, from a recording of a kernel
// or from a script of a test. It is performed on a [Process], which makes the
// calls of a process on some stack, or on a [Network], which does what an
// experimenter can do to hosts and cable. [On] and [Between] make the two of a
// simulation:
//
//	s.Client().Go("client", func(p *sim.Process) {
//		v := program.New(program.On(p), program.Environment{})
//		r := v.Perform(&model.Step{Verb: model.VerbSocket, Socket: "c"})
//		fmt.Println(r.Value, r.Errno)
//	})
//
// Another stack implements the two interfaces; nothing here knows which it is.
package program
