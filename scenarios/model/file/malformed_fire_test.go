package file

// fireWith is a scenario whose outcomes, from line 5, are given.
func fireWith(outcomes string) string {
	return scenarioHead + "of: echo\noutcomes:\n" + indent(outcomes, 2)
}

const oneOutcome = "outcomes: [{name: o, says: s, sees: {client: {recv: EOF}}}]\n"

var malformedFire = []malformed{
	{
		name: "an outcome without a name",
		yaml: fireWith("- {says: s, sees: {client: {recv: EOF}}}"),
		want: `x.yaml:5:5: an outcome needs the key "name"`,
	},
	{
		name: "an outcome that sees nothing",
		yaml: fireWith("- {name: o, says: s, sees: {}}"),
		want: `x.yaml:5:30: "sees" must name a process`,
	},
	{
		name: "no outcomes",
		yaml: scenarioHead + "of: echo\noutcomes: []\n",
		want: `x.yaml:4:11: "outcomes" must be a list of outcomes; found an empty list`,
	},
	{
		name: "a process that there is not",
		yaml: fireWith("- {name: o, says: s, sees: {cleint: {recv: EOF}}}"),
		want: `x.yaml:5:31: no process is named "cleint"; did you mean "client"?`,
	},
	{
		name: "a call that the process never makes",
		yaml: fireWith("- {name: o, says: s, sees: {client: {send: 4}}}"),
		want: "x.yaml:5:39: process client never calls send; its steps: socket, recv",
	},
	{
		name: "an option that the process never reads",
		yaml: fireWith("- {name: o, says: s, sees: {server: {getsockopt: 0, option: SO_ERROR}}}"),
		want: `x.yaml:5:39: process server never calls getsockopt SO_ERROR; did you mean "getsockopt TCP_INFO"?`,
	},
	{
		name: "a call that there is not",
		yaml: fireWith("- {name: o, says: s, sees: {client: {receive: EOF}}}"),
		want: `x.yaml:5:40: unknown key "receive" in what a process sees; did you mean "recv"?`,
	},
	{
		name: "a result that the call cannot have",
		yaml: fireWith("- {name: o, says: s, sees: {client: [{recv: EOF}, {recv: ECONRESET}]}}"),
		want: `x.yaml:5:60: the result of recv must be a number of bytes, EOF, {data: TEXT}, {bytes: N}, ok, never or the name of an errno such as ECONNRESET; found "ECONRESET"; did you mean "ECONNRESET"?`,
	},
	{
		name: "two calls in one mapping",
		yaml: fireWith("- {name: o, says: s, sees: {client: {recv: EOF, exit: 0}}}"),
		want: "x.yaml:5:57: recv and exit stand in one mapping; write a list, one call after the other",
	},
	{
		name: "an option of another call",
		yaml: fireWith("- {name: o, says: s, sees: {client: {recv: EOF, option: SO_ERROR}}}"),
		want: `x.yaml:5:39: "option" is an argument of getsockopt, not of recv`,
	},
	{
		name: "getsockopt of nothing",
		yaml: fireWith("- {name: o, says: s, sees: {server: {getsockopt: 0}}}"),
		want: `x.yaml:5:39: getsockopt needs the key "option"`,
	},
	{
		name: "an option of no call",
		yaml: fireWith("- {name: o, says: s, sees: {server: {option: SO_ERROR}}}"),
		want: "x.yaml:5:39: what a process sees needs a call with its result, such as {recv: ECONNRESET}",
	},
	{
		name: "an exit status that is none",
		yaml: fireWith("- {name: o, says: s, sees: {client: {exit: SIGKILL}}}"),
		want: `x.yaml:5:46: "exit" must be a whole number from 0 to 255; found "SIGKILL"`,
	},
	{
		name: "two outcomes of one name",
		yaml: fireWith("- {name: o, says: s, sees: {client: {recv: EOF}}}\n- {name: o, says: s, sees: {client: {recv: never}}}"),
		want: `x.yaml:6:5: two outcomes are named "o"; the first is in line 5`,
	},
	{
		name: "a count of a level that there is not",
		yaml: fireWith("- {name: o, says: s, sees: {client: {recv: EOF}}, counts: {loss-3: 5}}"),
		want: `x.yaml:5:70: there is no level "loss-3"; did you mean "loss-30"?`,
	},
	{
		name: "a negative count",
		yaml: fireWith("- {name: o, says: s, sees: {client: {recv: EOF}}, counts: {loss-30: -5}}"),
		want: `x.yaml:5:71: "loss-30" must be a whole number from 0 to 1000000000; found the number -5`,
	},
	{
		name: "a level that there is not",
		yaml: scenarioHead + "of: echo\nlevel: loss-5\n" + oneOutcome,
		want: `x.yaml:4:8: there is no level "loss-5"; did you mean "loss-1"?`,
	},
	{
		name: "two levels of one name",
		yaml: scenarioHead + "of: echo\nlevels: [{name: a}, {name: a, loss: 1%}]\n" + oneOutcome,
		want: `x.yaml:4:21: two cases are named "a"; the first is in line 4`,
	},
	{
		name: "a level of more than all",
		yaml: scenarioHead + "of: echo\nlevels: [{name: a, loss: 120%}]\n" + oneOutcome,
		want: `x.yaml:4:26: "loss" must be a share from 0% to 100%, such as 10% or 0.1; found "120%"`,
	},
	{
		name: "levels without outcomes",
		yaml: scenarioWith("levels: [{name: a}]\n"),
		want: `x.yaml:4:9: a scenario with the key "levels" needs the key "outcomes"`,
	},
	{
		name: "a scenario repeated without outcomes",
		yaml: scenarioHead + "of: echo\n",
		want: `x.yaml:3:5: a scenario with the key "of" needs the key "outcomes"`,
	},
	{
		name: "outcomes and cases",
		yaml: scenarioHead + "of: echo\ncases: [{name: v, title: v}]\n" + oneOutcome,
		want: `x.yaml:4:8: a scenario with outcomes has "levels" in place of "cases"`,
	},
	{
		name: "outcomes and an expectation",
		yaml: scenarioHead + "of: echo\nexpect: {contains: [{flags: S}]}\n" + oneOutcome,
		want: `x.yaml:4:9: a scenario with outcomes has "outcomes" in place of "expect"`,
	},
	{
		name: "neither hosts nor a scenario to repeat",
		yaml: scenarioHead + oneOutcome,
		want: `x.yaml:1:1: a scenario needs the key "hosts"`,
	},
	{
		name: "an unknown scenario to repeat",
		yaml: scenarioHead + "of: ecko\n" + oneOutcome,
		want: `x.yaml:3:5: "of": no such scenario`,
	},
	{
		name: "a scenario to repeat that is no name",
		yaml: scenarioHead + "of: echo.yaml\n" + oneOutcome,
		want: `x.yaml:3:5: "of" must be the name of a scenario of the catalogue or of one of its cases, such as unread-data/all-read; found "echo.yaml"`,
	},
	{
		name: "a scenario that repeats one that repeats",
		yaml: scenarioHead + "of: unread-data-under-fire\n" + oneOutcome,
		want: `x.yaml:3:5: "of": unread-data-under-fire repeats another scenario itself`,
	},
}
