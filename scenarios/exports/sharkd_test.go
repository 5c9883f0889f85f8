package exports_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// sharkd is Wireshark as a server: requests and answers are JSON on one line
// each.
type sharkd struct {
	in  io.Writer
	out *bufio.Reader
	id  int

	kill func() error // when it does not answer
}

func startSharkd(t *testing.T, path string) (*sharkd, error) {
	t.Helper()
	cmd := exec.Command(path, "-")
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C", "HOME="+t.TempDir())
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
	t.Cleanup(func() {
		in.Close() // which ends it
		cmd.Wait()
	})
	s := &sharkd{in: in, out: bufio.NewReader(out), kill: cmd.Process.Kill}
	for _, p := range preferences {
		if err := s.ask("setconf", map[string]string{"name": p, "value": "TRUE"}, nil); err != nil {
			return nil, err
		}
	}
	return s, nil
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
	stuck := time.AfterFunc(time.Minute, func() { s.kill() })
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

// rows are the fields of each packet of a file.
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
