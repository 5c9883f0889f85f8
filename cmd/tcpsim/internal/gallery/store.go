package gallery

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
)

// store writes the files of a gallery and removes those of an earlier one. Of
// what else is in the directory it touches nothing.
func store(dir string, made []file) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	earlier, err := readList(root)
	if err != nil {
		return fmt.Errorf("%s: %w", path.Join(dir, listName), err)
	}
	if err := foreign(root, made, earlier); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if err := replace(root, made, earlier); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}

// foreign refuses to replace a file that no gallery has made.
func foreign(root *os.Root, made []file, earlier list) error {
	for _, f := range made {
		old, err := root.ReadFile(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return err
		}
		if _, ok := earlier[f.path]; !ok && !bytes.Equal(old, f.data) {
			return fmt.Errorf("%s was not made by tcpsim gallery and would be replaced; name another directory", f.path)
		}
	}
	return nil
}

// replace lists the new files before it writes them, so that after a crash the
// next gallery knows them as its own.
func replace(root *os.Root, made []file, earlier list) error {
	now := listOf(made)
	both := maps.Clone(earlier)
	maps.Copy(both, now)
	if err := write(root, file{listName, both.bytes()}); err != nil {
		return err
	}
	for _, f := range made {
		if err := write(root, f); err != nil {
			return err
		}
	}
	for _, stale := range slices.Sorted(maps.Keys(earlier)) {
		if _, ok := now[stale]; ok {
			continue
		}
		if err := remove(root, stale, earlier[stale]); err != nil {
			return err
		}
	}
	return write(root, file{listName, now.bytes()})
}

// remove removes a file that is still as the gallery made it, and its
// directory with the last one.
func remove(root *os.Root, name string, sum checksum) error {
	data, err := root.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case sha256.Sum256(data) != sum:
		return nil // somebody's now
	}
	if err := root.Remove(name); err != nil {
		return err
	}
	if dir := path.Dir(name); dir != "." {
		_ = root.Remove(dir) // which fails as long as there is something in it
	}
	return nil
}

// write gives a file its content as a whole. One that has it keeps its time.
func write(root *os.Root, f file) error {
	if old, err := root.ReadFile(f.path); err == nil && bytes.Equal(old, f.data) {
		return nil
	}
	dir := path.Dir(f.path)
	if err := root.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	temp := path.Join(dir, fmt.Sprintf(".tcpsim-%d.tmp", os.Getpid()))
	err := root.WriteFile(temp, f.data, 0o666)
	if err == nil {
		err = root.Rename(temp, f.path)
	}
	if err != nil {
		_ = root.Remove(temp) // the error that came first is the one to tell
	}
	return err
}
