// Package why works out from the segments of a connection who reset it, and
// why: from a capture, where nobody can be asked.
//
// [Explain] goes through a [Conn] once. For each RST it finds the one segment
// that the RST answers, if it answers any ([Reset].Answers), gathers what the
// capture says about the sender at that instant into one record of facts, and
// lets every cause that could have sent a RST of this form be weighed against
// these facts. The heaviest is the answer; how far the next ones are behind is
// its confidence, and they are named with what would tell them apart.
//
// A weight is a whole number, positive for a fact that speaks for a cause.
// About every unit makes a cause three times as likely as it was, so a lead of
// three makes it "likely"; "certain" is only what nothing else in the list
// explains. Where two are closer than two units the evidence cannot decide, and
// the answer says so.
//
// The package knows nothing of files: [sim/trace/capture] makes the Conn.
package why
