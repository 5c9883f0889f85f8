package file

var malformedScenarios = []malformed{
	{
		name: "a merge key",
		yaml: scenarioWith(`base: &b {seed: 1}
<<: *b
`),
		want: `x.yaml:4:1: unknown key "base" in a scenario; did you mean "name"?` + "\n" +
			"x.yaml:5:1: merge keys (<<) are not supported; repeat the keys, or use an alias for the whole value",
	},
	{
		name: "a YAML tag",
		yaml: scenarioWith("seed: !!float 1\n"),
		want: `x.yaml:4:7: the YAML tag "!!float" is not supported here`,
	},
	{
		name: "an unknown key",
		yaml: scenarioWith("tilte: t\n"),
		want: `x.yaml:4:1: unknown key "tilte" in a scenario; did you mean "title"?`,
	},
	{
		name: "an unknown key like no other",
		yaml: scenarioWith("xyzzy: t\n"),
		want: `x.yaml:4:1: unknown key "xyzzy" in a scenario; expected name, group, of, title, shows, claims, linux, references, tell-apart, ip, seed, until, link, hosts, network, expect, outcomes, levels, level or cases`,
	},
	{
		name: "a duplicate key",
		yaml: scenarioWith(`seed: 1
seed: 2
`),
		want: `x.yaml:5:1: key "seed" is given twice; the first is in line 4`,
	},
	{
		name: "a key that is not a name",
		yaml: scenarioWith("[a]: 1\n"),
		want: "x.yaml:4:1: a key of a scenario file must be a name; found a list",
	},
	{
		name: "an unknown version of IP",
		yaml: scenarioWith("ip: 5\n"),
		want: `x.yaml:4:5: "ip" must be 4 or 6; found the number 5`,
	},
	{
		name: "a negative seed",
		yaml: scenarioWith("seed: -1\n"),
		want: `x.yaml:4:7: "seed" must be a whole number from 0 to 18446744073709551615; found the number -1`,
	},
	{
		name: "a run of no time",
		yaml: scenarioWith("until: 0s\n"),
		want: `x.yaml:4:8: "until" must be a duration such as 500ms, 20s or 1m30s, longer than 0s; found "0s"`,
	},
	{
		name: "prose that is a list",
		yaml: scenarioWith("shows: [a]\n"),
		want: `x.yaml:4:8: "shows" must be text that is not empty; found a list`,
	},
	{
		name: "a claim without a reason",
		yaml: scenarioWith(`claims:
  - {source: a, claim: b, verdict: fails}
`),
		want: `x.yaml:5:5: a claim with the verdict "fails" needs the key "because"`,
	},
	{
		name: "an unknown verdict",
		yaml: scenarioWith(`claims:
  - {source: a, claim: b, verdict: true}
`),
		want: `x.yaml:5:36: "verdict" must be holds, partly or fails; found true`,
	},
	{
		name: "claims that are a mapping",
		yaml: scenarioWith("claims: {source: a}\n"),
		want: `x.yaml:4:9: "claims" must be a list of claims; found a mapping`,
	},
	{
		name: "a duration in words",
		yaml: scenarioWith("link: {latency: 20 sec}\n"),
		want: `x.yaml:4:17: "latency" must be a duration such as 500ms, 20s or 1m30s; found "20 sec"; it has no spaces, and its units are ns, us, ms, s, m and h`,
	},
	{
		name: "a duration without a unit",
		yaml: scenarioWith("link: {latency: 20}\n"),
		want: `x.yaml:4:17: "latency" must be a duration such as 500ms, 20s or 1m30s; found the number 20; the unit is missing`,
	},
	{
		name: "a negative duration",
		yaml: scenarioWith("link: {latency: -20ms}\n"),
		want: `x.yaml:4:17: "latency" must be a duration such as 500ms, 20s or 1m30s; found "-20ms"; it must not be negative`,
	},
	{
		name: "a percentage over 100",
		yaml: scenarioWith("link: {loss: 120%}\n"),
		want: `x.yaml:4:14: "loss" must be a share from 0% to 100%, such as 10% or 0.1; found "120%"`,
	},
	{
		name: "a percentage without its sign",
		yaml: scenarioWith("link: {loss: 10}\n"),
		want: `x.yaml:4:14: "loss" must be a share from 0% to 100%, such as 10% or 0.1; found the number 10; did you mean 10%?`,
	},
	{
		name: "an unknown key of a link",
		yaml: scenarioWith("link: {client-to-sever: {loss: 1%}}\n"),
		want: `x.yaml:4:8: unknown key "client-to-sever" in "link"; did you mean "client-to-server"?`,
	},
	{
		name: "a drop rule of one part",
		yaml: scenarioWith("link: {drop: [FIN]}\n"),
		want: `x.yaml:4:15: an item of "drop" must be a rule FROM:WHAT or FROM:WHAT:NTH, such as server:FIN:1; found "FIN"; "FIN" has 1 of the 2 or 3 parts FROM:WHAT:NTH`,
	},
	{
		name: "a drop rule with an unknown sender",
		yaml: scenarioWith(`link: {drop: ["sever:FIN"]}
`),
		want: `x.yaml:4:15: an item of "drop" must be a rule FROM:WHAT or FROM:WHAT:NTH, such as server:FIN:1; found "sever:FIN"; FROM must be client, server or any, not "sever"`,
	},
	{
		name: "a drop rule with an unknown segment",
		yaml: scenarioWith(`link: {drop: ["server:FINACK"]}
`),
		want: `x.yaml:4:15: an item of "drop" must be a rule FROM:WHAT or FROM:WHAT:NTH, such as server:FIN:1; found "server:FINACK"; WHAT must be SYN, SYNACK, FIN, RST, ACK, DATA or ANY, not "FINACK"`,
	},
	{
		name: "a drop rule that counts from zero",
		yaml: scenarioWith(`link: {drop: ["server:FIN:0"]}
`),
		want: `x.yaml:4:15: an item of "drop" must be a rule FROM:WHAT or FROM:WHAT:NTH, such as server:FIN:1; found "server:FIN:0"; NTH must be a number from 1, not "0"`,
	},
	{
		name: "a process verb on the network",
		yaml: networkWith("- close: c"),
		want: `x.yaml:5:5: "close" is a step of a process, not of the network`,
	},
	{
		name: "a label where there are none",
		yaml: networkWith("- wait-for: x"),
		want: `x.yaml:5:15: no step has the label "x"; there are no labels`,
	},
	{
		name: "an unknown process",
		yaml: networkWith("- kill: clinet"),
		want: `x.yaml:5:11: no process is named "clinet"; did you mean "client"?`,
	},
	{
		name: "a crash of something else",
		yaml: networkWith("- crash: router"),
		want: `x.yaml:5:12: "crash" must be client or server; found "router"`,
	},
	{
		name: "a rule that nobody started",
		yaml: networkWith("- pass: any:FIN"),
		want: `x.yaml:5:11: no rule "any:FIN" was started before; there are no rules`,
	},
	{
		name: "a forged segment without flags",
		yaml: networkWith("- inject: client"),
		want: `x.yaml:5:5: inject needs the key "flags"`,
	},
	{
		name: "TCP flags by their names",
		yaml: networkWith("- {inject: client, flags: SYN}"),
		want: `x.yaml:5:29: "flags" must be TCP flags in tcpdump's letters (S F R P and . for ACK), such as S, S. or FP.; found "SYN"; "Y" is not one of the letters`,
	},
	{
		name: "TCP flags with an A",
		yaml: scenarioWith("expect: {segments: [{flags: SA}]}\n"),
		want: `x.yaml:4:29: "flags" must be TCP flags in tcpdump's letters (S F R P and . for ACK), such as S, S. or FP.; found "SA"; ACK is written as a dot`,
	},
	{
		name: "a sequence number that is too large",
		yaml: scenarioWith("expect: {segments: [{seq: 4294967296}]}\n"),
		want: `x.yaml:4:27: "seq" must be a whole number from 0 to 4294967295; found the number 4294967296`,
	},
	{
		name: "a cause that there is not",
		yaml: scenarioWith("expect: {contains: [{cause: port-not-listning}]}\n"),
		want: `x.yaml:4:29: "cause" must be the cause of a RST, such as unread-data; found "port-not-listning"; did you mean "port-not-listening"?`,
	},
	{
		name: "an unknown field of a segment",
		yaml: scenarioWith("expect: {segments: [{flag: S}]}\n"),
		want: `x.yaml:4:22: unknown key "flag" in a segment; did you mean "flags"?`,
	},
	{
		name: "a segment that is nothing",
		yaml: scenarioWith(`expect:
  absent:
    -
`),
		want: `x.yaml:6:6: an item of "absent" must be a mapping (lines of "key: value"); found nothing`,
	},
	{
		name: "a case without a title",
		yaml: scenarioWith(`cases:
  - name: a
`),
		want: `x.yaml:5:5: a case needs the key "title"`,
	},
	{
		name: "a case that changes the group",
		yaml: scenarioWith(`cases:
  - {name: a, title: t, group: g}
`),
		want: `x.yaml:5:25: unknown key "group" in a case; expected name, title, shows, claims, linux, references, tell-apart, ip, seed, until, link, hosts, network or expect`,
	},
	{
		name: "two cases of one name",
		yaml: scenarioWith(`cases:
  - {name: a, title: t}
  - {name: a, title: u}
`),
		want: `x.yaml:6:5: two cases are named "a"; the first is in line 5`,
	},
}
