package model

import (
	"fmt"
	"time"
)

// Pos is a place in a scenario file. Both numbers count from 1; columns count
// characters, not bytes, as editors do.
type Pos struct{ Line, Column int }

// String prints the position as line:column.
func (p Pos) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// File is one scenario file: a scenario and its variants.
type File struct {
	Path  string // as given to Decode
	Name  string
	Group string // empty when the file names none

	// Of is the scenario of the catalogue that the file repeats, empty for one
	// of its own, and Repeats the case that it names; Levels are the link's faults at which it is run, none unless
	// it has outcomes.
	Of      string
	Levels  []Level
	Repeats *Case

	// Base is the scenario itself; Variants are its cases with inheritance
	// already applied. They share slices: treat both as read-only.
	Base     Case
	Variants []Case
}

// Cases returns everything in the file that can be run: the base case first,
// with an empty Name, then each variant in file order.
func (f *File) Cases() []Case {
	return append([]Case{f.Base}, f.Variants...)
}

// Case is one runnable scenario: all that a runner needs, nothing to look up.
type Case struct {
	Path     string // of the file, as given to Decode
	Scenario string // name of the file's scenario
	Name     string // name of the variant, empty for the base case
	Group    string
	Pos      Pos

	Title      string
	Shows      string // Markdown
	Claims     []Claim
	Linux      string // Markdown: what Linux does where gVisor differs
	References []string
	TellApart  string // Markdown

	IP    int // 4 or 6
	Seed  uint64
	Until time.Duration // virtual time at which the run ends; 0 means when nothing is pending

	Link    Link
	Client  Host
	Server  Host
	Network []Step
	Expect  Wire

	Origin   string    // the file of the scenario that it repeats, empty for none
	Outcomes []Outcome // the ways in which it may end on a bad link; see UnderFire
	Level    string    // the level of its link, of a case with outcomes
}

// FullName is the name to run the case by: unread-data, or unread-data/all-read
// for a variant.
func (c Case) FullName() string {
	if c.Name == "" {
		return c.Scenario
	}
	return c.Scenario + "/" + c.Name
}

// Hosts returns both hosts, the client first.
func (c Case) Hosts() []Host { return []Host{c.Client, c.Server} }

// Claim is what a published document says about the scenario, and whether the
// run bears it out.
type Claim struct {
	Source  string
	Text    string
	Verdict Verdict
	Because string // empty only when the claim holds
	Pos     Pos
}

// Verdict says how a claim fares.
type Verdict string

// The verdicts on a claim.
const (
	Holds  Verdict = "holds"
	Partly Verdict = "partly"
	Fails  Verdict = "fails"
)
