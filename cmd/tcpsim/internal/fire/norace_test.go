//go:build !race

package fire_test

const race = false
