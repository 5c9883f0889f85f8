package gallery

import (
	"errors"
	"fmt"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/parallel"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

// Options say how to make a gallery. The zero value is the whole catalogue,
// with a case per processor at a time.
type Options struct {
	Pictures Pictures                          // of which cases
	Files    []*model.File                     // what to show instead of the catalogue
	Source   func(name string) ([]byte, error) // gives the YAML of Files; nil is that of the catalogue
	Jobs     int                               // how many cases to run at a time
	Progress func(done, all int)               // called after each case, never twice at a time
}

// Pictures says which cases of a scenario have pictures.
type Pictures uint8

// All pictures take about five times the room of those of the base cases.
const (
	All  Pictures = iota // every case, with its trace
	Base                 // the base case; the others are listed, with what they show
)

// Generate runs scenarios and writes what they show into a directory, which is
// made where it is missing. An error before the first file is written leaves
// the directory as it was; each file is written as a whole or not at all.
func Generate(dir string, o Options) error {
	made, err := o.files()
	if err != nil {
		return err
	}
	return store(dir, made)
}

// files makes all files of a gallery.
func (o *Options) files() ([]file, error) {
	files := o.Files
	if files == nil {
		var err error
		if files, err = scenarios.LoadCatalogue(); err != nil {
			return nil, err
		}
	}
	pages, err := o.render(files)
	if err != nil {
		return nil, err
	}
	source := o.Source
	if source == nil {
		source = scenarios.Source
	}
	made := []file{index(pages)}
	for _, p := range pages {
		yaml, err := source(p.file.Name)
		if err != nil {
			return nil, err
		}
		made = append(made, p.files(yaml)...)
	}
	return made, nil
}

// file is one file of a gallery. Its path has slashes and is relative.
type file struct {
	path string
	data []byte
}

// render runs and draws all cases, several at a time.
func (o *Options) render(files []*model.File) ([]*page, error) {
	var pages []*page
	named := make(map[string]*model.File)
	fire := make(map[string]*model.File) // by the scenario that they repeat
	for _, f := range files {
		named[f.Name] = f
		if f.Of != "" {
			fire[f.Of] = f
		}
	}
	for _, f := range files {
		p := &page{file: f, shots: make([]shot, len(f.Cases())), of: named[f.Of], fire: fire[f.Name]}
		pages = append(pages, p)
	}
	var takes []func() error // in the order of the cases
	for _, p := range pages {
		cases := p.file.Cases()
		for i := range cases {
			takes = append(takes, func() (err error) {
				p.shots[i], err = take(&cases[i], o.Pictures == All || i == 0)
				return err
			})
		}
	}
	errs := make([]error, len(takes))
	parallel.Each(len(takes), o.Jobs, o.Progress, func(i int) { errs[i] = takes[i]() })
	return pages, errors.Join(errs...)
}

// unexpected is the error of a case that does not behave as its file says.
func unexpected(res *scenarios.Result) error {
	return fmt.Errorf("%s does not behave as expected: %s", res.Case.FullName(), res.Problems[0])
}
