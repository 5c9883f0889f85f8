package gallery

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// listName is the file that names the others of a gallery, in the form that
// sha256sum --check reads.
const listName = ".tcpsim-gallery"

type checksum = [sha256.Size]byte

// list is what a gallery has made, by path.
type list map[string]checksum

// listOf is the list of some files.
func listOf(made []file) list {
	l := list{}
	for _, f := range made {
		l[f.path] = sha256.Sum256(f.data)
	}
	return l
}

func (l list) bytes() []byte {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(l)) {
		fmt.Fprintf(&b, "%x  %s\n", l[name], name)
	}
	return []byte(b.String())
}

// readList reads the list of an earlier gallery; where there is none it is
// empty.
func readList(root *os.Root) (list, error) {
	l := list{}
	data, err := root.ReadFile(listName)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	n := 0
	for text := range strings.Lines(string(data)) {
		n++
		sum, name, ok := strings.Cut(strings.TrimSuffix(text, "\n"), "  ")
		bytes, err := hex.DecodeString(sum)
		if !ok || err != nil || len(bytes) != sha256.Size || !own(name) {
			return nil, fmt.Errorf("line %d is no line of a gallery's list", n)
		}
		l[name] = checksum(bytes)
	}
	return l, nil
}

// own reports whether a gallery could have made a file of that name. A list
// that somebody has edited must not name others to be removed.
func own(name string) bool {
	return filepath.IsLocal(name) && strings.Count(name, "/") <= 1 &&
		(strings.HasSuffix(name, ".md") || strings.HasSuffix(name, ".svg"))
}
