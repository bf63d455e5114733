package channels

// Code is the kind of an Error. One table maps a Code to its name in the error object of
// webhooks, to the canonical RPC code and to the HTTP status, so that every route answers
// alike.
type Code uint8

// The codes, in the order of the table below.
const (
	CodeInternal           Code = iota // a defect of Manyvox
	CodeInvalid                        // the request is malformed
	CodeUnauthenticated                // the token is missing or wrong
	CodePermissionDenied               // the token is right and not enough
	CodeNotFound                       // no such channel or route
	CodeMethodNotAllowed               // the route takes another method
	CodeTooLarge                       // the request, or the answer, is over the size limit
	CodeFailedPrecondition             // the channel cannot do that
	CodeAlreadyExists                  // the same id was used for something else
	CodeAborted                        // what was asked for ended in the middle
	CodeOutOfRange                     // what was asked for is not kept any more
	CodeOverloaded                     // a limit of all is reached; later may work
	CodeRateLimited                    // the sender's own share is used up; later may work
	CodeUnavailable                    // shutting down, or nobody to answer; later may work
	CodeAgentFailed                    // the agent failed
	CodeDeadlineExceeded               // the agent, or the wait for it, took too long
	CodeCanceled                       // the caller went away
	CodeGone                           // what was asked for existed and does not any more
)

// The numbers of the canonical RPC codes are those of gRPC and Connect:
// https://grpc.io/docs/guides/status-codes/
var codes = [...]struct {
	name   string
	rpc    uint32
	http   int
	reason Reason
}{
	CodeInternal:           {"internal", 13, 500, "INTERNAL"},
	CodeInvalid:            {"invalid_argument", 3, 400, "INVALID_ARGUMENT"},
	CodeUnauthenticated:    {"unauthenticated", 16, 401, "UNAUTHENTICATED"},
	CodePermissionDenied:   {"permission_denied", 7, 403, "PERMISSION_DENIED"},
	CodeNotFound:           {"not_found", 5, 404, "NOT_FOUND"},
	CodeMethodNotAllowed:   {"method_not_allowed", 12, 405, "INVALID_ARGUMENT"},
	CodeTooLarge:           {"too_large", 8, 413, "REQUEST_TOO_LARGE"},
	CodeFailedPrecondition: {"failed_precondition", 9, 409, "FAILED_PRECONDITION"},
	CodeAlreadyExists:      {"already_exists", 6, 409, "MESSAGE_ID_REUSED"},
	CodeAborted:            {"aborted", 10, 409, "TURN_ABORTED"},
	CodeOutOfRange:         {"out_of_range", 11, 400, "CURSOR_UNKNOWN"},
	CodeOverloaded:         {"resource_exhausted", 8, 503, "OVERLOADED"},
	CodeRateLimited:        {"resource_exhausted", 8, 429, "RATE_LIMITED"},
	CodeUnavailable:        {"unavailable", 14, 503, "UNAVAILABLE"},
	CodeAgentFailed:        {"agent_failed", 2, 502, "AGENT_FAILED"},
	CodeDeadlineExceeded:   {"deadline_exceeded", 4, 504, "DEADLINE_EXCEEDED"},
	CodeCanceled:           {"canceled", 1, 499, "CANCELED"}, // nginx's status for a client that closed the request
	CodeGone:               {"gone", 5, 410, "NOT_FOUND"},
}

// String returns the name the code has in the error object of webhooks.
func (c Code) String() string { return codes[c.known()].name }

// RPC returns the canonical code number that Connect and gRPC share.
func (c Code) RPC() uint32 { return codes[c.known()].rpc }

// HTTP returns the HTTP status of webhooks.
func (c Code) HTTP() int { return codes[c.known()].http }

// Reason returns the reason of an error of this code that tells no closer one.
func (c Code) Reason() Reason { return codes[c.known()].reason }

// IsPermanent reports whether a turn that failed with the code would fail with it again,
// however often it is run.
func (c Code) IsPermanent() bool {
	switch c { // the rest may be gone later
	case CodeInvalid, CodeNotFound, CodePermissionDenied, CodeFailedPrecondition, CodeTooLarge:
		return true
	}
	return false
}

// refusesMessage reports whether a message that was refused with the code would be refused
// each time it comes again. A turn is another matter: a token that the agent does not take
// now may be mended, and then the turn can be run again. See IsPermanent.
func (c Code) refusesMessage() bool {
	switch c { // the rest may be gone later
	case CodeUnauthenticated, CodeMethodNotAllowed, CodeAlreadyExists, CodeOutOfRange:
		return true
	}
	return c.IsPermanent()
}

func (c Code) known() Code {
	if int(c) < len(codes) {
		return c
	}
	return CodeInternal
}
