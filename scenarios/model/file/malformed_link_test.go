package file

// malformedLinks are links that cannot be: each is refused with its place and
// the reason.
var malformedLinks = []malformed{
	{
		name: "a negative latency",
		yaml: scenarioWith("link: {latency: -1ms}\n"),
		want: `x.yaml:4:17: "latency" must be a duration such as 500ms, 20s or 1m30s; found "-1ms"; it must not be negative`,
	},
	{
		name: "a latency of more than a day",
		yaml: scenarioWith("link: {latency: 25h}\n"),
		want: `x.yaml:4:17: "latency" is wrong: 25h0m0s is longer than 24h0m0s`,
	},
	{
		name: "a negative latency of one direction",
		yaml: scenarioWith("link:\n  server-to-client:\n    latency: -1ms\n"),
		want: `x.yaml:6:14: "latency" must be a duration such as 500ms, 20s or 1m30s; found "-1ms"; it must not be negative`,
	},
	{
		name: "a jitter of one direction that is too long",
		yaml: scenarioWith("link:\n  latency: 1s\n  client-to-server:\n    loss: 1%\n    jitter: 100h\n"),
		want: `x.yaml:8:13: "jitter" is wrong: 100h0m0s is longer than 24h0m0s`,
	},
	{
		name: "an unknown distribution",
		yaml: scenarioWith("link: {jitter: 1ms, distribution: pareto}\n"),
		want: `x.yaml:4:35: "distribution" must be uniform, normal or recorded; found "pareto"`,
	},
	{
		name: "recorded delays without the delays",
		yaml: scenarioWith("link: {distribution: recorded}\n"),
		want: `x.yaml:4:22: "distribution" is wrong: recorded needs delays`,
	},
	{
		name: "delays that nothing reads",
		yaml: scenarioWith("link: {delays: [1ms, 2ms]}\n"),
		want: `x.yaml:4:16: "delays" is wrong: they need the distribution recorded, not uniform`,
	},
	{
		name: "no delays",
		yaml: scenarioWith("link: {distribution: recorded, delays: []}\n"),
		want: `x.yaml:4:40: "delays" must be a list of durations; found an empty list`,
	},
	{
		name: "a negative delay",
		yaml: scenarioWith("link: {distribution: recorded, delays: [1ms, -2ms]}\n"),
		want: `x.yaml:4:46: an item of "delays" must be a duration such as 500ms, 20s or 1m30s; found "-2ms"; it must not be negative`,
	},
	{
		name: "a loss of 120 %",
		yaml: scenarioWith("link: {loss: 120%}\n"),
		want: `x.yaml:4:14: "loss" must be a share from 0% to 100%, such as 10% or 0.1; found "120%"`,
	},
	{
		name: "a loss of 1.2",
		yaml: scenarioWith("link: {loss: 1.2}\n"),
		want: `x.yaml:4:14: "loss" must be a share from 0% to 100%, such as 10% or 0.1; found the number 1.2; did you mean 1.2%?`,
	},
	{
		name: "a negative loss",
		yaml: scenarioWith("link: {loss: -5%}\n"),
		want: `x.yaml:4:14: "loss" must be a share from 0% to 100%, such as 10% or 0.1; found "-5%"`,
	},
	{
		name: "a loss that is no number",
		yaml: scenarioWith("link: {loss: .nan}\n"),
		want: `x.yaml:4:14: "loss" must be a share from 0% to 100%, such as 10% or 0.1; found the number .nan`,
	},
	{
		name: "a duplication of 101 %",
		yaml: scenarioWith("link: {duplicate: 101%}\n"),
		want: `x.yaml:4:19: "duplicate" must be a share from 0% to 100%, such as 10% or 0.1; found "101%"`,
	},
	{
		name: "a reordering that is a word",
		yaml: scenarioWith("link: {reorder: often}\n"),
		want: `x.yaml:4:17: "reorder" must be a share from 0% to 100%, such as 10% or 0.1; found "often"`,
	},
	{
		name: "a corruption of -1",
		yaml: scenarioWith("link: {corrupt: -1}\n"),
		want: `x.yaml:4:17: "corrupt" must be a share from 0% to 100%, such as 10% or 0.1; found the number -1`,
	},
	{
		name: "an unknown field to corrupt",
		yaml: scenarioWith("link: {corrupt: 1%, corrupt-field: ttl}\n"),
		want: `x.yaml:4:36: "corrupt-field" must be any, payload, seq, ack, flags, window or checksum; found "ttl"`,
	},
	{
		name: "bursts without a way to them",
		yaml: scenarioWith("link: {loss-burst: {to-good: 50%, in-bad: 1}}\n"),
		want: `x.yaml:4:20: "loss-burst" needs the key "to-bad"`,
	},
	{
		name: "bursts with a probability out of range",
		yaml: scenarioWith("link: {loss-burst: {to-bad: 1%, to-good: 150%, in-bad: 1}}\n"),
		want: `x.yaml:4:42: "to-good" must be a share from 0% to 100%, such as 10% or 0.1; found "150%"`,
	},
	{
		name: "a rate of zero",
		yaml: scenarioWith("link: {rate: 0bit}\n"),
		want: `x.yaml:4:14: "rate" must be a rate above zero such as 512kbit or 10mbit; found "0bit"`,
	},
	{
		name: "a rate without a unit",
		yaml: scenarioWith("link: {rate: 1000000}\n"),
		want: `x.yaml:4:14: "rate" must be a rate above zero such as 512kbit or 10mbit; found the number 1000000`,
	},
	{
		name: "a negative rate",
		yaml: scenarioWith("link: {rate: -1mbit}\n"),
		want: `x.yaml:4:14: "rate" must be a rate above zero such as 512kbit or 10mbit; found "-1mbit"`,
	},
	{
		name: "a queue without a rate",
		yaml: scenarioWith("link: {queue: {packets: 5}}\n"),
		want: `x.yaml:4:15: "queue" is wrong: nothing waits without a rate`,
	},
	{
		name: "a queue of one direction without a rate",
		yaml: scenarioWith("link:\n  client-to-server: {rate: 1mbit}\n  server-to-client: {queue: {bytes: 3000}}\n"),
		want: `x.yaml:6:29: "queue" is wrong: nothing waits without a rate`,
	},
	{
		name: "a queue of no packets",
		yaml: scenarioWith("link: {rate: 1mbit, queue: {packets: 0}}\n"),
		want: `x.yaml:4:38: "packets" must be a whole number from 1 to 1000000; found the number 0`,
	},
	{
		name: "a queue of negative bytes",
		yaml: scenarioWith("link: {rate: 1mbit, queue: {bytes: -1}}\n"),
		want: `x.yaml:4:36: "bytes" must be a whole number from 1 to 1073741824; found the number -1`,
	},
	{
		name: "an MTU that is too small",
		yaml: scenarioWith("link: {mtu: 67}\n"),
		want: `x.yaml:4:13: "mtu" must be a whole number from 68 to 65535; found the number 67`,
	},
	{
		name: "an MTU that is too large",
		yaml: scenarioWith("link: {mtu: 65536}\n"),
		want: `x.yaml:4:13: "mtu" must be a whole number from 68 to 65535; found the number 65536`,
	},
	{
		name: "a link that is a word",
		yaml: scenarioWith("link: slow\n"),
		want: `x.yaml:4:7: "link" must be a mapping (lines of "key: value"); found "slow"`,
	},
	{
		name: "a rule without a name",
		yaml: scenarioWith("link:\n  rules:\n    - {do: drop}\n"),
		want: `x.yaml:6:7: a rule of the link needs the key "name"`,
	},
	{
		name: "a rule that does nothing",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r}\n"),
		want: `x.yaml:6:7: a rule of the link needs the key "do"`,
	},
	{
		name: "an unknown act",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: explode}\n"),
		want: `x.yaml:6:21: "do" must be drop, delay, duplicate, corrupt, hold, forge or drop-and-forge; found "explode"`,
	},
	{
		name: "a rule with an unknown sender",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, from: router}\n"),
		want: `x.yaml:6:33: "from" must be client, server or any; found "router"`,
	},
	{
		name: "a rule with an unknown segment",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, what: FINACK}\n"),
		want: `x.yaml:6:33: "what" must be SYN, SYNACK, FIN, RST, ACK, DATA or ANY; found "FINACK"; did you mean "SYNACK"?`,
	},
	{
		name: "a rule that counts from zero",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, nth: 0}\n"),
		want: `x.yaml:6:32: "nth" must be a whole number from 1 to 2147483647; found the number 0`,
	},
	{
		name: "a rule that ends before it begins",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, after: 2s, before: 1s}\n"),
		want: `x.yaml:6:46: "before" is wrong: the rule ends at 1s, not after it begins at 2s`,
	},
	{
		name: "a rule that ends as it begins",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, before: 1s, after: 1s}\n"),
		want: `x.yaml:6:35: "before" is wrong: the rule ends at 1s, not after it begins at 1s`,
	},
	{
		name: "a rule from a negative time",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, after: -1s}\n"),
		want: `x.yaml:6:34: "after" must be a duration such as 500ms, 20s or 1m30s; found "-1s"; it must not be negative`,
	},
	{
		name: "a rule whose sequence numbers are the wrong way round",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, seq-min: 10, seq-max: 5}\n"),
		want: `x.yaml:6:49: "seq-max" is wrong: 5 is less than seq-min, 10`,
	},
	{
		name: "a rule whose lengths are the wrong way round",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, len-min: 10, len-max: 5}\n"),
		want: `x.yaml:6:49: "len-max" is wrong: 5 is less than len-min, 10`,
	},
	{
		name: "a rule with a negative length",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, len-min: -1}\n"),
		want: `x.yaml:6:36: "len-min" must be a whole number from 0 to 65535; found the number -1`,
	},
	{
		name: "a rule that delays by nothing",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: delay}\n"),
		want: `x.yaml:6:7: a rule that does delay needs the key "by"`,
	},
	{
		name: "a rule that delays by a negative time",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: delay, by: -1s}\n"),
		want: `x.yaml:6:32: "by" must be a duration such as 500ms, 20s or 1m30s; found "-1s"; it must not be negative`,
	},
	{
		name: "a rule that delays by days",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: delay, by: 48h}\n"),
		want: `x.yaml:6:32: "by" is wrong: 48h0m0s is longer than 24h0m0s`,
	},
	{
		name: "a rule that holds for ever",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: hold}\n"),
		want: `x.yaml:6:7: a rule that does hold needs the key "until"`,
	},
	{
		name: "a rule that corrupts an unknown field",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: corrupt, field: data}\n"),
		want: `x.yaml:6:37: "field" must be any, payload, seq, ack, flags, window or checksum; found "data"`,
	},
	{
		name: "a rule that forges for nobody",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: forge}\n"),
		want: `x.yaml:6:7: a rule that does forge needs the key "to"`,
	},
	{
		name: "a rule that forges for somebody else",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: forge, to: router}\n"),
		want: `x.yaml:6:32: "to" must be sender, receiver or both; found "router"`,
	},
	{
		name: "a rule that forges unknown flags",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: forge, to: both, flags: X}\n"),
		want: `x.yaml:6:45: "flags" must be TCP flags in tcpdump's letters (S F R P and . for ACK), such as S, S. or FP.; found "X"; "X" is not one of the letters`,
	},
	{
		name: "a rule with a key for another act",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, by: 1s}\n"),
		want: `x.yaml:6:27: "by" is for a rule that does delay or duplicate, not drop`,
	},
	{
		name: "a rule with a key for one other act",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: delay, by: 1s, until: x}\n"),
		want: `x.yaml:6:36: "until" is for a rule that does hold, not delay`,
	},
	{
		name: "an unknown key of a rule",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: drop, flag: S}\n"),
		want: `x.yaml:6:27: unknown key "flag" in a rule of the link; did you mean "flags"?`,
	},
	{
		name: "a middlebox without a name",
		yaml: scenarioWith("link: {middlebox: {stateful: true}}\n"),
		want: `x.yaml:4:19: the middlebox needs the key "name"`,
	},
	{
		name: "a middlebox that forgets at once",
		yaml: scenarioWith("link: {middlebox: {name: nat, idle: 0s}}\n"),
		want: `x.yaml:4:37: "idle" must be a duration such as 500ms, 20s or 1m30s, longer than 0s; found "0s"`,
	},
	{
		name: "a middlebox beyond the link",
		yaml: scenarioWith("link: {middlebox: {name: nat, at: 120%}}\n"),
		want: `x.yaml:4:35: "at" must be a share from 0% to 100%, such as 10% or 0.1; found "120%"`,
	},
	{
		name: "a middlebox on the client",
		yaml: scenarioWith("link: {middlebox: {name: nat, at: 0}}\n"),
		want: `x.yaml:4:35: "at" must be more than 0% and less than 100%; found the number 0`,
	},
	{
		name: "a middlebox on the server",
		yaml: scenarioWith("link: {middlebox: {name: nat, at: 100%}}\n"),
		want: `x.yaml:4:35: "at" is wrong: 1 is not between 0 and 1`,
	},
}

// schemaTakesLinks are those of malformedLinks that a schema cannot refuse:
// values that do not go together, and durations that are too long or too short.
var schemaTakesLinks = []string{
	"a jitter of one direction that is too long",
	"a latency of more than a day",
	"a middlebox on the client",
	"a middlebox on the server",
	"a middlebox that forgets at once",
	"a queue of one direction without a rate",
	"a queue without a rate",
	"a rule that delays by days",
	"a rule that delays by nothing",
	"a rule that ends as it begins",
	"a rule that ends before it begins",
	"a rule that forges for nobody",
	"a rule that holds for ever",
	"a rule whose lengths are the wrong way round",
	"a rule whose sequence numbers are the wrong way round",
	"a rule with a key for another act",
	"a rule with a key for one other act",
	"delays that nothing reads",
	"recorded delays without the delays",
}

// malformedForgeries are segments that cannot be forged.
var malformedForgeries = []malformed{
	{
		name: "a forged segment with flags and none",
		yaml: networkWith("- {inject: client, flags: none.}"),
		want: `x.yaml:5:29: "flags" must be TCP flags in tcpdump's letters (S F R P and . for ACK), such as S, S. or FP.; found "none."; "n" is not one of the letters`,
	},
	{
		name: "a forged segment with an unknown option",
		yaml: networkWith("- {inject: client, flags: S, options: {wscale: 7}}"),
		want: `x.yaml:5:42: unknown key "wscale" in "options"; expected mss, window-scale, sack-permitted, timestamp or echo`,
	},
	{
		name: "a forged segment with an MSS that is too large",
		yaml: networkWith("- {inject: client, flags: S, options: {mss: 65536}}"),
		want: `x.yaml:5:47: "mss" must be a whole number from 0 to 65535; found the number 65536`,
	},
	{
		name: "a forged segment with a window scale that is no byte",
		yaml: networkWith("- {inject: client, flags: S, options: {window-scale: 256}}"),
		want: `x.yaml:5:56: "window-scale" must be a whole number from 0 to 255; found the number 256`,
	},
	{
		name: "a forged segment with a timestamp out of range",
		yaml: networkWith("- {inject: client, flags: S, options: {timestamp: 2147483648}}"),
		want: `x.yaml:5:53: "timestamp" must be a whole number from -2147483648 to 2147483647; found the number 2147483648`,
	},
	{
		name: "a forged segment with options that are a list",
		yaml: networkWith("- {inject: client, flags: S, options: [mss]}"),
		want: `x.yaml:5:41: "options" must be a mapping (lines of "key: value"); found a list`,
	},
	{
		name: "a rule that forges a segment without flags",
		yaml: scenarioWith("link:\n  rules:\n    - {name: r, do: forge, to: both, flags: none}\n"),
		want: `x.yaml:6:45: "flags" must be TCP flags in tcpdump's letters (S F R P and . for ACK), such as S, S. or FP.; found "none"; "n" is not one of the letters`,
	},
}
