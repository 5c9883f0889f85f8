package kernel

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Kernel is one that was built.
type Kernel struct {
	Version string    `json:"version"` // of the source, such as 6.12.117
	Key     string    `json:"key"`     // see [Key]
	Built   time.Time `json:"built"`
	Source  string    `json:"source"` // what it was built from, for people
	Size    int64     `json:"size"`   // of the program, in bytes
	Path    string    `json:"path"`   // of the program
	// Current tells that this version of tcpsim would build the same; others
	// cannot be run by it.
	Current bool `json:"current"`
}

// Series is the version without its last number: 6.12.
func (k *Kernel) Series() string { return series(k.Version) }

// A Cache is the directory in which kernels are kept.
type Cache struct {
	Dir string
}

// DefaultCache is the directory tcpsim/kernels below the user's own cache
// directory ([os.UserCacheDir]).
func DefaultCache() (Cache, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return Cache{}, fmt.Errorf("no cache directory: %w", err)
	}
	return Cache{filepath.Join(dir, "tcpsim", "kernels")}, nil
}

const (
	programName = "linux"
	recordName  = "kernel.json"
	halfBuilt   = ".build-" // begins the name of a directory that is being built in
)

// List returns the kernels of the cache, the newest version first, and of one
// version those that can be run first. Without a cache there are none.
func (c Cache) List() ([]Kernel, error) {
	entries, err := os.ReadDir(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Kernel
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || !e.IsDir() {
			continue
		}
		k, err := c.read(e.Name())
		if err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b Kernel) int {
		return cmp.Or(-compare(a.Version, b.Version), cmp.Compare(rank(a.Current), rank(b.Current)), cmp.Compare(a.Key, b.Key))
	})
	return list, nil
}

func rank(current bool) int {
	if current {
		return 0
	}
	return 1
}

func (c Cache) read(name string) (Kernel, error) {
	record := filepath.Join(c.Dir, name, recordName)
	text, err := os.ReadFile(record)
	if err != nil {
		return Kernel{}, fmt.Errorf("%s is no kernel that was built: %w", filepath.Join(c.Dir, name), err)
	}
	var k Kernel
	if err := json.Unmarshal(text, &k); err != nil {
		return Kernel{}, fmt.Errorf("%s: %w", record, err)
	}
	k.Path = filepath.Join(c.Dir, name, programName)
	k.Current = k.Key == Key(k.Version)
	return k, nil
}

// Find returns the newest kernel of a version (6.12.117) or a series (6.12)
// that can be run; of any with "".
func (c Cache) Find(version string) (*Kernel, error) {
	if version != "" {
		if err := CheckVersion(version); err != nil {
			return nil, err
		}
	}
	list, err := c.List()
	if err != nil {
		return nil, err
	}
	var have []string
	for i := range list {
		if !list[i].Current {
			continue
		}
		if version == "" || matches(&list[i], version) {
			return &list[i], nil
		}
		have = append(have, list[i].Version)
	}
	what, build := "no kernel is built", DefaultVersion
	if version != "" {
		what, build = "Linux "+version+" is not built", version
	}
	if len(have) > 0 {
		what += " (there is " + strings.Join(have, ", ") + ")"
	}
	return nil, fmt.Errorf("%s: tcpsim kernel build %s builds it", what, build)
}

func matches(k *Kernel, version string) bool {
	return k.Version == version || k.Series() == version
}

// Remove deletes the kernels of a version or a series, those of other versions
// of tcpsim too, and returns what it deleted.
func (c Cache) Remove(version string) ([]Kernel, error) {
	if err := CheckVersion(version); err != nil {
		return nil, err
	}
	list, err := c.List()
	if err != nil {
		return nil, err
	}
	var removed []Kernel
	for _, k := range list {
		if !matches(&k, version) {
			continue
		}
		// Out of sight first, so that half of a kernel is never there to be found.
		dir := filepath.Dir(k.Path)
		hidden := filepath.Join(c.Dir, halfBuilt+filepath.Base(dir))
		if err := os.Rename(dir, hidden); err != nil {
			return removed, err
		}
		if err := os.RemoveAll(hidden); err != nil {
			return removed, err
		}
		removed = append(removed, k)
	}
	if len(removed) == 0 {
		return nil, fmt.Errorf("no kernel %s is built", version)
	}
	return removed, nil
}

// DefaultVersion is the series that is built when none is named.
const DefaultVersion = "6.12"

var versions = regexp.MustCompile(`^[0-9]+\.[0-9]+(\.[0-9]+)?$`)

// CheckVersion refuses what is no version of Linux as this package takes it.
func CheckVersion(version string) error {
	if !versions.MatchString(version) {
		return fmt.Errorf("%q is no version of Linux: want one such as 6.12 or 6.12.117", version)
	}
	return nil
}

func series(version string) string {
	numbers := strings.Split(version, ".")
	return strings.Join(numbers[:min(2, len(numbers))], ".")
}

// compare orders versions by their numbers.
func compare(a, b string) int {
	return slices.Compare(numbers(a), numbers(b))
}

func numbers(version string) []int {
	var list []int
	for _, text := range strings.Split(version, ".") {
		n, err := strconv.Atoi(text)
		if err != nil {
			n = -1 // a record that somebody has changed; it sorts last
		}
		list = append(list, n)
	}
	return list
}
