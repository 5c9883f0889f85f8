package gallery

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"golang.org/x/sync/errgroup"
)

// Options say how to make a gallery. The zero value is the whole catalogue,
// with a case per processor at a time.
type Options struct {
	Files    []*model.File                     // what to show instead of the catalogue
	Source   func(name string) ([]byte, error) // gives the YAML of Files; nil is that of the catalogue
	Jobs     int                               // how many cases to run at a time
	Progress func(done, all int)               // called after each case, never twice at a time
}

// Generate runs scenarios and writes what they show into a directory, which is
// made where it is missing. An error before the first file is written leaves
// the directory as it was; each file is written as a whole or not at all.
func Generate(dir string, o Options) error {
	files := o.Files
	if files == nil {
		var err error
		if files, err = scenarios.LoadCatalogue(); err != nil {
			return err
		}
	}
	pages, err := render(files, o)
	if err != nil {
		return err
	}
	source := o.Source
	if source == nil {
		source = scenarios.Source
	}
	made := []file{index(pages)}
	for _, p := range pages {
		yaml, err := source(p.file.Name)
		if err != nil {
			return err
		}
		made = append(made, p.files(yaml)...)
	}
	return store(dir, made)
}

// file is one file of a gallery. Its path has slashes and is relative.
type file struct {
	path string
	data []byte
}

// render runs and draws all cases, several at a time.
func render(files []*model.File, o Options) ([]*page, error) {
	var pages []*page
	all := 0
	for _, f := range files {
		p := &page{file: f, shots: make([]shot, len(f.Cases()))}
		all += len(p.shots)
		pages = append(pages, p)
	}
	var (
		g    errgroup.Group
		mu   sync.Mutex
		done int
		errs = make([]error, all)
		next int // the number of a case among all
	)
	g.SetLimit(o.jobs())
	for _, p := range pages {
		cases := p.file.Cases()
		for i := range cases {
			at := next
			next++
			g.Go(func() error {
				p.shots[i], errs[at] = take(&cases[i])
				mu.Lock()
				defer mu.Unlock()
				if done++; o.Progress != nil {
					o.Progress(done, all)
				}
				return nil
			})
		}
	}
	_ = g.Wait() // the errors are in errs, in the order of the cases
	return pages, errors.Join(errs...)
}

func (o *Options) jobs() int {
	if o.Jobs > 0 {
		return o.Jobs
	}
	return runtime.GOMAXPROCS(0)
}

// unexpected is the error of a case that does not behave as its file says.
func unexpected(res *scenarios.Result) error {
	return fmt.Errorf("%s does not behave as expected: %s", res.Case.FullName(), res.Problems[0])
}
