package model

import "go.yaml.in/yaml/v4"

// Options says how to decode. The zero value checks everything that this
// package knows.
type Options struct {
	// Setting checks a sysctl of a host; its error becomes part of the message.
	// Nil accepts every setting.
	Setting func(name, value string) error

	// Scenario finds the case that a file repeats by its full name; its error
	// becomes part of the message. Nil refuses every such file.
	Scenario func(name string) (*Case, error)
}

// Decode reads a scenario file. name is what errors call the file; src is at
// most 1 MiB. A file that is wrong gives an Errors with at most ten errors, in
// file order, and no File. It never panics, whatever src holds.
func Decode(name string, src []byte, opts Options) (*File, error) {
	d := &decoder{problems: problems{file: name}, opts: opts, verbs: verbTable()}
	root := parse(&d.problems, src)
	if root == nil {
		return nil, d.err()
	}
	f := d.scenario(root)
	f.Path = name
	if err := d.err(); err != nil {
		return nil, err
	}
	return f, nil
}

// decoder decodes one file.
type decoder struct {
	problems
	opts  Options
	verbs []verb
	// torn is set once a part of the file could not be read. Names that seem to
	// be missing may then be in that part, so that it is not worth saying so.
	torn bool
}

func (d *decoder) scenario(root *yaml.Node) *File {
	f := newFile(position(root))
	m, ok := d.mapping(root, "a scenario file")
	if !ok {
		return &f
	}
	fields := d.fileFields()
	whole := readAll(d, m, "a scenario", fields, &f)
	if m.get("hosts") == nil && m.get("of") == nil {
		if whole = false; !misspelt(m, "hosts", fields) {
			d.addf(position(root), "a scenario needs the key \"hosts\"")
		}
	}
	d.torn = d.torn || !whole
	d.checkFire(m, &f, !d.torn)
	f.Base.Path, f.Base.Scenario, f.Base.Group = d.file, f.Name, f.Group
	for i := range f.Variants {
		v := &f.Variants[i]
		v.Path, v.Scenario, v.Group = d.file, f.Name, f.Group
	}
	d.checkVariantNames(f.Variants)
	for _, c := range f.Cases() {
		d.checkCase(c)
	}
	return &f
}
