package main

import (
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
)

// version is everything that decides how a run comes out, besides its input.
type version struct {
	Version  string     `json:"version"` // of the module
	Revision string     `json:"revision,omitempty"`
	Time     *time.Time `json:"time,omitempty"` // of the revision
	Modified bool       `json:"modified,omitempty"`
	GVisor   string     `json:"gvisor"`
	Go       string     `json:"go"`
	Platform string     `json:"platform"`
}

const gvisorPath = "gvisor.dev/gvisor"

// readVersion reads what the Go tool has put into the program.
func readVersion() version {
	v := version{
		Version: "unknown", GVisor: "unknown",
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, dep := range info.Deps {
		if dep.Path == gvisorPath {
			v.GVisor = dep.Version
		}
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		case "vcs.time":
			if t, err := time.Parse(time.RFC3339, s.Value); err == nil {
				v.Time = &t
			}
		}
	}
	return v
}

var release = regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+$`)

// releaseVersion is what pictures say about the version: nothing, unless it is
// a release, so that they stay the same while tcpsim is being worked on.
func releaseVersion() string {
	if v := readVersion().Version; release.MatchString(v) {
		return v
	}
	return ""
}

// String is the version for people, a line for each part.
func (v version) String() string {
	s := "tcpsim " + v.Version
	if v.Revision != "" {
		s += ", revision " + v.Revision
		if v.Modified {
			s += " with changes"
		}
	}
	return fmt.Sprintf("%s\ngVisor %s\n%s %s\n", s, v.GVisor, v.Go, v.Platform)
}

func (a *app) versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "version",
		GroupID: groupOther,
		Short:   "Print the versions of tcpsim, gVisor and Go",
		Long: `Print the versions of tcpsim, gVisor and Go. The same scenario with the same
seed gives the same trace wherever these are the same.`,
		Example: "  tcpsim version\n  tcpsim version --json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return writeJSON(a.out, readVersion())
			}
			_, err := a.out.WriteString(readVersion().String())
			return err
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
