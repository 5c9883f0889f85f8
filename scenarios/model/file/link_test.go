package file

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack/wire"
)

const everyFault = `link:
  client-to-server:
    latency: 20ms
    jitter: 5ms
    distribution: normal
    loss: 1%
    loss-burst: {to-bad: 1%, to-good: 25%, in-bad: 0.5, in-good: 0.1%}
    duplicate: 2%
    reorder: 3%
    corrupt: 4%
    corrupt-field: window
    rate: 512kbit
    queue: {packets: 20, bytes: 30000}
    mtu: 1400
  server-to-client: {distribution: recorded, delays: [10ms, 0s, 1s]}
  drop: ["server:FIN:1"]
  rules:
    - {name: a, do: delay, from: client, what: DATA, nth: 2, by: 50ms}
    - {name: b, do: duplicate, seq-min: 1, seq-max: 9, len-min: 2, len-max: 8, after: 1s, before: 2s, by: 1ms}
    - {name: c, do: corrupt, from: server, field: checksum}
    - {name: d, do: hold, until: done}
    - {name: e, do: forge, to: sender, flags: R.}
    - {name: f, do: drop-and-forge, to: both}
  middlebox: {name: nat, at: 20%, stateful: true, idle: 5m, reset: true}
`

func TestEveryFaultIsDecodedAndEncoded(t *testing.T) {
	src := scenarioWith(everyFault + "network:\n  - {sleep: 1s, label: done}\n")
	roundTrip(t, "every fault", []byte(src))
	const ms = time.Millisecond
	want := model.Link{
		ClientToServer: model.Direction{
			Latency: 20 * ms, Jitter: 5 * ms, Distribution: link.Normal, Loss: 0.01,
			Burst:     link.GilbertElliott{ToBad: 0.01, ToGood: 0.25, InBad: 0.5, InGood: 0.001},
			Duplicate: 0.02, Reorder: 0.03, Corrupt: 0.04, Field: link.Window,
			Rate: 512_000, Queue: link.Queue{Packets: 20, Bytes: 30_000}, MTU: 1400,
		},
		ServerToClient: model.Direction{Latency: model.DefaultLatency, Distribution: link.Recorded, Delays: []time.Duration{10 * ms, 0, 1000 * ms}},
		Drop:           []model.DropRule{{Rule: link.Rule{From: link.FromServer, What: "FIN", Nth: 1}, Text: "server:FIN:1"}},
		Rules: []link.Rule{
			{Name: "a", From: link.FromClient, What: "DATA", Nth: 2, Act: link.ActDelay, Delay: 50 * ms},
			{
				Name: "b", What: "ANY", SeqMin: 1, SeqMax: 9, LenMin: 2, LenMax: 8, After: time.Second, Before: 2 * time.Second,
				Act: link.ActDuplicate, Delay: ms,
			},
			{Name: "c", From: link.FromServer, What: "ANY", Act: link.ActCorrupt, Field: link.Checksum},
			{Name: "d", What: "ANY", Act: link.ActHold, Label: "done"},
			{Name: "e", What: "ANY", Act: link.ActForge, Forge: link.Forge{ToSender: true, Flags: wire.RST | wire.ACK}},
			{Name: "f", What: "ANY", Act: link.ActDropAndForge, Forge: link.Forge{ToSender: true, ToReceiver: true}},
		},
		Middlebox: link.Middlebox{Name: "nat", At: 0.2, Stateful: true, Idle: 5 * time.Minute, Reset: true},
	}
	if diff := cmp.Diff(want, mustDecode(t, src).Base.Link); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRulesAndMiddleboxesInOneLine are those of a command line.
func TestRulesAndMiddleboxesInOneLine(t *testing.T) {
	want := link.Rule{From: link.FromClient, What: "DATA", Nth: 1, Act: link.ActDelay, Delay: 50 * time.Millisecond}
	for _, text := range []string{
		"do: delay, from: client, what: DATA, nth: 1, by: 50ms",
		"{do: delay, from: client, what: DATA, nth: 1, by: 50ms}",
		" { do:delay,from:client , what:DATA,nth:1,by:50ms}",
		"do:delay,from:client,what:DATA,nth:1,by:50ms",
	} {
		if got, err := ParseRule(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	if got, err := ParseRule("name: a:b, do:drop"); err != nil || got.Name != "a:b" {
		t.Errorf("a name with a colon: %+v, %v", got, err)
	}
	for text, want := range map[string]link.Middlebox{
		"nat":                         {Name: "nat"},
		"name: a box, idle: 1m":       {Name: "a box", Idle: time.Minute},
		"stateful:true,at:10%":        {Name: "middlebox", Stateful: true, At: 0.1},
		"{name:x,reset:true,idle:1s}": {Name: "x", Reset: true, Idle: time.Second},
	} {
		if got, err := ParseMiddlebox(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for text, say := range map[string]string{
		"":                      `a rule of the link needs the key "do"`,
		"do:explode":            `"do" must be drop, delay, duplicate, corrupt, hold, forge or drop-and-forge; found "explode"`,
		"do:drop, do:drop":      `key "do" is given twice; the first is in line 1`,
		"do:delay,what:DATA,by": `"by" must be a duration such as 500ms, 20s or 1m30s; found nothing`,
	} {
		if _, err := ParseRule(text); err == nil || err.Error() != say {
			t.Errorf("%q: %v, want %s", text, err, say)
		}
	}
}
