package exports_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

// sharkd is Wireshark as a server: requests and answers are JSON on one line
// each.
type sharkd struct {
	in  io.WriteCloser
	out *bufio.Reader
	id  int
	cmd *exec.Cmd
}

// sharkds are servers that take turns. A server forgets nothing of the files
// that it has read, becomes slow and in the end dies of it, so that none of them
// reads many.
type sharkds struct {
	path, home string
	idle       chan *sharkd
}

const filesPerSharkd = 100

func newSharkds(t *testing.T, path string) *sharkds {
	n := runtime.GOMAXPROCS(0)
	p := &sharkds{path: path, home: t.TempDir(), idle: make(chan *sharkd, n)}
	for range n {
		p.idle <- nil
	}
	t.Cleanup(func() {
		for range n {
			if s := <-p.idle; s != nil {
				s.end()
			}
		}
	})
	return p
}

// rows are the fields of each packet of a file. A server that has read others
// before may fail for that; a new one may not.
func (p *sharkds) rows(path string) (rows [][]string, err error) {
	s := <-p.idle
	defer func() { p.idle <- s }()
	for again := true; again; {
		if again = s != nil; !again {
			if s, err = startSharkd(p.path, p.home); err != nil {
				return nil, err
			}
		}
		rows, err = s.rows(path)
		if err != nil || s.id > filesPerSharkd*requestsPerFile {
			s.end()
			s = nil
		}
		if err == nil {
			break
		}
	}
	return rows, err
}

func startSharkd(path, home string) (*sharkd, error) {
	cmd := exec.Command(path, "-")
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C", "HOME="+home)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &sharkd{in: in, out: bufio.NewReader(out), cmd: cmd}
	for _, p := range preferences {
		if err := s.ask("setconf", map[string]string{"name": p, "value": "TRUE"}, nil); err != nil {
			s.end()
			return nil, err
		}
	}
	return s, nil
}

func (s *sharkd) end() {
	s.in.Close() // which ends it
	s.cmd.Wait()
}

// ask makes a request and decodes the result.
func (s *sharkd) ask(method string, params map[string]string, result any) error {
	s.id++
	request, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": s.id, "method": method, "params": params})
	if err != nil {
		return err
	}
	if _, err := s.in.Write(append(request, '\n')); err != nil {
		return err
	}
	stuck := time.AfterFunc(time.Minute, func() { s.cmd.Process.Kill() })
	line, err := s.out.ReadBytes('\n')
	if err != nil || !stuck.Stop() {
		return fmt.Errorf("sharkd: %s: %v", request, err)
	}
	var answer struct {
		ID     int
		Error  json.RawMessage
		Result json.RawMessage
	}
	switch err := json.Unmarshal(line, &answer); {
	case err != nil:
		return fmt.Errorf("sharkd: %s: %w in %q", method, err, line)
	case answer.ID != s.id || answer.Error != nil:
		return fmt.Errorf("sharkd: %s: %s", method, line)
	case result == nil:
		return nil
	}
	return json.Unmarshal(answer.Result, result)
}

// requestsPerFile is how many requests rows makes.
const requestsPerFile = 2

func (s *sharkd) rows(path string) (rows [][]string, err error) {
	if err := s.ask("load", map[string]string{"file": path}, nil); err != nil {
		return nil, err
	}
	columns := map[string]string{}
	for i, n := range names() {
		columns[fmt.Sprintf("column%d", i)] = n + ":0" // every occurrence
	}
	var frames []struct {
		C []string
	}
	if err := s.ask("frames", columns, &frames); err != nil {
		return nil, err
	}
	for _, f := range frames {
		for i, v := range f.C {
			if number, ok := shown[v]; ok {
				f.C[i] = number
			}
		}
		rows = append(rows, f.C)
	}
	return rows, nil
}

// shown are the words of Wireshark's columns for the numbers that tshark has.
var shown = map[string]string{"Inbound": "0x00000001", "Outbound": "0x00000002", "Good": "1", "Bad": "0", "Unverified": "2"}
