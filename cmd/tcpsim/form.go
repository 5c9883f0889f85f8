package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/sim/trace/strace"
	"github.com/tcpsim/tcpsim/sim/trace/tcpdump"
	"github.com/tcpsim/tcpsim/stack/words"
)

const (
	formatText    = "text"
	formatJSON    = "json" // also jsonl: a JSON object on each line
	formatJSONL   = "jsonl"
	formatTcpdump = "tcpdump"
	formatStrace  = "strace"
	formatPcapng  = "pcapng"
	formatPcap    = "pcap"
	formatXplot   = "xplot"
	formatASCII   = "ascii"
	formatSVG     = "svg"
)

// form is one of the forms in which a trace can be written.
type form struct {
	name    string
	endings []string // of files in that form
	binary  bool     // nothing for a terminal
	write   func(io.Writer, *trace.Trace, *formOptions) error
}

// formOptions are what there is to say about all the forms.
type formOptions struct {
	color   bool
	vantage pcap.Vantage
	dump    tcpdump.Options
	graph   graphOptions
	process string // whose calls; empty when there is only one
	calls   strace.Time
	picture plots.Options
}

var forms = []form{
	{formatText, []string{".txt"}, false, func(w io.Writer, t *trace.Trace, o *formOptions) error {
		return t.WriteText(w, trace.Style{Color: o.color})
	}},
	{formatJSONL, []string{".jsonl"}, false, writeJSONL},
	{formatJSON, []string{".json"}, false, writeJSONL},
	{formatTcpdump, []string{".tcpdump"}, false, func(w io.Writer, t *trace.Trace, o *formOptions) error {
		o.dump.Vantage = o.vantage
		return tcpdump.Write(w, t, o.dump)
	}},
	{formatStrace, []string{".strace"}, false, writeStrace},
	{formatPcapng, []string{".pcapng"}, true, writeCapture(pcap.PCAPNG)},
	{formatPcap, []string{".pcap", ".cap"}, true, writeCapture(pcap.PCAP)},
	{formatXplot, []string{".xpl"}, false, writeGraph},
	{formatSVG, []string{".svg"}, false, writePicture(plots.SVG)},
	{"png", []string{".png"}, true, writePicture(plots.PNG)},
	{"pdf", []string{".pdf"}, true, writePicture(plots.PDF)},
	{formatASCII, nil, false, writePicture(plots.ASCII)},
	{"mermaid", []string{".mmd", ".mermaid"}, false, writePicture(plots.Mermaid)},
}

// The forms that are captures and those that are pictures.
var (
	captureFormats = []string{formatPcapng, formatPcap}
	pictureFormats = []string{formatSVG, "png", "pdf", formatASCII, "mermaid"}
)

func formNames() []string {
	var names []string
	for _, f := range forms {
		names = append(names, f.name)
	}
	return names
}

// formNamed gives a form that is known to exist.
func formNamed(name string) *form {
	return &forms[slices.IndexFunc(forms, func(f form) bool { return f.name == name })]
}

// formOf tells the form of a file, one of those named, by the file's ending.
func formOf(path string, names []string) (*form, error) {
	var endings []string
	for i := range forms {
		f := &forms[i]
		if !slices.Contains(names, f.name) {
			continue
		}
		if slices.Contains(f.endings, strings.ToLower(filepath.Ext(path))) {
			return f, nil
		}
		endings = append(endings, f.endings...)
	}
	return nil, fmt.Errorf("the ending of %q tells no format; want %s", path, words.Either(endings))
}

func writeJSONL(w io.Writer, t *trace.Trace, _ *formOptions) error { return jsonl.Write(w, t) }

func writeCapture(f pcap.Format) func(io.Writer, *trace.Trace, *formOptions) error {
	return func(w io.Writer, t *trace.Trace, o *formOptions) error {
		return pcap.Write(w, t, pcap.Options{Format: f, Vantage: o.vantage})
	}
}

func writePicture(f plots.Format) func(io.Writer, *trace.Trace, *formOptions) error {
	return func(w io.Writer, t *trace.Trace, o *formOptions) error {
		picture := o.picture
		picture.Format = f
		return plots.Draw(w, t, picture)
	}
}

// writeStrace writes the calls of a process; of one that has been started
// again, those of each life.
func writeStrace(w io.Writer, t *trace.Trace, o *formOptions) error {
	var names []string
	for _, p := range t.Processes {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	name := o.process
	switch {
	case len(names) == 0:
		return errors.New("the trace has no process")
	case name == "" && len(names) == 1:
		name = names[0]
	case name == "":
		return fmt.Errorf("strace shows one process; want --process with %s", words.Either(names))
	case !slices.Contains(names, name):
		return fmt.Errorf("no process %q%s", name, words.Meant(name, names, "; there is "+strings.Join(names, ", ")))
	}
	for i, first := 0, true; i < len(t.Processes); i++ {
		if t.Processes[i].Name != name {
			continue
		}
		if !first {
			fmt.Fprintln(w)
		}
		first = false
		if err := strace.Write(w, t, strace.Options{Process: i, Time: o.calls}); err != nil {
			return err
		}
	}
	return nil
}
