package model

import "time"

// Host is one end of the link.
type Host struct {
	Name      string // client or server
	Settings  []Setting
	Processes []Process
}

// Setting is one sysctl of a host. The decoder does not interpret the value.
type Setting struct {
	Name  string
	Value string // as written, for example "4096 131072 6291456" or "true"
	Pos   Pos
}

// Process is a program on a host: its system calls in order.
type Process struct {
	Name          string // unique in the case
	IgnoreSIGPIPE bool
	Start         time.Duration // virtual time at which it starts
	AtBoot        bool          // starts each time the host boots again; Start is 0
	Forked        bool          // starts when a fork step of another process names it; Start is 0
	Exits         *int          // expected exit status, 128+signal when killed; nil means not checked
	Steps         []Step
	Pos           Pos
}
