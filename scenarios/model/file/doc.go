// Package file is the scenario file: a strict decoder, an encoder, a check and
// a JSON Schema for the types of package model.
//
// A scenario is written in YAML by people who need not know Go. Decode turns
// the file into a [model.File], and says where and how it is wrong otherwise:
//
//	reset.yaml:12:11: unknown key "recieve" in a step; did you mean "recv"?
//
// A value flows through the package like this. The YAML parser makes a tree,
// in which aliases are followed within a budget. The tables of fields (for the
// file, a host, a process, a segment) and the table of verbs (for the steps)
// read the tree: they know each key, the shape of its value, whether it is
// required and what it means. The same tables give the suggestions for
// misspelt keys and the JSON Schema, so that the three cannot drift apart.
// Names are parsed there, once, into the types that packages stack, wire and
// link have. A variant is read onto a copy of the base case, which is all there
// is to inheritance. Last, each case is checked as a whole: labels that are
// waited for exist, processes that are killed exist, names are unique.
//
// Check says the same of a scenario that was made in Go.
//
// A file with outcomes says in how many ways a scenario may end on a bad link,
// and how often each was measured; with the key "of" it takes what happens from
// another scenario, which Options.Scenario finds. Its cases are not written but
// follow from the levels of the link, and what its steps expect says only when
// a process gives up (see [model.Case.UnderFire]).
//
// The result is a list of cases that hold all that a runner needs:
//
//	f, err := file.Decode("reset.yaml", src, file.Options{})
//	if err != nil {
//		return err // one line per error: file:line:column: message
//	}
//	for _, c := range f.Cases() {
//		fmt.Println(c.FullName(), c.Title)
//	}
//
// Nothing here knows how a step runs; package stack says which sysctls exist,
// by way of Options.Setting.
package file
