package layout

// View is from whose clock a sequence graph is seen.
type View uint8

// The vantages. FromSender shows data when it is sent and ACKs when they
// arrive, for each direction at its sender; FromReceiver the opposite. The
// other two stand at one host for both directions, as a capture does.
const (
	FromSender View = iota
	FromReceiver
	FromClient
	FromServer
)
