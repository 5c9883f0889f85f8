package scenarios

import (
	"bytes"
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
	"github.com/tcpsim/tcpsim/scenarios/model/file"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
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

var (
	// shelved is what has been decoded of the catalogue in this process: who
	// asks for one scenario waits for one file.
	shelved = shelf{fsys: embedded, files: make(map[string]*model.File)}
	load    = sync.OnceValues(shelved.all)
)

// shelf decodes each file of a catalogue once: one may repeat another.
type shelf struct {
	fsys fs.FS

	mu    sync.Mutex
	files map[string]*model.File // by name of the scenario; nil while it is decoded
}

// names are those of the scenarios, which their files bear too.
func (s *shelf) names() ([]string, error) {
	names, err := fs.Glob(s.fsys, "catalogue/*.yaml")
	for i, n := range names {
		names[i] = strings.TrimSuffix(path.Base(n), ".yaml")
	}
	return names, err
}

// all gives every file, by group and name.
func (s *shelf) all() ([]*model.File, error) {
	names, err := s.names()
	if err != nil {
		return nil, err
	}
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

func (s *shelf) file(name string) (*model.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.decode(name)
}

// decode is file for those who hold the lock.
func (s *shelf) decode(name string) (*model.File, error) {
	if f, ok := s.files[name]; ok {
		return f, nil
	}
	src, err := fs.ReadFile(s.fsys, "catalogue/"+name+".yaml")
	if err != nil {
		return nil, err
	}
	s.files[name] = nil
	f, err := file.Decode(name+".yaml", src, file.Options{Setting: checkSetting, Scenario: s.scenario})
	if err == nil && f.Name != name {
		err = fmt.Errorf("%s.yaml holds the scenario %s", name, f.Name)
	}
	if err != nil {
		delete(s.files, name)
		return nil, fmt.Errorf("the catalogue is broken:\n%w", err)
	}
	s.files[name] = f
	return f, nil
}

func (s *shelf) scenario(name string) (*model.Case, error) {
	base, variant, _ := strings.Cut(name, "/")
	f, err := s.decode(base)
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
	return file.Decode(name, src, file.Options{Setting: checkSetting, Scenario: Find})
}

// Check says what is wrong with a scenario that was made in Go, as [Decode] would
// of its file.
func Check(f *model.File) error {
	return file.Check(f, file.Options{Setting: checkSetting, Scenario: Find})
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
	return fmt.Errorf("there is no such setting%s", words.Meant(name, names, "; tcpsim settings lists them"))
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
	names, err := shelved.names()
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, base) {
		return nil, fmt.Errorf("no scenario %q%s", base, words.Meant(base, names, "; tcpsim list shows all"))
	}
	return shelved.file(base)
}

// Headline is what a list shows of a scenario.
type Headline struct{ Name, Title string }

// Headlines gives the name and the title of every scenario that comes with
// tcpsim, by name. It reads no more of the files than that, a hundred times as
// fast as [LoadCatalogue]: a shell waits for it while somebody types. A file
// that cannot be read has no title.
func Headlines() []Headline {
	names, err := shelved.names()
	if err != nil {
		return nil
	}
	all := make([]Headline, len(names))
	for i, name := range names {
		src, err := fs.ReadFile(shelved.fsys, "catalogue/"+name+".yaml")
		if err == nil {
			all[i].Title = titleOf(src)
		}
		all[i].Name = name
	}
	return all
}

// titleOf reads the value of title: that line alone, and those that go on with it.
func titleOf(src []byte) string {
	var lines []byte
	for line := range bytes.Lines(src) {
		switch {
		case bytes.HasPrefix(line, []byte("title:")), len(lines) > 0 && line[0] == ' ':
			lines = append(lines, line...)
		case len(lines) > 0:
			var head struct{ Title string }
			if yaml.Unmarshal(lines, &head) != nil {
				return ""
			}
			return head.Title
		}
	}
	return ""
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
		words.Meant(variant, names, "; it has "+strings.Join(names, ", ")))
}
