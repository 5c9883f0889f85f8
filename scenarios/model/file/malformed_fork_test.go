package file

// forkWith makes a server of these processes.
func forkWith(processes string) string {
	return scenarioHead + "hosts:\n  server:\n    processes:\n" + indent(processes, 6)
}

var malformedForks = []malformed{
	{
		name: "a fork of nobody",
		yaml: forkWith("- steps:\n  - fork: chld\n- name: child\n  start: fork\n  steps:\n  - sleep: 1s\n- steps:\n  - fork: child"),
		want: `x.yaml:7:17: no process of the server is named "chld"; did you mean "child"?`,
	},
	{
		name: "a fork of a process of the other host",
		yaml: processWith("- fork: server\n") + "  server:\n    processes:\n      - start: fork\n        steps:\n          - sleep: 1s\n      - steps:\n          - fork: server\n",
		want: `x.yaml:7:19: no process of the client is named "server"; there are no processes that say "start: fork"`,
	},
	{
		name: "a fork of a process that starts by itself",
		yaml: forkWith("- steps:\n  - fork: child\n- name: child\n  steps:\n  - sleep: 1s"),
		want: `x.yaml:7:17: process "child" does not start by a fork; give it "start: fork"`,
	},
	{
		name: "a process that nobody forks",
		yaml: forkWith("- name: child\n  start: fork\n  steps:\n  - sleep: 1s"),
		want: `x.yaml:6:9: no process that runs forks "child"; write "- fork: child" among the steps of another one of the server`,
	},
	{
		name: "a process that forks itself",
		yaml: forkWith("- name: child\n  start: fork\n  steps:\n  - fork: child"),
		want: `x.yaml:6:9: no process that runs forks "child"; write "- fork: child" among the steps of another one of the server`,
	},
	{
		name: "a process that is forked twice",
		yaml: forkWith("- steps:\n  - fork: child\n  - fork: child\n- name: child\n  start: fork\n  steps:\n  - sleep: 1s"),
		want: `x.yaml:8:17: process "child" is forked already, in line 7; write another process for this one`,
	},
	{
		name: "a child with a disposition of its own",
		yaml: forkWith("- steps:\n  - fork: child\n- name: child\n  start: fork\n  sigpipe: default\n  steps:\n  - sleep: 1s"),
		want: `x.yaml:10:18: a forked process inherits what SIGPIPE does; use a sigpipe step to change it`,
	},
	{
		name: "a child with a socket that the parent makes after the fork",
		yaml: forkWith("- steps:\n  - socket: a\n  - fork: child\n  - socket: b\n- name: child\n  start: fork\n  steps:\n  - close: a\n  - close: b"),
		want: `x.yaml:14:18: no step before this one creates socket "b"; sockets so far: a`,
	},
	{
		name: "a parent with a socket that the child makes",
		yaml: forkWith("- steps:\n  - fork: child\n  - close: a\n- name: child\n  start: fork\n  steps:\n  - socket: a"),
		want: `x.yaml:8:18: no step before this one creates socket "a"; the process has no sockets so far`,
	},
	{
		name: "a fork without a name",
		yaml: processWith("- fork: true"),
		want: `x.yaml:7:19: "fork" must be the name of a process (letters, digits, _ . -); found true; put it in quotes`,
	},
	{
		name: "an argument of fork",
		yaml: processWith("- {fork: child, expect: ok}"),
		want: `x.yaml:7:27: fork returns nothing, so there is nothing to expect`,
	},
}
