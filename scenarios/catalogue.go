package scenarios

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/agnivade/levenshtein"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack"
)

//go:embed catalogue
var embedded embed.FS

// groups is the order in which the catalogue is listed; a group that is not
// named here comes after these.
var groups = []string{"first"}

// Catalogue gives every scenario that comes with tcpsim, by group and name.
var Catalogue = sync.OnceValue(func() []*model.File {
	names, err := fs.Glob(embedded, "catalogue/*.yaml")
	if err != nil {
		panic(err)
	}
	var files []*model.File
	for _, name := range names {
		src, err := embedded.ReadFile(name)
		if err != nil {
			panic(err)
		}
		f, err := Decode(path.Base(name), src)
		if err != nil {
			panic(fmt.Sprintf("the catalogue is broken:\n%v", err))
		}
		files = append(files, f)
	}
	slices.SortStableFunc(files, func(a, b *model.File) int {
		if a.Group != b.Group {
			return groupRank(a.Group) - groupRank(b.Group)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return files
})

func groupRank(g string) int {
	if i := slices.Index(groups, g); i >= 0 {
		return i
	}
	return len(groups)
}

// Decode reads a scenario file, with the settings checked. name is what errors
// call it.
func Decode(name string, src []byte) (*model.File, error) {
	return model.Decode(name, src, model.Options{Setting: stack.CheckSetting})
}

// Load reads a scenario file from disk.
func Load(name string) (*model.File, error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Decode(name, src)
}

// Source gives the YAML of a scenario of the catalogue.
func Source(name string) ([]byte, error) {
	f, err := FindFile(name)
	if err != nil {
		return nil, err
	}
	return embedded.ReadFile("catalogue/" + f.Name + ".yaml")
}

// FindFile finds a scenario of the catalogue by its name, or by the full name
// of one of its cases. The error names the nearest one.
func FindFile(name string) (*model.File, error) {
	base, _, _ := strings.Cut(name, "/")
	for _, f := range Catalogue() {
		if f.Name == base {
			return f, nil
		}
	}
	names := make([]string, 0, len(Catalogue()))
	for _, f := range Catalogue() {
		names = append(names, f.Name)
	}
	return nil, fmt.Errorf("no scenario %q%s", base, nearest(base, names, "; tcpsim list shows all"))
}

// Find finds a case of the catalogue: unread-data is the scenario itself,
// unread-data/all-read one of its variants.
func Find(name string) (*model.Case, error) {
	f, err := FindFile(name)
	if err != nil {
		return nil, err
	}
	_, variant, _ := strings.Cut(name, "/")
	return Pick(f, variant)
}

// Pick gives one case of a file; the empty name is the base case.
func Pick(f *model.File, variant string) (*model.Case, error) {
	cases := f.Cases()
	names := make([]string, 0, len(cases))
	for i := range cases {
		if cases[i].Name == variant {
			return &cases[i], nil
		}
		if cases[i].Name != "" {
			names = append(names, cases[i].Name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("scenario %s has no cases, so there is no %q", f.Name, variant)
	}
	return nil, fmt.Errorf("scenario %s has no case %q%s", f.Name, variant,
		nearest(variant, names, "; it has "+strings.Join(names, ", ")))
}

// nearest suggests the name that is closest, or says otherwise when none is
// close.
func nearest(name string, names []string, otherwise string) string {
	best, dist := "", 1+len(name)/2
	for _, n := range names {
		d := levenshtein.ComputeDistance(name, n)
		if strings.HasPrefix(n, name) && name != "" {
			d = 1
		}
		if d < dist {
			best, dist = n, d
		}
	}
	if best == "" {
		return otherwise
	}
	return fmt.Sprintf("; did you mean %q?", best)
}
