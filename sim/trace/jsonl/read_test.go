package jsonl_test

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
	"github.com/tcpsim/tcpsim/stack"
)

const (
	head = `{"type":"tcpsim-trace","version":"2.0","seed":1,"hosts":[{"name":"client","addr":""},{"name":"server","addr":""}],"links":[{"a":"client","b":"server"}],"conns":[{"a":{"host":"client","addr":""},"b":{"host":"server","addr":""}}]}` + "\n"
	tail = `{"type":"end","at":9,"processes":[{"name":"p","host":"client"}]}` + "\n"

	aSent = `{"type":"sent","at":5,"segment":1,"from":"client","to":"server","link":0,"conn":0,"flags":"S","seq":0,"ack":0,"raw_seq":0,"raw_ack":0,"len":0,"window":0}` + "\n"
	aCall = `{"type":"call","at":5,"call":0,"process":"p","pid":0,"host":"client","op":"recv","args":{"fd":3,"len":1}}` + "\n"
	aBack = `{"type":"return","at":7,"call":0,"process":"p","op":"recv","took_ns":2,"value":0}` + "\n"
	aNote = `{"type":"note","at":5,"note":0,"kind":"crash","host":"server","text":"gone"}` + "\n"
	aTime = `{"type":"timer","at":5,"timer":0,"host":"server","name":"rto"}` + "\n"
	aMove = `{"type":"state","at":5,"host":"client","endpoint":1,"from":"CLOSED","to":"SYN_SENT"}` + "\n"
)

func TestReadSaysWhatIsWrongAndWhere(t *testing.T) {
	swap := func(in, old, new string) string {
		if !strings.Contains(in, old) {
			t.Fatalf("%q is not in %q", old, in)
		}
		return strings.Replace(in, old, new, 1)
	}
	boxed := swap(head, `"b":"server"}`, `"b":"server","middlebox":"nat"}`)
	for _, c := range []struct{ name, file, want string }{
		{"nothing", "", `x.jsonl: empty: want a first line with type "tcpsim-trace"`},
		{"not JSON", "hello\n", `x.jsonl:1: column 1: not JSON`},
		{"an array", "[]\n", `x.jsonl:1: a JSON array: want an object`},
		{"an empty line", head + "\n" + tail, `x.jsonl:2: column 1: not JSON: unexpected end of JSON input`},
		{"not UTF-8", swap(head, `"client"`, "\"\xff\""), `x.jsonl:1: the line is not UTF-8`},
		{"no header", tail, `x.jsonl:1: wrong order: the first line is of type "end", not "tcpsim-trace"`},
		{"two headers", head + head, `x.jsonl:2: wrong order: a second header`},
		{"no version", swap(head, `"version":"2.0",`, ``), `x.jsonl:1: version "": want two numbers, such as 2.0`},
		{"a newer major version", swap(head, `"2.0"`, `"3.0"`), `x.jsonl:1: version 3.0 is newer than what this tcpsim reads (2.0): use a newer tcpsim`},
		{"the first version", swap(head, `"2.0"`, `"1.0"`), `x.jsonl:1: version 1.0 keeps the arguments of calls as text, and this tcpsim reads 2.0: make the file again with a run`},
		{"an odd version", swap(head, `"2.0"`, `"2.00"`), `x.jsonl:1: version "2.00": want two numbers`},
		{"version zero", swap(head, `"2.0"`, `"0.9"`), `x.jsonl:1: version 0.9 has never been`},
		{"no end", head + aSent, `x.jsonl:2: the file is cut short: its last line is not of type end`},
		{"after the end", head + tail + aSent, `x.jsonl:3: wrong order: a line after the end`},
		{"an unknown type", head + swap(aSent, "sent", "send"), `x.jsonl:2: unknown type "send": want sent, received, lost, call, return, state, timer, note or end`},
		{"an unknown field", head + swap(aSent, `"at"`, `"when":5,"at"`), `x.jsonl:2: sent: unknown field "when"`},
		{"an unknown field inside", swap(head, `"addr":""`, `"addr":"","mac":""`), `x.jsonl:1: unknown field "hosts[0].mac"`},
		{"another case", head + swap(aSent, `"at"`, `"At"`), `x.jsonl:2: sent: unknown field "At"`},
		{"a middlebox that is not there", head + swap(aSent, `}`, `,"passed_at_ns":6}`), `x.jsonl:2: sent: segment 1 got to a middlebox, but there is none`},
		{"at the middlebox too early", boxed + swap(aSent, `}`, `,"passed_at_ns":4}`), `x.jsonl:2: sent: segment 1 got to the middlebox at 4 ns, before it was sent`},
		{"at the middlebox too late", boxed + swap(aSent, `}`, `,"passed_at_ns":10}`) + tail, `x.jsonl:3: segment 1 got to the middlebox at 10 ns, after the end`},
		{"a missing field", head + swap(aSent, `"at":5,`, ``), `x.jsonl:2: sent: "at" is missing`},
		{"a missing field inside", swap(head, `,"addr":""`, ``), `x.jsonl:1: "hosts[0].addr" is missing`},
		{"a field twice", head + swap(aSent, `"at":5`, `"at":5,"at":5`), `x.jsonl:2: sent: "at" is given twice`},
		{"null", head + swap(aSent, `"at":5`, `"at":null`), `x.jsonl:2: sent: "at" is null: leave it out instead`},
		{"a string for a number", head + swap(aSent, `"at":5`, `"at":"5"`), `x.jsonl:2: sent: "at" can not be a JSON string`},
		{"a fraction", head + swap(aSent, `"at":5`, `"at":5.5`), `x.jsonl:2: sent: "at" can not be a JSON number 5.5`},
		{"a number that is too large", head + swap(aSent, `"window":0`, `"window":65536`), `x.jsonl:2: sent: "window" can not be a JSON number 65536`},
		{"more than an object", head + swap(aSent, "\n", "{}\n"), `not JSON`},
		{"time that goes back", head + aNote + swap(aTime, `"at":5`, `"at":4`), `x.jsonl:3: wrong order: at 4 ns comes after 5 ns`},
		{"time before the start", head + swap(aSent, `"at":5`, `"at":-5`), `x.jsonl:2: wrong order: at -5 ns comes after 0 ns`},
		{"an end before the last event", head + aNote + swap(tail, `"at":9`, `"at":4`), `x.jsonl:3: wrong order: at 4 ns comes after 5 ns`},
		{"a bad address", swap(head, `"addr":""`, `"addr":"10.0.0"`), `x.jsonl:1: ParseAddr("10.0.0")`},

		{"a segment out of order", head + swap(aSent, `"segment":1`, `"segment":2`), `x.jsonl:2: sent: wrong order: segment 2, where 1 comes next`},
		{"an unknown host", head + swap(aSent, `"client"`, `"router"`), `x.jsonl:2: sent: host "router": want one of the header: client, server`},
		{"two hosts of one name", swap(head, `"name":"server"`, `"name":"client"`), `x.jsonl:1: two hosts are named "client"`},
		{"a link to nowhere", swap(head, `"b":"server"}]`, `"b":"router"}]`), `x.jsonl:1: links[0]: host "router": want one of the header`},
		{"an unknown link", head + swap(aSent, `"link":0`, `"link":1`), `x.jsonl:2: sent: link 1 does not exist (1 known here)`},
		{"a link that leads elsewhere", head + swap(aSent, `"to":"server"`, `"to":"client"`), `x.jsonl:2: sent: link 0 does not lead from client to client`},
		{"an unknown flag", head + swap(aSent, `"S"`, `"Z"`), `x.jsonl:2: sent: flags "Z": unknown letter "Z"`},
		{"flags in another order", head + swap(aSent, `"S"`, `".S"`), `x.jsonl:2: sent: flags ".S": want them in this order: "S."`},
		{"an unknown connection", head + swap(aSent, `"conn":0`, `"conn":1`), `x.jsonl:2: sent: connection 1 does not exist (1 known here)`},
		{"more data than frame", head + swap(aSent, `"len":0`, `"len":1`), `x.jsonl:2: sent: len 1 does not fit into a frame of 0 bytes`},
		{"an unknown trigger", head + swap(aSent, `}`, `,"trigger":{"segment":1}}`), `x.jsonl:2: sent: trigger: segment 1 does not exist (0 known here)`},
		{"a trigger of segment zero", head + swap(aSent, `}`, `,"trigger":{"segment":0}}`), `x.jsonl:2: sent: trigger: segment 0 does not exist`},
		{"two triggers", head + swap(aSent, `}`, `,"trigger":{"call":0,"timer":0}}`), `x.jsonl:2: sent: trigger: 2 things: want one of call, segment, timer, note`},
		{"no trigger", head + swap(aSent, `}`, `,"trigger":{}}`), `x.jsonl:2: sent: trigger: 0 things`},
		{"a copy of nothing", head + swap(aSent, `}`, `,"copy_of":1}`), `x.jsonl:2: sent: copy of segment 1, which does not exist (0 known here)`},
		{"an arrival of nothing", head + `{"type":"received","at":5,"segment":1}`, `x.jsonl:2: received: segment 1 does not exist (0 known here)`},
		{"a loss of nothing", head + `{"type":"lost","at":5,"segment":0,"rule":"x"}`, `x.jsonl:2: lost: segment 0 does not exist (0 known here)`},
		{"a loss by nothing", head + aSent + `{"type":"lost","at":5,"segment":1,"rule":""}`, `x.jsonl:3: lost: no rule`},

		{"a call out of order", head + swap(aCall, `"call":0`, `"call":1`), `x.jsonl:2: call: wrong order: number 1, where 0 comes next`},
		{"a process that is not there", head + swap(aCall, `"pid":0`, `"pid":1`) + tail, `x.jsonl:3: call 0 is of process 1, but there are only 1`},
		{"a process of two names", head + aCall + swap(swap(aCall, `"p"`, `"q"`), `"call":0`, `"call":1`), `x.jsonl:3: call: pid 0 is "q", but "p" in call 0`},
		{"a process of another name", head + aCall + swap(tail, `"p"`, `"q"`), `x.jsonl:3: process 0 is "q", but "p" in its calls`},
		{"a return of nothing", head + aBack, `x.jsonl:2: return: call 0 does not exist (0 known here)`},
		{"a second return", head + aCall + aBack + aBack, `x.jsonl:4: return: call 0 has returned before`},
		{"a return of another call", head + aCall + swap(aBack, "recv", "send"), `x.jsonl:3: return: call 0 is send, but recv where it began`},
		{"a return in another process", head + aCall + swap(aBack, `"p"`, `"q"`), `x.jsonl:3: return: call 0 is of process "q", but of "p" where it began`},
		{"a wrong duration", head + aCall + swap(aBack, `"took_ns":2`, `"took_ns":3`), `x.jsonl:3: return: took_ns is 3, but 2 ns have passed since call 0 began`},
		{"a call that there is not", head + swap(aCall, `"recv"`, `"read"`), `x.jsonl:2: call: op "read": want a call, such as recv`},
		{"an argument that is missing", head + swap(aCall, `,"len":1`, ``), `x.jsonl:2: call: args of recv: "len" is missing`},
		{"an argument of another call", head + swap(aCall, `"len":1`, `"len":1,"backlog":1`), `x.jsonl:2: call: args of recv: "backlog" does not belong there`},
		{"an argument that nobody knows", head + swap(aCall, `"len":1`, `"len":1,"size":1`), `x.jsonl:2: call: unknown field "args.size"`},
		{"a length below zero", head + swap(aCall, `"len":1`, `"len":-1`), `x.jsonl:2: call: args of recv: len is -1`},
		{"an unknown flag of a call", head + swap(aCall, `"len":1`, `"len":1,"flags":"MSG_OOB"`), `x.jsonl:2: call: unknown name in "MSG_OOB"`},
		{"an option of two values", head + swap(aCall, `"recv","args":{"fd":3,"len":1}`, `"setsockopt","args":{"fd":3,"option":"SO_ERROR","optval":{"int":1,"text":"x"}}`), `x.jsonl:2: call: args of setsockopt: optval: 2 things: want one of int, text, time_ns, linger`},
		{"a result of another call", head + aCall + swap(aBack, `}`, `,"addr":"10.0.0.1:1"}`), `x.jsonl:3: return: "addr" does not belong to recv`},
		{"data of a call that has failed", head + aCall + swap(aBack, `}`, `,"errno":"EAGAIN","data":"AA=="}`), `x.jsonl:3: return: "data" does not belong to a call that has failed`},
		{"a result that is missing", head + swap(aCall, `"recv","args":{"fd":3,"len":1}`, `"accept","args":{"fd":3}`) + swap(aBack, "recv", "accept"), `x.jsonl:3: return: "addr" is missing`},
		{"events of nothing", head + swap(aCall, `"recv","args":{"fd":3,"len":1}`, `"poll","args":{"poll":[],"timeout_ns":0}`) + swap(aBack, `"recv","took_ns":2,"value":0`, `"poll","took_ns":2,"value":1,"revents":["POLLIN"]`), `x.jsonl:3: return: 1 revents for 0 descriptors`},
		{"a kind of notes that there is not", head + swap(aNote, "crash", "kill"), `x.jsonl:2: note: kind "kill": want one of a note, such as crash`},
		{"an unknown errno", head + aCall + swap(aBack, `}`, `,"errno":"EWHAT"}`), `x.jsonl:3: return: errno "EWHAT": want a name, such as ECONNRESET`},
		{"success as an errno", head + aCall + swap(aBack, `}`, `,"errno":"errno 0"}`), `x.jsonl:3: return: errno "errno 0"`},
		{"bad base64", head + aCall + swap(aBack, `}`, `,"data":"%"}`), `x.jsonl:3: return: illegal base64 data`},

		{"an unknown state", head + swap(aMove, "SYN_SENT", "OPEN"), `x.jsonl:2: state: state "OPEN": want one of RFC 9293, such as FIN_WAIT_1`},
		{"a state of Linux", head + swap(aMove, "SYN_SENT", "FIN_WAIT1"), `x.jsonl:2: state: state "FIN_WAIT1"`},
		{"a connection below zero", head + swap(aMove, `}`, `,"conn":-1}`), `x.jsonl:2: state: connection -1 does not exist`},
		{"a timer out of order", head + swap(aTime, `"timer":0`, `"timer":1`), `x.jsonl:2: timer: wrong order: number 1, where 0 comes next`},
		{"a note out of order", head + aNote + aNote, `x.jsonl:3: note: wrong order: number 0, where 1 comes next`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := jsonl.Read(strings.NewReader(c.file), "x.jsonl")
			if err == nil {
				t.Fatal("was accepted")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestLinesOfTheTableAreGoodByThemselves(t *testing.T) {
	file := head + aCall + aSent + aNote + aTime + aMove + aBack + tail
	if _, err := jsonl.Read(strings.NewReader(file), "x.jsonl"); err != nil {
		t.Fatal(err)
	}
	if _, err := jsonl.Read(strings.NewReader(strings.TrimSpace(file)), "x.jsonl"); err != nil {
		t.Errorf("without a newline at the end: %v", err)
	}
	if _, err := jsonl.Read(strings.NewReader(strings.ReplaceAll(file, "\n", "\r\n")), "x.jsonl"); err != nil {
		t.Errorf("with line ends of another system: %v", err)
	}
}

func TestFieldsOfANewerMinorVersionAreIgnored(t *testing.T) {
	h := strings.Replace(head, `"2.0"`, `"2.7"`, 1)
	file := strings.ReplaceAll(h+aCall+aBack+tail, `{"`, `{"colour":{"a":[null,{"b":1}]},"`)
	if _, err := jsonl.Read(strings.NewReader(file), "x.jsonl"); err != nil {
		t.Fatal(err)
	}
	missing := strings.Replace(file, `"at":5,`, ``, 1)
	if _, err := jsonl.Read(strings.NewReader(missing), "x.jsonl"); err == nil || !strings.Contains(err.Error(), `"at" is missing`) {
		t.Errorf("a missing field gives %v", err)
	}
}

func TestFieldsThatContradictTheFrameAreRefused(t *testing.T) {
	file := string(write(t, runs.Unread(t)))
	for field, value := range map[string]string{
		"flags": `"F"`, "window": "1", "len": "1", "raw_ack": "1", "raw_seq": "1",
	} {
		of := regexp.MustCompile(`"` + field + `":[^,]+`)
		new := `"` + field + `":` + value
		bad := strings.Replace(file, of.FindString(file), new, 1)
		_, err := jsonl.Read(strings.NewReader(bad), "x.jsonl")
		if err == nil || !strings.Contains(err.Error(), "in the frame") {
			t.Errorf("%s: %v", new, err)
		}
	}
}

func TestALineHasABound(t *testing.T) {
	long := io.MultiReader(strings.NewReader(`{"type":"tcpsim-trace","title":"`), iotest.OneByteReader(endless{}))
	_, err := jsonl.Read(long, "x.jsonl")
	if err == nil || !strings.Contains(err.Error(), "x.jsonl:1: the line is longer than 16777216 bytes") {
		t.Errorf("got %v", err)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

func TestErrorsOfTheReaderComeThrough(t *testing.T) {
	cut := errors.New("disk on fire")
	_, err := jsonl.Read(io.MultiReader(strings.NewReader(head), iotest.ErrReader(cut)), "x.jsonl")
	if !errors.Is(err, cut) {
		t.Errorf("got %v", err)
	}
}

func TestWriteRefusesATraceThatContradictsItself(t *testing.T) {
	for name, spoil := range map[string]func(*trace.Trace){
		"an event that points nowhere":        func(tr *trace.Trace) { tr.Events[2].Index = 7 },
		"an unknown kind of event":            func(tr *trace.Trace) { tr.Events[2].Kind = 99 },
		"time that goes back":                 func(tr *trace.Trace) { tr.Events[0].At = 50 },
		"a segment without an event":          func(tr *trace.Trace) { tr.Segments = append(tr.Segments, trace.Segment{Number: 4}) },
		"a segment with another number":       func(tr *trace.Trace) { tr.Segments[0].Number = 2 },
		"an arrival without an event":         func(tr *trace.Trace) { tr.Segments[1].Arrived = true },
		"an arrival at another time":          func(tr *trace.Trace) { tr.Segments[0].ReceivedAt++ },
		"a loss without an event":             func(tr *trace.Trace) { tr.Segments[0].Lost = "x" },
		"a loss by nothing":                   func(tr *trace.Trace) { tr.Segments[1].Lost = "" },
		"a return at another time":            func(tr *trace.Trace) { tr.Calls[0].End++ },
		"a call that has not returned":        func(tr *trace.Trace) { tr.Calls[0].Returned = false },
		"a call without arguments":            func(tr *trace.Trace) { tr.Calls[0].Args = nil },
		"an argument that a call has not":     func(tr *trace.Trace) { tr.Calls[0].Args.Backlog = 1 },
		"a result that a call does not give":  func(tr *trace.Trace) { tr.Calls[1].OptVal = new(stack.Value) },
		"events that have no names":           func(tr *trace.Trace) { tr.Calls[3].Args.Poll[0].Events = 1 << 15 },
		"an unknown call":                     func(tr *trace.Trace) { tr.Calls[0].Op = 99 },
		"an unknown kind of notes":            func(tr *trace.Trace) { tr.Notes[0].Kind = 99 },
		"a call of no process":                func(tr *trace.Trace) { tr.Calls[0].Process = 2 },
		"a trigger that points nowhere":       func(tr *trace.Trace) { tr.Segments[0].Trigger.Index = 1 },
		"a trigger of no kind":                func(tr *trace.Trace) { tr.Transitions[0].Trigger = trace.Trigger{Index: 1} },
		"a connection that is not there":      func(tr *trace.Trace) { tr.Segments[0].Conn = 2 },
		"a sequence number that is not known": func(tr *trace.Trace) { tr.Conns[0].A.ISN = 1 },
		"more payload than frame":             func(tr *trace.Trace) { tr.Segments[0].Len = 4 },
		"text that is not UTF-8":              func(tr *trace.Trace) { tr.Title = "\xff" },
		"a name that is not UTF-8":            func(tr *trace.Trace) { tr.Processes[1].Name = "\xff" },
		"a link that is not there":            func(tr *trace.Trace) { tr.Segments[0].Link = 2 },
		"a segment that goes elsewhere":       func(tr *trace.Trace) { tr.Segments[0].To = trace.Server },
		"two hosts of one name":               func(tr *trace.Trace) { tr.Hosts[1].Name = tr.Hosts[0].Name },
		"an unknown state":                    func(tr *trace.Trace) { tr.Transitions[0].To = 99 },
		"an unknown host":                     func(tr *trace.Trace) { tr.Transitions[0].Host = 2 },
		"an end before the last event":        func(tr *trace.Trace) { tr.End = 1 },
		"a process that ends before its end":  func(tr *trace.Trace) { tr.Processes[0].EndAt = 1 },
		"a passage at no middlebox":           func(tr *trace.Trace) { tr.Links[1].Middlebox = "" },
		"a passage of no segment":             func(tr *trace.Trace) { tr.Passages[0].Segment = 9 },
		"a passage before the segment":        func(tr *trace.Trace) { tr.Passages[0].At = 1 },
		"a passage after the end":             func(tr *trace.Trace) { tr.Passages[0].At = tr.End + 1 },
		"passages in disorder": func(tr *trace.Trace) {
			tr.Passages = append(tr.Passages, trace.Passage{Segment: 1, At: 5})
		},
	} {
		t.Run(name, func(t *testing.T) {
			tr := full()
			spoil(tr)
			if err := jsonl.Write(io.Discard, tr); err == nil {
				t.Error("was written")
			}
		})
	}
}

func TestErrorsOfTheWriterComeThrough(t *testing.T) {
	cut := errors.New("disk full")
	if err := jsonl.Write(failing{cut}, full()); !errors.Is(err, cut) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }

func BenchmarkRead(b *testing.B) {
	file := write(b, runs.Loss(b))
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := jsonl.Read(bytes.NewReader(file), "x.jsonl"); err != nil {
			b.Fatal(err)
		}
	}
}
