package match

// Pair is a place in each of two sequences, -1 where one of them has no partner.
type Pair struct{ A, B int }

// Both reports whether neither is without a partner.
func (p Pair) Both() bool { return p.A >= 0 && p.B >= 0 }

// Align pairs as many elements as can be paired of two sequences of n and m, the
// order of both kept, and gives those without a partner of the first before
// those of the second. fits says whether two may be partners; it need not be an
// equality. The work grows with n times m.
func Align(n, m int, fits func(a, b int) bool) []Pair {
	// most[a][b] is how many pairs there are from a and b on.
	most := make([][]int, n+1)
	for a := range most {
		most[a] = make([]int, m+1)
	}
	for a := n - 1; a >= 0; a-- {
		for b := m - 1; b >= 0; b-- {
			most[a][b] = max(most[a+1][b], most[a][b+1])
			if more := most[a+1][b+1] + 1; more > most[a][b] && fits(a, b) {
				most[a][b] = more
			}
		}
	}
	var pairs []Pair
	a, b := 0, 0
	for a < n || b < m {
		switch {
		case a < n && b < m && most[a][b] == most[a+1][b+1]+1 && fits(a, b):
			pairs = append(pairs, Pair{a, b})
			a, b = a+1, b+1
		case b == m || a < n && most[a+1][b] >= most[a][b+1]:
			pairs = append(pairs, Pair{a, -1})
			a++
		default:
			pairs = append(pairs, Pair{-1, b})
			b++
		}
	}
	return pairs
}
