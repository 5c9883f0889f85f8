package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/suggest"
	"github.com/tcpsim/tcpsim/stack"
)

//go:embed catalogue
var embedded embed.FS

// groups is the order in which the catalogue is listed; a group that is not
// named here comes after these.
var groups = []string{"first", "opening", "closing", "waiting", "half-open", "time-wait", "under-fire"}

// Catalogue gives every scenario that comes with tcpsim, by group and name. It
// panics where LoadCatalogue gives an error.
func Catalogue() []*model.File {
	files, err := LoadCatalogue()
	if err != nil {
		panic(err)
	}
	return files
}

// LoadCatalogue gives every scenario that comes with tcpsim, by group and name.
// An error means that tcpsim was built with a file that it cannot read.
func LoadCatalogue() ([]*model.File, error) { return load() }

var load = sync.OnceValues(func() ([]*model.File, error) { return decodeAll(embedded) })

func decodeAll(fsys fs.FS) ([]*model.File, error) {
	names, err := fs.Glob(fsys, "catalogue/*.yaml")
	if err != nil {
		return nil, err
	}
	s := shelf{fsys: fsys, files: make(map[string]*model.File)}
	var files []*model.File
	for _, name := range names {
		f, err := s.file(name)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	slices.SortStableFunc(files, func(a, b *model.File) int {
		if a.Group != b.Group {
			return groupRank(a.Group) - groupRank(b.Group)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return files, nil
}

// shelf decodes each file of the catalogue once: one may repeat another.
type shelf struct {
	fsys  fs.FS
	files map[string]*model.File // by path; nil while it is decoded
}

func (s *shelf) file(name string) (*model.File, error) {
	if f, ok := s.files[name]; ok {
		return f, nil
	}
	src, err := fs.ReadFile(s.fsys, name)
	if err != nil {
		return nil, err
	}
	s.files[name] = nil
	f, err := model.Decode(path.Base(name), src, model.Options{Setting: checkSetting, Scenario: s.scenario})
	if err != nil {
		return nil, fmt.Errorf("the catalogue is broken:\n%w", err)
	}
	s.files[name] = f
	return f, nil
}

func (s *shelf) scenario(name string) (*model.Case, error) {
	base, variant, _ := strings.Cut(name, "/")
	f, err := s.file("catalogue/" + base + ".yaml")
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return nil, fmt.Errorf("%s repeats itself", base)
	}
	return Pick(f, variant)
}

func groupRank(g string) int {
	if i := slices.Index(groups, g); i >= 0 {
		return i
	}
	return len(groups)
}

// Decode reads a scenario file, with the settings checked. name is what errors
// call it.
func Decode(name string, src []byte) (*model.File, error) {
	return model.Decode(name, src, model.Options{Setting: checkSetting, Scenario: Find})
}

// checkSetting says what is wrong with a setting whose name the message has
// named.
func checkSetting(name, value string) error {
	err := stack.CheckSetting(name, value)
	var wrong *stack.SettingError
	switch {
	case !errors.As(err, &wrong):
		return err
	case wrong.Allowed != "":
		return fmt.Errorf("want %s, not %q", wrong.Allowed, value)
	}
	var names []string
	for _, s := range stack.Settings() {
		names = append(names, s.Name)
	}
	return fmt.Errorf("there is no such setting%s", meant(name, names, "; tcpsim settings lists them"))
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
	files, err := LoadCatalogue()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range files {
		if f.Name == base {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return nil, fmt.Errorf("no scenario %q%s", base, meant(base, names, "; tcpsim list shows all"))
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
		meant(variant, names, "; it has "+strings.Join(names, ", ")))
}

// meant suggests the name that is nearest, or says otherwise when none is.
func meant(name string, names []string, otherwise string) string {
	if near := suggest.Nearest(name, names); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return otherwise
}
