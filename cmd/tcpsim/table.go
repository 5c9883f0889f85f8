package main

import (
	"fmt"
	"io"
	"strings"
)

// table aligns cells that are at most painted when they are printed.
type table struct {
	head    []string
	rows    [][]string
	toRight map[int]bool
	paint   func(column int, text string) string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// right aligns columns of numbers.
func (t *table) right(columns ...int) {
	t.toRight = map[int]bool{}
	for _, c := range columns {
		t.toRight[c] = true
	}
}

func (t *table) write(w io.Writer) {
	width := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			width[i] = max(width[i], len(cell))
		}
	}
	for n, row := range append([][]string{t.head}, t.rows...) {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-len(cell))
			if n > 0 && t.paint != nil {
				cell = t.paint(i, cell)
			}
			if t.toRight[i] {
				cell, pad = pad+cell, ""
			}
			if i > 0 {
				b.WriteString("  ")
			}
			b.WriteString(cell + pad)
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}
