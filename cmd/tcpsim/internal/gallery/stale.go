package gallery

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// Stale compares a directory with the gallery that would be written there, and
// says of each file that differs how it does. It writes nothing.
func Stale(dir string, o Options) ([]string, error) {
	made, err := o.files()
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	made = append(made, file{listName, listOf(made).bytes()})
	expected := map[string]bool{}
	var found []string
	for _, f := range made {
		expected[f.path] = true
		old, err := root.ReadFile(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			found = append(found, f.path+": is missing")
		case err != nil:
			return nil, err
		case !bytes.Equal(old, f.data):
			found = append(found, fmt.Sprintf("%s: differs, first in line %d", f.path, firstLine(old, f.data)))
		}
	}
	err = fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !expected[path] {
			found = append(found, path+": belongs to no scenario")
		}
		return err
	})
	slices.Sort(found)
	return found, err
}

// firstLine is the number of the first line in which two texts differ.
func firstLine(a, b []byte) int {
	n := 1
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			break
		}
		if a[i] == '\n' {
			n++
		}
	}
	return n
}
