package channels

// SignatureError says that a request was not signed with the secret of the channel's block.
// It is the cause of the Error that a channel answers with, so that the channel's log can
// name the key to look at.
type SignatureError struct {
	// Key is the key of the channel's block that holds the secret, such as
	// "slack_signing_secret".
	Key string
	// Reason says more, such as "the header X-Slack-Signature is missing". It holds nothing
	// of what was sent. It may be empty.
	Reason string
}

// WrongSignature returns the error to answer with when a signature does not match the secret
// under a key, or there is none. The caller learns no more than that.
func WrongSignature(key, reason string) *Error {
	return &Error{
		Code: CodeUnauthenticated, Message: "the signature is missing, wrong or too old",
		Err: &SignatureError{Key: key, Reason: reason},
	}
}

// Error names the key.
func (e *SignatureError) Error() string {
	if e.Reason == "" {
		return "signature does not match " + e.Key
	}
	return "signature does not match " + e.Key + ": " + e.Reason
}

var _ error = (*SignatureError)(nil)
