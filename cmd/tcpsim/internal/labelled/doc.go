// Package labelled holds captures of which it is known why each RST was sent,
// and measures how many of them tcpsim explains rightly.
//
// There are two sets. [Kernel] makes captures of either host from recordings of
// a real Linux, labelled by the calls that were recorded with them. [Catalogue]
// runs the cases of the catalogue on gVisor and writes each as a capture from
// the client, the server and the wire; the engine knows the causes.
package labelled

// Item is one capture with the first RST of one of its connections.
type Item struct {
	Name   string // the recording or the case, and where it was captured
	File   []byte
	Packet int      // the number of the RST in the file, from 1
	Labels []string // the causes that are right: more than one where a kernel itself does not tell them apart

	// Hidden says why nothing in the capture can show the label; empty where
	// something does. Such items are counted apart.
	Hidden string
}
