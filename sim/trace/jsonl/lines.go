package jsonl

import (
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// What the first line says it is, and the version that this package writes.
const (
	fileType = "tcpsim-trace"
	major    = 2
	minor    = 0
)

// The types below are the lines. A field without omitempty is required: the
// strict reader takes that from the tags, so that writer and reader agree.

type header struct {
	Type     string `json:"type"`
	Version  string `json:"version"`
	Scenario string `json:"scenario,omitempty"`
	Title    string `json:"title,omitempty"`
	Seed     uint64 `json:"seed"`
	Start    string `json:"start,omitempty"` // RFC 3339
	Stack    string `json:"stack,omitempty"`
	Hosts    []host `json:"hosts"`
	Links    []link `json:"links,omitempty"`
	Conns    []conn `json:"conns,omitempty"`
}

type host struct {
	Name string     `json:"name"`
	Addr netip.Addr `json:"addr"`
}

type conn struct {
	A connEnd `json:"a"`
	B connEnd `json:"b"`
}

type connEnd struct {
	Host string         `json:"host"`
	Addr netip.AddrPort `json:"addr"`
	ISN  *uint32        `json:"isn,omitempty"`
}

type link struct {
	A         string `json:"a"`
	B         string `json:"b"`
	Text      string `json:"text,omitempty"`
	Middlebox string `json:"middlebox,omitempty"`
}

type sent struct {
	Type           string         `json:"type"`
	At             time.Duration  `json:"at"`
	Segment        int            `json:"segment"`
	From           string         `json:"from"`
	To             string         `json:"to"`
	Link           uint8          `json:"link"`
	Conn           int            `json:"conn"`
	Flags          flags          `json:"flags"`
	Seq            uint32         `json:"seq"`
	Ack            uint32         `json:"ack"`
	RawSeq         uint32         `json:"raw_seq"`
	RawAck         uint32         `json:"raw_ack"`
	Len            int            `json:"len"`
	Window         uint16         `json:"window"`
	Injected       string         `json:"injected,omitempty"`
	CopyOf         int            `json:"copy_of,omitempty"`
	Acts           []string       `json:"acts,omitempty"`
	PassedAt       *time.Duration `json:"passed_at_ns,omitempty"`
	Retransmission bool           `json:"retransmission,omitempty"`
	Probe          bool           `json:"probe,omitempty"`
	Trigger        *trigger       `json:"trigger,omitempty"`
	Cause          *cause         `json:"cause,omitempty"`
	Frame          []byte         `json:"frame,omitempty"`
	Damaged        []byte         `json:"damaged,omitempty"`
}

type trigger struct {
	Call    *int `json:"call,omitempty"`
	Segment *int `json:"segment,omitempty"`
	Timer   *int `json:"timer,omitempty"`
	Note    *int `json:"note,omitempty"`
}

type cause struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Source string `json:"source,omitempty"`

	Confidence trace.Confidence `json:"confidence,omitempty"`
	Or         []string         `json:"or,omitempty"`
}

type received struct {
	Type    string        `json:"type"`
	At      time.Duration `json:"at"`
	Segment int           `json:"segment"`
}

type lost struct {
	Type    string        `json:"type"`
	At      time.Duration `json:"at"`
	Segment int           `json:"segment"`
	Rule    string        `json:"rule"`
}

type call struct {
	Type    string        `json:"type"`
	At      time.Duration `json:"at"`
	Call    int           `json:"call"`
	Process string        `json:"process"`
	PID     int           `json:"pid"`
	Host    string        `json:"host"`
	Op      op            `json:"op"`
	Args    args          `json:"args"`
	Conn    *int          `json:"conn,omitempty"`
	Blocked bool          `json:"blocked,omitempty"`
	Step    *int          `json:"step,omitempty"`
}

type args struct {
	FD       *int           `json:"fd,omitempty"`
	Family   *family        `json:"family,omitempty"`
	Addr     *address       `json:"addr,omitempty"`
	Backlog  *int           `json:"backlog,omitempty"`
	Len      *int           `json:"len,omitempty"`
	Flags    *msgFlags      `json:"flags,omitempty"`
	Data     []byte         `json:"data,omitempty"`
	How      *how           `json:"how,omitempty"`
	Nonblock *bool          `json:"nonblock,omitempty"`
	Option   *string        `json:"option,omitempty"`
	OptVal   *optval        `json:"optval,omitempty"`
	Poll     *[]pollFD      `json:"poll,omitempty"`
	Timeout  *time.Duration `json:"timeout_ns,omitempty"`
	Child    *string        `json:"child,omitempty"`
	Status   *int           `json:"status,omitempty"`
}

type pollFD struct {
	FD     int    `json:"fd"`
	Events events `json:"events"`
}

type optval struct {
	Int    *int           `json:"int,omitempty"`
	Text   *string        `json:"text,omitempty"`
	Time   *time.Duration `json:"time_ns,omitempty"`
	Linger *linger        `json:"linger,omitempty"`
}

type linger struct {
	On   bool          `json:"on"`
	Time time.Duration `json:"time_ns"`
}

type ret struct {
	Type    string        `json:"type"`
	At      time.Duration `json:"at"`
	Call    int           `json:"call"`
	Process string        `json:"process"`
	Op      op            `json:"op"`
	Took    time.Duration `json:"took_ns"`
	Value   int           `json:"value"`
	Errno   errno         `json:"errno,omitempty"`
	Data    []byte        `json:"data,omitempty"`
	Addr    *address      `json:"addr,omitempty"`
	OptVal  *optval       `json:"optval,omitempty"`
	Revents *[]events     `json:"revents,omitempty"`
}

type change struct {
	Type     string        `json:"type"`
	At       time.Duration `json:"at"`
	Host     string        `json:"host"`
	Endpoint int           `json:"endpoint"`
	Conn     *int          `json:"conn,omitempty"`
	From     state         `json:"from"`
	To       state         `json:"to"`
	Trigger  *trigger      `json:"trigger,omitempty"`
	Orphan   bool          `json:"orphan,omitempty"`
	Unread   int           `json:"unread,omitempty"`
}

type timer struct {
	Type  string        `json:"type"`
	At    time.Duration `json:"at"`
	Timer int           `json:"timer"`
	Host  string        `json:"host"`
	Conn  *int          `json:"conn,omitempty"`
	Name  string        `json:"name"`
}

type note struct {
	Type string        `json:"type"`
	At   time.Duration `json:"at"`
	Note int           `json:"note"`
	Kind kind          `json:"kind"`
	Host string        `json:"host"`
	Text string        `json:"text"`
}

type end struct {
	Type      string        `json:"type"`
	At        time.Duration `json:"at"`
	Stopped   string        `json:"stopped,omitempty"`
	Processes []process     `json:"processes"`
}

type process struct {
	Name    string         `json:"name"`
	Host    string         `json:"host"`
	EndedAt *time.Duration `json:"ended_at_ns,omitempty"`
	Status  int            `json:"status,omitempty"`
	Signal  string         `json:"signal,omitempty"`
}
