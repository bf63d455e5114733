package channels

// Reason is why the typed API refuses a call, more closely than a Code: a program can act on
// it. The proto file has the closed list of them, each Code one of its own.
type Reason string

// The reasons that say more than their code.
const (
	ReasonChannelNotFound      Reason = "CHANNEL_NOT_FOUND"
	ReasonChannelNotOpen       Reason = "CHANNEL_NOT_OPEN"
	ReasonAddressUnknown       Reason = "ADDRESS_UNKNOWN"
	ReasonConfigurationInvalid Reason = "CONFIGURATION_INVALID"
	ReasonLoop                 Reason = "LOOP"
	ReasonProgramEnded         Reason = "PROGRAM_ENDED"
	ReasonRepliesNotKept       Reason = "REPLIES_NOT_KEPT"
	ReasonCursorExpired        Reason = "CURSOR_EXPIRED"
	ReasonRepliesTooLarge      Reason = "REPLIES_TOO_LARGE"
	ReasonAgentOverloaded      Reason = "AGENT_OVERLOADED"
	ReasonDraining             Reason = "DRAINING"
	ReasonAgentUnreachable     Reason = "AGENT_UNREACHABLE"
	ReasonJournalUnavailable   Reason = "JOURNAL_UNAVAILABLE"
	ReasonStopped              Reason = "STOPPED"
)
