package layout

import (
	"slices"
	"time"
)

// sortByTop orders indices by the upper edge of their quads.
func sortByTop(order []int, quads []Quad) {
	slices.SortStableFunc(order, func(a, b int) int {
		_, ta, _, _ := quads[a].bounds()
		_, tb, _, _ := quads[b].bounds()
		switch {
		case ta < tb:
			return -1
		case ta > tb:
			return 1
		}
		return a - b
	})
}

// sortBy sorts indices by an instant, equal ones as they come.
func sortBy(list []int, at func(int) time.Duration) {
	slices.SortStableFunc(list, func(a, b int) int { return int(min(1, max(-1, at(a)-at(b)))) })
}
