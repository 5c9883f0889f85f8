// Package cases has no code but its tests: they draw the cases of the catalogue
// in every form and look at what came out, as bitmaps, in librsvg and in a
// browser.
//
//	go test ./plots/internal/cases        # a sample
//	go test ./plots/internal/cases -all   # every case
package cases
