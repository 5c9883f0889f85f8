package fidelity

import (
	"embed"
	"io/fs"
)

//go:embed testdata/linux-6.18
var recordings embed.FS

// Recordings are the cases that come with tcpsim, recorded on Linux 6.18; the
// README.md among them says how.
func Recordings() fs.FS {
	sub, err := fs.Sub(recordings, "testdata/linux-6.18")
	if err != nil {
		panic(err) // a constant path
	}
	return sub
}
