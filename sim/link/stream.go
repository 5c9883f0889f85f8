package link

import (
	"hash/fnv"
	"math/rand/v2"
)

// Stream makes one of the random streams of a run, by its name. A stream depends
// on nothing but the seed and its name, so that a draw for one purpose never
// shifts the draws for another; whatever stack a run is on, its link draws the
// same.
func Stream(seed uint64, name string) *rand.PCG {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.NewPCG(mix(seed), mix(h.Sum64()))
}

// mix is the finaliser of SplitMix64: seeds that differ in one bit must not
// give streams that resemble each other.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
