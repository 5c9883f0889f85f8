package file

var malformedFiles = []malformed{
	{
		name: "an empty file",
		yaml: "",
		want: `x.yaml:1:1: the file is empty; a scenario begins with its name, for example "name: unread-data"`,
	},
	{
		name: "only a comment",
		yaml: "# nothing\n",
		want: `x.yaml:1:1: the file is empty; a scenario begins with its name, for example "name: unread-data"`,
	},
	{
		name: "an empty document",
		yaml: `---
...
`,
		want: `x.yaml:1:1: the file is empty; a scenario begins with its name, for example "name: unread-data"`,
	},
	{
		name: "two documents",
		yaml: `name: x
---
name: y
`,
		want: "x.yaml:2:1: a second YAML document begins here; a scenario file is one document",
	},
	{
		name: "a list at the top",
		yaml: "- socket: c\n",
		want: `x.yaml:1:1: a scenario file must be a mapping (lines of "key: value"); found a list`,
	},
	{
		name: "a word at the top",
		yaml: "hello\n",
		want: `x.yaml:1:1: a scenario file must be a mapping (lines of "key: value"); found "hello"`,
	},
	{
		name: "an unclosed quotation",
		yaml: `name: x
title: "no end
`,
		want: "x.yaml:3:1: not valid YAML: while scanning a quoted scalar, found unexpected end of stream (it began in line 2)",
	},
	{
		name: "an unclosed list",
		yaml: "name: [a\n",
		want: "x.yaml:2:1: not valid YAML: while parsing a flow sequence, did not find expected ',' or ']' (it began in line 1)",
	},
	{
		name: "a colon too many",
		yaml: `name: x
title: close: with unread data
`,
		want: `x.yaml:2:13: not valid YAML: mapping values are not allowed in this context; text that contains ": " needs quotes`,
	},
	{
		name: "a tab as indentation",
		yaml: `name: x
hosts:
	client: {}
`,
		want: "x.yaml:3:1: not valid YAML: while scanning for the next token, found character that cannot start any token; indentation is spaces, never tabs, and text that begins with @, % or ` needs quotes",
	},
	{
		name: "a control character",
		yaml: "name: x\ntitle: a\u0001b\n",
		want: "x.yaml:2:9: not valid YAML: the character U+0001 must be written as an escape",
	},
	{
		name: "bytes that are not UTF-8",
		yaml: "name: x\ntitle: \xff\n",
		want: "x.yaml:2:8: not valid YAML: byte 0xff is not UTF-8 text",
	},
	{
		name: "an unknown anchor",
		yaml: "name: *x\n",
		want: "x.yaml:1:7: not valid YAML: unknown anchor 'x' referenced",
	},
	{
		name: "an alias inside itself",
		yaml: "name: &a [*a]\n",
		want: "x.yaml:1:11: the alias *a stands inside the value that it repeats",
	},
	{
		name: "nothing required",
		yaml: "seed: 1\n",
		want: `x.yaml:1:1: a scenario needs the key "name"` + "\n" +
			`x.yaml:1:1: a scenario needs the key "title"` + "\n" +
			`x.yaml:1:1: a scenario needs the key "hosts"`,
	},
	{
		name: "a name with capitals",
		yaml: `name: Unread
title: t
hosts: {}
`,
		want: `x.yaml:1:7: "name" must be lower-case words and digits joined by hyphens, such as unread-data; found "Unread"`,
	},
	{
		name: "a title of two lines",
		yaml: `name: x
title: |
  a
  b
hosts: {}
`,
		want: `x.yaml:2:8: "title" must be one line of text; found "a\nb\n"`,
	},
	{
		name: "a title that is a number",
		yaml: `name: x
title: 5
hosts: {}
`,
		want: `x.yaml:2:8: "title" must be one line of text; found the number 5; put it in quotes`,
	},
	{
		name: "a title without a value",
		yaml: `name: x
title:
hosts: {}
`,
		want: `x.yaml:2:7: "title" must be one line of text; found nothing`,
	},
	{
		name: "an unknown host",
		yaml: `name: x
title: t
hosts:
  sever: {}
`,
		want: `x.yaml:4:3: unknown key "sever" in "hosts"; did you mean "server"?`,
	},
	{
		name: "a setting that is a list",
		yaml: `name: x
title: t
hosts:
  client: {settings: {tcp_rmem: [1, 2]}}
`,
		want: `x.yaml:4:33: setting "tcp_rmem" must be a number, true, false or text; found a list`,
	},
	{
		name: "a setting that is refused",
		yaml: `name: x
title: t
hosts:
  client: {settings: {tcp_sakc: 1}}
`,
		want: `x.yaml:4:23: setting "tcp_sakc": unknown sysctl; did you mean tcp_sack?`,
	},
	{
		name: "a process without steps",
		yaml: `name: x
title: t
hosts:
  client: {processes: [{name: a}]}
`,
		want: `x.yaml:4:24: a process needs the key "steps"`,
	},
	{
		name: "a process with no step",
		yaml: `name: x
title: t
hosts:
  client: {processes: [{steps: []}]}
`,
		want: `x.yaml:4:32: "steps" must be a list of steps; found an empty list`,
	},
	{
		name: "an exit status over 255",
		yaml: `name: x
title: t
hosts:
  client: {processes: [{exits: 256, steps: [exit: 0]}]}
`,
		want: `x.yaml:4:32: "exits" must be a whole number from 0 to 255; found the number 256`,
	},
	{
		name: "a start that is not a time",
		yaml: `name: x
title: t
hosts:
  client: {processes: [{start: reboot, steps: [exit: 0]}]}
`,
		want: `x.yaml:4:32: "start", unless it is boot or fork, must be a duration such as 500ms, 20s or 1m30s; found "reboot"`,
	},
	{
		name: "two processes of one name",
		yaml: `name: x
title: t
hosts:
  client: {processes: [{steps: [exit: 0]}]}
  server: {processes: [{name: client, steps: [exit: 0]}]}
`,
		want: `x.yaml:5:24: two processes are named "client"; the first is in line 4; give this one another "name"`,
	},
	{
		name: "a case that drops a label",
		yaml: `name: x
title: t
hosts:
  client:
    processes: [steps: [{exit: 0, label: done}]]
network: [wait-for: done]
cases:
  - {name: a, title: t, hosts: {client: {processes: []}}}
`,
		want: `x.yaml:6:21: no step has the label "done"; there are no labels (in the case "a")`,
	},
	{
		name: "several errors in file order",
		yaml: `name: X
hosts:
  sever: {}
ip: 7
title: t
seed: a
`,
		want: `x.yaml:1:7: "name" must be lower-case words and digits joined by hyphens, such as unread-data; found "X"` + "\n" +
			`x.yaml:3:3: unknown key "sever" in "hosts"; did you mean "server"?` + "\n" +
			`x.yaml:4:5: "ip" must be 4 or 6; found the number 7` + "\n" +
			`x.yaml:6:7: "seed" must be a whole number from 0 to 18446744073709551615; found "a"`,
	},
}
