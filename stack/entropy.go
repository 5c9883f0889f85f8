package stack

import (
	"encoding/binary"
	"math/rand/v2"
)

// Entropy names independent random streams. The same name always gives a
// stream that starts anew, so that who draws first, and how much, changes
// nothing for the others.
type Entropy interface {
	Stream(name string) *rand.PCG
}

// insecureSource is the math/rand.Source that gVisor wants for its fast
// generator. math/rand.NewSource would spend a tenth of a short run on seeding.
type insecureSource struct{ pcg *rand.PCG }

// Int63 implements math/rand.Source.
func (s insecureSource) Int63() int64 { return int64(s.pcg.Uint64() >> 1) }

// Seed implements math/rand.Source. gVisor never reseeds.
func (insecureSource) Seed(int64) {}

// secureReader is the io.Reader behind gVisor's "secure" generator, which
// makes initial sequence numbers, ports and timestamp offsets.
type secureReader struct{ pcg *rand.PCG }

// Read implements io.Reader. It always fills p.
func (r secureReader) Read(p []byte) (int, error) {
	var word [8]byte
	for i := 0; i < len(p); i += len(word) {
		binary.LittleEndian.PutUint64(word[:], r.pcg.Uint64())
		copy(p[i:], word[:])
	}
	return len(p), nil
}
