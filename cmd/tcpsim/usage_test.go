package main

import (
	"bytes"
	"strings"
	"testing"
)

// Each of these is bad usage or bad input: status 2, nothing on standard
// output, and on standard error one line that says what is wrong and what
// would be right.
var badCommandLines = []struct{ line, stderr string }{
	// Commands.
	{"lst", `no command "lst"; did you mean "list"?`},
	{"xyzzy", `no command "xyzzy"; tcpsim --help lists them`},
	{"help lst", `no command "lst"; did you mean "list"?`},
	{"help run list", `no command "list"; tcpsim --help lists them`},
	{"Run unread-data", `no command "Run"; did you mean "run"?`},

	// Arguments.
	{"list all", `tcpsim list takes no arguments, not "all"`},
	{"version 1", `tcpsim version takes no arguments, not "1"`},
	{"schema x", `no schema "x"; want scenario or trace`},
	{"schema trace x", `tcpsim schema takes only scenario or trace, not also "x"`},
	{"settings x", `tcpsim settings takes no arguments, not "x"`},
	{"show", `tcpsim show needs the name of a scenario`},
	{"show unread-data handshake", `tcpsim show takes only the name of a scenario, not also "handshake"`},
	{"show unread-dta", `no scenario "unread-dta"; did you mean "unread-data"?`},
	{"show unread-data/all-reed", `scenario unread-data has no case "all-reed"; did you mean "all-read"?`},
	{"completion", `tcpsim completion needs the name of a shell`},
	{"completion tcsh", `no shell "tcsh"; want bash, fish, powershell or zsh`},
	{"man", `tcpsim man needs a directory`},
	{"plot", `tcpsim plot needs the name of a scenario, a file or a saved trace`},
	{"plot unread-data handshake", `tcpsim plot takes only the name of a scenario, a file or a saved trace, not also "handshake"`},
	{"plot unread-dta", `no scenario "unread-dta"; did you mean "unread-data"?`},
	{"plot testdata/hello.yaml --case all", `--case all are 3 cases, and only one can be shown`},
	{"plot absent.jsonl", `open absent.jsonl: no such file or directory`},
	{"plot run.jsonl --seed 1", `run.jsonl is a saved trace, so --seed has no meaning`},
	{"plot run.jsonl --case slow", `run.jsonl is a saved trace, so --case has no meaning`},
	{"plot x.pcap --seed 1", `x.pcap is a capture, so --seed has no meaning`},
	{"plot unread-data --conn 1", `unread-data is no capture, so --conn has no meaning`},
	{"plot run.jsonl --conn 1", `run.jsonl is no capture, so --conn has no meaning`},
	{"convert", `tcpsim convert needs a saved trace or a capture`},
	{"convert a.jsonl b.jsonl", `tcpsim convert takes only a saved trace or a capture, not also "b.jsonl"`},
	{"import", `tcpsim import needs a capture`},
	{"import a.pcap b.pcap", `tcpsim import takes only a capture, not also "b.pcap"`},
	{"import absent.pcap", `open absent.pcap: no such file or directory`},
	{"import testdata", `testdata: read testdata: is a directory`},
	{"import testdata/hello.yaml", `testdata/hello.yaml: begins with 6e 61 6d 65: want a pcap or pcapng file`},
	{"convert unread-data", `open unread-data: no such file or directory; "unread-data" is no saved trace (tcpsim run --trace makes one)`},
	{"diff unread-data", `tcpsim diff needs two scenarios, saved traces or captures`},
	{"diff unread-data handshake primes", `tcpsim diff takes only two scenarios, saved traces or captures, not also "primes"`},
	{"diff - -", `standard input (-) can be read only once`},
	{"diff unread-data/x unread-data --a-case y", `"unread-data/x" names a case, so --case y has no meaning`},
	{"gallery", `tcpsim gallery needs a directory`},
	{"outcomes", `tcpsim outcomes needs the name of a scenario or a file`},
	{"outcomes unread-data", `unread-data names no outcomes: it always ends in the same way`},
	{"outcomes unread-data-under-fire --jobs 2", `--jobs has a meaning only with --runs`},
	{"outcomes unread-data-under-fire --runs 0", `--runs "0": want a whole number from 1`},
	{"run run.jsonl", `no scenario "run.jsonl"; tcpsim list shows all (a saved trace is for tcpsim plot, convert and diff)`},
	{"run", `tcpsim run needs the name of a scenario, a file, - or --all; tcpsim list shows the scenarios`},
	{"run unread-dta", `no scenario "unread-dta"; did you mean "unread-data"?`},
	{"run qqqqqqqqqqqqqqqqqqqq", `no scenario "qqqqqqqqqqqqqqqqqqqq"; tcpsim list shows all`},
	{"run unread-data/", `"unread-data/" names no case; the scenario itself is unread-data`},
	{"run unread-data/x --case y", `"unread-data/x" names a case, so --case y has no meaning`},
	{"run unread-data --case all-reed", `scenario unread-data has no case "all-reed"; did you mean "all-read"?`},
	{"run testdata/hello.yaml --case slowly", `scenario hello has no case "slowly"; did you mean "slow"?`},
	{"run testdata/hello.yaml --case zzzzzzzzz", `scenario hello has no case "zzzzzzzzz"; it has slow, aborts`},
	{"run testdata/hello.yaml/slow", `no scenario "testdata"; tcpsim list shows all (a case of a file is testdata/hello.yaml --case slow)`},
	{"run - -", `standard input (-) can be read only once`},
	{"run absent.yaml", `open absent.yaml: no such file or directory`},
	{"run ./testdata", `read ./testdata: is a directory`},

	// Flags that are not there.
	{"--sed 1", `tcpsim has no flag --sed; tcpsim --help lists its flags`},
	{"list --jsno", `tcpsim list has no flag --jsno; did you mean --json?`},
	{"run unread-data --sed 1", `tcpsim run has no flag --sed; did you mean --seed?`},
	{"run unread-data --lattency=1s", `tcpsim run has no flag --lattency; did you mean --latency?`},
	{"diff unread-data primes --b-sed 1", `tcpsim diff has no flag --b-sed; did you mean --b-seed?`},
	{"convert run.jsonl -x", `tcpsim convert has no flag -x; tcpsim convert --help lists its flags`},
	{"run unread-data --xyzzy", `tcpsim run has no flag --xyzzy; tcpsim run --help lists its flags`},
	{"run unread-data -x", `tcpsim run has no flag -x; tcpsim run --help lists its flags`},
	{"run unread-data --=1", `"--=1" is no flag`},

	// Values of flags.
	{"run unread-data --seed", `--seed needs a value: --seed N`},
	{"run unread-data -o", `--output needs a value: --output FILE`},
	{"run unread-data --seed one", `--seed "one": want a whole number from 0 to 18446744073709551615`},
	{"run unread-data --seed -1", `--seed "-1": want a whole number from 0 to 18446744073709551615`},
	{"run unread-data --latency 10", `--latency "10": want a duration from 0s to 24h, such as 50ms or 1.5s`},
	{"run unread-data --latency -1s", `--latency "-1s": want a duration from 0s to 24h, such as 50ms or 1.5s`},
	{"run unread-data --latency 25h", `--latency "25h": want a duration from 0s to 24h, such as 50ms or 1.5s`},
	{"run unread-data --loss 10", `--loss "10": want a share from 0% to 100%, such as 10% or 0.1; did you mean 10%?`},
	{"run unread-data --loss 101%", `--loss "101%": want a share from 0% to 100%, such as 10% or 0.1`},
	{"run unread-data --loss NaN", `--loss "NaN": want a share from 0% to 100%, such as 10% or 0.1`},
	{"run unread-data --latency peer:10ms", `--latency "peer:10ms": want a duration from 0s to 24h, such as 50ms or 1.5s`},
	{"run unread-data --latency client:", `--latency "client:": want a duration from 0s to 24h, such as 50ms or 1.5s`},
	{"run unread-data --loss server:120%", `--loss "server:120%": want a share from 0% to 100%, such as 10% or 0.1`},
	{"run unread-data --jitter 5", `--jitter "5": want a duration from 0s to 24h, such as 50ms or 1.5s`},
	{"run unread-data --jitter -5ms", `--jitter "-5ms": want a duration from 0s to 24h, such as 50ms or 1.5s`},
	{"run unread-data --jitter 5ms,pareto", `--jitter "5ms,pareto": no distribution "pareto"; want uniform or normal`},
	{"run unread-data --jitter 5ms,", `--jitter "5ms,": no distribution ""; want uniform or normal`},
	{"run unread-data --delays 5ms,x", `--delays "5ms,x": want durations from 0s to 24h, such as 10ms,30ms`},
	{"run unread-data --delays 5ms,-1ms", `--delays "5ms,-1ms": want durations from 0s to 24h, such as 10ms,30ms`},
	{"run unread-data --loss-gemodel 2", `--loss-gemodel "2": want shares from 0% to 100%, such as 10% or 0.1: P,R,1-H,1-K, such as 1%,25%`},
	{"run unread-data --loss-gemodel 1%,", `--loss-gemodel "1%,": want shares from 0% to 100%, such as 10% or 0.1: P,R,1-H,1-K, such as 1%,25%`},
	{"run unread-data --loss-gemodel 1,1,1,0,0", `--loss-gemodel "1,1,1,0,0": want at most four shares: P,R,1-H,1-K`},
	{"run unread-data --duplicate 101%", `--duplicate "101%": want a share from 0% to 100%, such as 10% or 0.1`},
	{"run unread-data --reorder -1", `--reorder "-1": want a share from 0% to 100%, such as 10% or 0.1`},
	{"run unread-data --corrupt often", `--corrupt "often": want a share from 0% to 100%, such as 10% or 0.1`},
	{"run unread-data --corrupt 1%,ttl", `--corrupt "1%,ttl": no field "ttl"; want any, payload, seq, ack, flags, window or checksum`},
	{"run unread-data --rate 0bit", `--rate "0bit": want a rate above zero such as 512kbit or 10mbit`},
	{"run unread-data --rate 10", `--rate "10": want a rate above zero such as 512kbit or 10mbit`},
	{"run unread-data --rate client:-1mbit", `--rate "client:-1mbit": want a rate above zero such as 512kbit or 10mbit`},
	{"run unread-data --queue 0", `--queue "0": want a limit from 1, such as 20packets, 30000bytes or 20packets,30000bytes`},
	{"run unread-data --queue 5packets,6packets", `--queue "5packets,6packets": want a limit from 1, such as 20packets, 30000bytes or 20packets,30000bytes`},
	{"run unread-data --queue 5kb", `--queue "5kb": want a limit from 1, such as 20packets, 30000bytes or 20packets,30000bytes`},
	{"run unread-data --mtu 67", `--mtu "67": want a number of bytes from 68 to 65535`},
	{"run unread-data --mtu 0", `--mtu "0": want a number of bytes from 68 to 65535`},
	{"run unread-data --mtu 70000", `--mtu "70000": want a number of bytes from 68 to 65535`},
	{"run unread-data --rule what:FIN", `--rule "what:FIN": a rule of the link needs the key "do"`},
	{"run unread-data --rule do:drop,wat:FIN", `--rule "do:drop,wat:FIN": unknown key "wat" in a rule of the link; did you mean "what"?`},
	{"run unread-data --rule do:explode", `--rule "do:explode": "do" must be drop, delay, duplicate, corrupt, hold, forge or drop-and-forge; found "explode"`},
	{"run unread-data --rule do:drop,after:2s,before:1s", `--rule "do:drop,after:2s,before:1s": "before" is wrong: the rule ends at 1s, not after it begins at 2s`},
	{"run unread-data --rule do:drop,by:1s", `--rule "do:drop,by:1s": "by" is for a rule that does delay or duplicate, not drop`},
	{"run unread-data --rule {do:drop", `--rule "{do:drop": not valid YAML: while parsing a flow mapping, did not find expected ',' or '}' (it began in line 1)`},
	{"run unread-data --middlebox idle:-1s", `--middlebox "idle:-1s": "idle" must be a duration such as 500ms, 20s or 1m30s, longer than 0s; found "-1s"; it must not be negative`},
	{"run unread-data --middlebox name:nat,at:0%", `--middlebox "name:nat,at:0%": "at" must be more than 0% and less than 100%; found "0%"`},
	{"run unread-data --cut now", `--cut "now": want times from 0s to 24h, such as 2s or 2s-5s`},
	{"run unread-data --cut 2s-", `--cut "2s-": want times from 0s to 24h, such as 2s or 2s-5s`},
	{"run unread-data --cut -1s", `--cut "-1s": want times from 0s to 24h, such as 2s or 2s-5s`},
	{"run unread-data --cut client:2s-1s", `--cut "client:2s-1s": the cable is repaired at 1s, not after it is cut at 2s`},
	{"run unread-data --cut 2s-2s", `--cut "2s-2s": the cable is repaired at 2s, not after it is cut at 2s`},
	{"diff unread-data primes --a-rate fast", `--a-rate "fast": want a rate above zero such as 512kbit or 10mbit`},
	{"run unread-data --vantage router --pcap x.pcap", `--vantage "router": want client, server, wire or middlebox`},
	{"run unread-data --vantage middlebox --format tcpdump", `unread-data has no middlebox to capture on; --middlebox NAME puts one on the link`},
	{"run unread-data --drop FIN", `--drop "FIN": want FROM:WHAT[:NTH], such as server:FIN:1`},
	{"run unread-data --drop peer:FIN", `--drop "peer:FIN": FROM must be client, server or any, not "peer"`},
	{"run unread-data --drop any:FYN", `--drop "any:FYN": WHAT must be SYN, SYNACK, FIN, RST, ACK, DATA or ANY, not "FYN"`},
	{"run unread-data --drop any:FIN:0", `--drop "any:FIN:0": NTH must be a number from 1, not "0"`},
	{"run unread-data --drop any:FIN:1:2", `--drop "any:FIN:1:2": want FROM:WHAT[:NTH], such as server:FIN:1`},
	{"run unread-data --set tcp_sack", `--set "tcp_sack": want HOST.NAME=VALUE, such as client.tcp_retries2=5`},
	{"run unread-data --set tcp_sack=0", `--set "tcp_sack=0": want HOST.NAME=VALUE, such as client.tcp_retries2=5`},
	{"run unread-data --set peer.tcp_sack=0", `--set "peer.tcp_sack=0": no host "peer"; want client, server or both`},
	{"run unread-data --set client.tcp_sak=0", `--set "client.tcp_sak=0": no setting "tcp_sak"; did you mean "tcp_sack"?`},
	{"run unread-data --set client.x=0", `--set "client.x=0": no setting "x"; tcpsim settings lists them`},
	{"run unread-data --set client.tcp_retries2=0", `--set "client.tcp_retries2=0": want 1 to 255`},
	{"run unread-data --set client.tcp_sack=", `--set "client.tcp_sack=": want 0 or 1`},
	{"run unread-data --ip 5", `--ip "5": want 4 or 6`},
	{"run unread-data --format xml", `--format "xml": want text, json, jsonl, tcpdump or strace`},
	{"run unread-data --color yes", `--color "yes": want auto, always or never`},
	{"run unread-data --no-check=perhaps", `--no-check "perhaps": want true or false`},
	{"run unread-data --case=", `--case "": want a name`},
	{"run unread-data --output=", `--output "": want a name`},
	{"run --all --jobs 0", `--jobs "0": want a whole number from 1`},

	{"run unread-data --plot=", `--plot "": want a name`},
	{"run unread-data --plot x.jpg", `x.jpg: the ending tells no format: want .svg, .png, .pdf, .txt (ASCII) or .mmd (Mermaid)`},
	{"run unread-data --pcap x.jpg", `the ending of "x.jpg" tells no format; want .pcapng, .pcap or .cap`},
	{"run unread-data --pcap x.pcap --vantage cleint", `--vantage "cleint": want client, server, wire or middlebox`},
	{"plot unread-data --kind stairs", `--kind "stairs": want ladder or sequence`},
	{"plot unread-data --format gif", `--format "gif": want svg, png, pdf, ascii or mermaid`},
	{"plot unread-data --theme grey", `--theme "grey": want auto, light or dark`},
	{"plot unread-data --view god", `--view "god": want sender, receiver, client or server`},
	{"plot unread-data --from 1", `--from "1": want a time from the beginning of the run, such as 50ms or 1m30s`},
	{"plot unread-data --to -1s", `--to "-1s": want a time from the beginning of the run, such as 50ms or 1m30s`},
	{"plot unread-data --width wide", `--width "wide": want a whole number from 1`},
	{"plot unread-data --width 20", `width 20: want 80 to 200 columns`},
	{"plot unread-data -o x.jpg", `x.jpg: the ending tells no format: want .svg, .png, .pdf, .txt (ASCII) or .mmd (Mermaid)`},
	{"convert run.jsonl --format gif", `--format "gif": want text, jsonl, json, tcpdump, strace, pcapng, pcap, xplot, svg, png, pdf, ascii or mermaid`},
	{"convert run.jsonl -o x.jpg", `the ending of "x.jpg" tells no format; want .txt, .jsonl, .json, .tcpdump, .strace, .pcapng, .pcap, .cap, .xpl, .svg, .png, .pdf, .mmd or .mermaid`},
	{"convert run.jsonl --format tcpdump -tttttt", `tcpdump has no more than -ttttt`},
	{"import testdata/hello.yaml --conn 0", `connection "0": want its number from 1, or its ends such as 10.0.0.1:40000-10.0.0.2:80`},
	{"import x.pcap --captured here", `--captured "here": want auto, client, server, between, both or wire`},
	{"import x.pcap --max-bytes 0", `--max-bytes "0": want a whole number from 1`},
	{"import x.pcap --snaplen -1", `--snaplen "-1": want a whole number from 0`},
	{"import x.pcap --format strace", `--format "strace": want text, jsonl, json, tcpdump, pcapng, pcap, xplot, svg, png, pdf, ascii or mermaid`},
	{"import x.pcap -o x.strace", `the ending of "x.strace" tells no format; want .txt, .jsonl, .json, .tcpdump, .pcapng, .pcap, .cap, .xpl, .svg, .png, .pdf, .mmd or .mermaid`},
	{"convert run.jsonl --format xplot --conn one", `--conn "one": want the number of a connection of the trace, from 1`},
	{"convert run.jsonl --format strace -t", `strace is printed with -tt or -ttt`},
	{"diff unread-data primes --context 0", `--context "0": want a whole number from 1`},
	{"diff unread-data primes --a-latency 10", `--a-latency "10": want a duration from 0s to 24h, such as 50ms or 1.5s`},
	{"gallery x --jobs none", `--jobs "none": want a whole number from 1`},

	// Flags that exclude each other.
	{"run unread-data --jobs 2", `--jobs has a meaning only with --all`},
	{"run unread-data --all", `--all runs the whole catalogue, so "unread-data" has no meaning`},
	{"run --all --plot x.svg", `--plot is for one case, so it has no meaning with --all`},
	{"run --all --format tcpdump", `--all prints a line for each case; want --format text or json`},
	{"run unread-data primes --trace x.jsonl", `--trace is for one case, not for 2`},
	{"run unread-data --trace -", `--trace needs a file; standard output is for --format`},
	{"run unread-data --trace x --plot ./x.svg -o x", `x would be written twice`},
	{"run unread-data --vantage wire", `--vantage has a meaning only with --pcap or --format tcpdump`},
	{"run unread-data --process server", `--process has a meaning only with --format strace`},
	{"plot unread-data --view client", `--view has a meaning only with --kind sequence`},
	{"plot unread-data --kind sequence --format ascii", `a sequence graph has no ascii form: want one of svg, png, pdf`},
	{"plot unread-data --from 2s --to 1s", `--to 1s is not after --from 2s`},
	{"plot unread-data --to 0s", `--to 0s is not after --from 0s`},
	{"convert run.jsonl -S", `--absolute has a meaning only with --format tcpdump`},
	{"convert run.jsonl --format svg -tt", `--time has a meaning only with --format tcpdump or strace`},
	{"convert run.jsonl --process x --format tcpdump", `--process has a meaning only with --format strace`},
	{"convert run.jsonl -o x.svg --vantage wire", `--vantage has a meaning only with --format pcapng, pcap, tcpdump or xplot`},
	{"convert run.jsonl --sender server", `--sender has a meaning only with --format xplot`},
	{"convert run.jsonl --sender server --format xplot -o testdata", `--sender has no meaning with a directory, which gets the graphs of both`},
	{"convert run.jsonl --conn 1", `--conn has a meaning only with a capture or --format xplot`},
	{"import x.pcap --list --conn 1", `--conn has no meaning with --list`},
	{"import x.pcap --list -o x", `--output has no meaning with --list`},
	{"import x.pcap --json", `--json has a meaning only with --list; the trace is JSON Lines without it`},
	{"import x.pcap --vantage wire", `--vantage has a meaning only with --format pcapng, pcap, tcpdump or xplot; --captured says where the capture was made`},
	{"run --all --case slow", `--all runs every case, so --case slow has no meaning`},
}

func TestBadCommandLinesSayWhatIsWrong(t *testing.T) {
	for _, tt := range badCommandLines {
		t.Run(tt.line, func(t *testing.T) {
			status, stdout, stderr := tcpsim(t, "", strings.Fields(tt.line)...)
			if want := "tcpsim: " + tt.stderr + "\n"; stderr != want {
				t.Errorf("stderr\n got %q\nwant %q", stderr, want)
			}
			if status != statusBad || stdout != "" {
				t.Errorf("status %d, stdout %q; want status %d and nothing", status, stdout, statusBad)
			}
		})
	}
}

func TestMalformedFilesSayWhere(t *testing.T) {
	for _, tt := range []struct{ name, src, stderr string }{
		{"not YAML", "name: [", ": not valid YAML: "},
		{"empty", "", "tcpsim: <stdin>:1:1: the file is empty; "},
		{"unknown key", "name: x\ntitle: x\nshows: x\ntitel: y\n", "tcpsim: <stdin>:4:1: "},
		{"two errors", "name: x\ntitle: x\nshows: x\nseed: -1\nip: 5\n", "\ntcpsim: <stdin>:5:5: "},
		{"too long", "#" + strings.Repeat(" ", 1<<20), "tcpsim: <stdin>:1:1: the file has 1048577 bytes; the limit is 1048576\n"},
		{"endless", strings.Repeat("# endless\n", 1<<18), "; the limit is 1048576\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := tcpsim(t, tt.src, "run", "-")
			if !strings.Contains(stderr, tt.stderr) {
				t.Errorf("stderr %q does not have %q", stderr, tt.stderr)
			}
			for line := range strings.Lines(stderr) {
				if !strings.HasPrefix(line, "tcpsim: <stdin>:") {
					t.Errorf("line %q of stderr does not begin with tcpsim and the place", line)
				}
			}
			if status != statusBad || stdout != "" {
				t.Errorf("status %d, stdout %q; want status %d and nothing", status, stdout, statusBad)
			}
		})
	}
}

// tcpsim runs a command line in this process.
func tcpsim(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(args, strings.NewReader(stdin), &out, &err)
	return status, out.String(), err.String()
}
