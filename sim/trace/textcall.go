package trace

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// immediate reports whether a call can be printed with its result when it
// begins: it returned before anything else happened that another line shows.
func (p *printer) immediate(c *Call) bool { return c.Returned && c.Begin == c.End && !c.Blocked }

func (p *printer) call(e Event) {
	c := &p.t.Calls[e.Index]
	if p.immediate(c) {
		p.line(e.At, p.indent(c.Host)+p.text(c), "")
		return
	}
	p.line(e.At, p.indent(c.Host)+p.who(c)+c.Name+"("+c.Args+") ...", "")
}

func (p *printer) took(c *Call) string {
	took := (c.End - c.Begin).Round(time.Microsecond)
	if took == 0 {
		return ""
	}
	return p.style.paint(sgrDim, " <"+took.String()+">")
}

func (p *printer) text(c *Call) string {
	return p.who(c) + c.Text()
}

// who names the process where a host has several.
func (p *printer) who(c *Call) string {
	n := 0
	for _, pr := range p.t.Processes {
		if pr.Host == c.Host {
			n++
		}
	}
	if n < 2 {
		return ""
	}
	return "[" + p.t.Processes[c.Process].Name + "] "
}

// Text prints a call with its result as strace does.
func (c *Call) Text() string {
	s := c.Name + "(" + c.Args + ")"
	switch {
	case !c.Returned:
		return s + " never returns"
	case c.Errno != stack.OK:
		return s + " = -1 " + c.Errno.String()
	case c.Result != "" && c.Result[0] == '[':
		return s + " = " + fmt.Sprint(c.Value) + " " + c.Result
	case c.Result != "":
		return s + " = " + c.Result
	case c.Name == "recv" && c.Value == 0:
		return s + " = 0 (EOF)"
	case c.Name == "recv" && len(c.Data) > 0:
		return s + " = " + fmt.Sprint(c.Value) + " " + Quote(c.Data)
	}
	return s + " = " + fmt.Sprint(c.Value)
}
