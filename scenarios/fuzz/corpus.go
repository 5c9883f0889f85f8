package fuzz

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// corpus is a directory for what a campaign finds. Without a directory it does
// nothing.
type corpus struct {
	dir    string
	files  []*os.File // by job: the run in progress
	errors []string
}

func (c *corpus) open(dir string, jobs int) {
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		c.fail(err)
		return
	}
	c.dir = dir
	for job := range jobs {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("running-%d", job)))
		c.fail(err)
		c.files = append(c.files, f)
	}
}

func (c *corpus) fail(err error) {
	if err != nil {
		c.errors = append(c.errors, err.Error())
	}
}

// running notes what a job is about to run. A file that is left over after a
// crash of the process names the run and its bytes in hexadecimal.
func (c *corpus) running(job, run int, data []byte) {
	if job >= len(c.files) || c.files[job] == nil {
		return
	}
	line := fmt.Sprintf("%-12d %-512s\n", run, hex.EncodeToString(data))
	// A note that cannot be written costs a clue and not the campaign.
	_, _ = c.files[job].WriteAt([]byte(line), 0)
}

func (c *corpus) keep(f *Finding) {
	if c.dir == "" || f.Scenario == "" {
		return
	}
	c.fail(os.WriteFile(filepath.Join(c.dir, f.File()), f.WriteYAML(), 0o666))
}

func (c *corpus) close() {
	for _, f := range c.files {
		if f == nil {
			continue
		}
		c.fail(f.Close())
		c.fail(os.Remove(f.Name()))
	}
}
