package trace

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/stack"
)

func (p *printer) footer() {
	t := p.t
	fmt.Fprintln(p.w)
	if t.Stopped != "" {
		fmt.Fprintf(p.w, "The run was ended at %s (%s).\n", Clock(t.End), t.Stopped)
	}
	for i := range t.Processes {
		p.process(i)
	}
}

// process says what one process saw: how each of its calls about data ended.
func (p *printer) process(i int) {
	pr := &p.t.Processes[i]
	name := pr.Name
	if name != pr.Host.String() {
		name += " (on " + pr.Host.String() + ")"
	}
	fmt.Fprintf(p.w, "%s saw: ", p.style.paint(sgrBold, name))
	var saw []string
	for k := range p.t.Calls {
		c := &p.t.Calls[k]
		if c.Process != i {
			continue
		}
		switch c.Name {
		case "socket", "bind", "listen", "exit", "setsockopt", "fcntl", "dup", "fork", "getsockname":
			if c.Errno == stack.OK {
				continue
			}
		}
		saw = append(saw, c.outcome())
	}
	if len(saw) == 0 {
		saw = []string{"nothing"}
	}
	for n, l := range Wrap(strings.Join(fold(saw), ", ")+"; "+pr.end(), 92) {
		if n > 0 {
			fmt.Fprint(p.w, "  ")
		}
		fmt.Fprintln(p.w, l)
	}
}

// end says what became of the process.
func (pr *Process) end() string {
	switch {
	case !pr.Ended:
		return "still running at the end"
	case pr.Signal == "power loss":
		return "lost with its host at " + Clock(pr.EndAt)
	case pr.Signal != "":
		return fmt.Sprintf("killed by %s at %s (status %d)", pr.Signal, Clock(pr.EndAt), pr.Status)
	}
	return fmt.Sprintf("exited with status %d at %s", pr.Status, Clock(pr.EndAt))
}

// outcome is a call's name and result in short: recv = ECONNRESET.
func (c *Call) outcome() string {
	switch {
	case !c.Returned:
		return c.Name + " never returned"
	case c.Errno != stack.OK:
		return c.Name + " = " + c.Errno.String()
	case c.Name == "recv" && c.Value == 0:
		return "recv = EOF"
	case c.Name == "accept", c.Name == "connect", c.Name == "close", c.Name == "shutdown":
		return c.Name + " = ok"
	case c.Name == "getsockopt":
		_, option, _ := strings.Cut(c.Args, ", ")
		return option + " = " + strings.Trim(c.Result, "[]")
	case c.Name == "poll" && c.Result != "":
		_, events, _ := strings.Cut(c.Result, "revents=")
		return "poll = " + strings.TrimSuffix(events, "}")
	case c.Result != "":
		return c.Name + " = " + c.Result
	}
	return fmt.Sprintf("%s = %d", c.Name, c.Value)
}

// fold writes runs of equal results once, with how often they came.
func fold(saw []string) []string {
	var out []string
	for i := 0; i < len(saw); {
		j := i
		for j < len(saw) && saw[j] == saw[i] {
			j++
		}
		if j-i > 1 {
			out = append(out, fmt.Sprintf("%s (%d times)", saw[i], j-i))
		} else {
			out = append(out, saw[i])
		}
		i = j
	}
	return out
}

// Wrap breaks text into lines of at most width bytes, at spaces. A longer word
// stays whole.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
