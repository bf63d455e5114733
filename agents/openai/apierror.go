package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// The reasons for which a model ends before it is done.
const (
	finishLength        = "length"
	finishContentFilter = "content_filter"
)

const (
	// maxErrorCode and maxErrorMessage are how much of the server's own words is kept, in bytes.
	maxErrorCode    = 60
	maxErrorMessage = 300
)

// FinishError is the cause of an error of a turn that the model, or a filter in front of it,
// ended before its answer was complete. It is found by errors.As.
type FinishError struct {
	// Reason is "length" or "content_filter".
	Reason string
}

// Error names the reason.
func (e *FinishError) Error() string { return "finish_reason " + e.Reason }

// filteredAnswer is the error of an answer that a content filter stopped.
func filteredAnswer() *channels.Error {
	return &channels.Error{
		Code: channels.CodePermissionDenied, Message: "agent openai: the content filter refused the message or its answer",
		Info: map[string]string{"finish_reason": finishContentFilter}, Err: &FinishError{finishContentFilter},
	}
}

// cutAnswer is the error of an answer that the model could not write to its end.
func cutAnswer() *channels.Error {
	return &channels.Error{
		Code: channels.CodeTooLarge, Message: "agent openai: the answer is longer than the model may write; see max_tokens under parameters",
		Info: map[string]string{"finish_reason": finishLength}, Err: &FinishError{finishLength},
	}
}

// badAnswer returns the error of an answer that is none of the API's.
func badAnswer(format string, args ...any) *channels.Error {
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent openai: the server's answer cannot be read", Err: fmt.Errorf(format, args...),
	}
}

// brokenAnswer returns the error of an answer that was cut off.
func brokenAnswer(err error) *channels.Error {
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent openai: the connection broke before the answer was complete", Err: err,
	}
}

// apiError is what a server says of a request that failed, as far as it says anything:
// https://platform.openai.com/docs/guides/error-codes
type apiError struct {
	Code, Type, Message string
}

// readAPIError reads the object under the key "error", which some servers make a text. It is
// nil where there is none.
func readAPIError(data json.RawMessage) *apiError {
	var text string
	switch {
	case len(data) == 0 || string(data) == "null":
		return nil
	case json.Unmarshal(data, &text) == nil:
		return &apiError{Message: text}
	}
	var keys struct {
		Code    json.RawMessage `json:"code"` // a text or a number
		Type    json.RawMessage `json:"type"`
		Message json.RawMessage `json:"message"`
	}
	_ = json.Unmarshal(data, &keys) // what is no object says nothing
	return &apiError{Code: scalar(keys.Code), Type: scalar(keys.Type), Message: scalar(keys.Message)}
}

// readErrorPage reads the body of an answer with an error status. The keys stand under "error",
// or, from some servers, at the top.
func readErrorPage(page []byte) *apiError {
	var keys struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(page, &keys) != nil {
		return &apiError{}
	}
	for _, data := range [][]byte{keys.Error, page} {
		if e := readAPIError(data); e != nil {
			return e
		}
	}
	return &apiError{}
}

// scalar returns a JSON text or number as text.
func scalar(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	if len(value) > 0 && value[0] != '{' && value[0] != '[' {
		return string(value)
	}
	return ""
}

// is reports whether code or type is one of names.
func (e *apiError) is(names ...string) bool {
	return slices.Contains(names, e.Code) || slices.Contains(names, e.Type)
}

// isContextLength reports whether the messages are more than the model takes. vLLM, OpenRouter
// and LiteLLM say so in words only.
func (e *apiError) isContextLength() bool {
	return e.is("context_length_exceeded", "exceed_context_size_error", "string_above_max_length") ||
		e.says("maximum context length", "exceeds the available context size", "ContextWindowExceededError")
}

// isContentFilter reports whether a filter refused the messages.
func (e *apiError) isContentFilter() bool {
	return e.is(finishContentFilter, "content_policy_violation") || e.says("ContentPolicyViolationError") ||
		e.is("403") && e.says("moderation")
}

// says reports whether one of words stands in the message.
func (e *apiError) says(words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(e.Message, w) })
}

// isQuota reports whether the account has nothing left, so that waiting for seconds is no help.
func (e *apiError) isQuota() bool { return e.is("insufficient_quota", "billing_hard_limit_reached") }

// cause returns the server's words for the log, without our secrets, and then cut: half a secret
// would not be found.
func (e *apiError) cause(secrets *strings.Replacer) error {
	kept := func(text string, limit int) string {
		return cut(secrets.Replace(strings.ToValidUTF8(text, "\uFFFD")), limit)
	}
	words := []string{kept(e.Type, maxErrorCode), kept(e.Code, maxErrorCode), kept(e.Message, maxErrorMessage)}
	text := strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ": ")
	if text == "" {
		return nil
	}
	return errors.New(text)
}

// inAnswer returns the error of an answer that ends in an error after it began with status 200.
func (e *apiError) inAnswer(secrets *strings.Replacer) *channels.Error {
	switch {
	case e.isContentFilter():
		return filteredAnswer()
	case e.isContextLength():
		return tooLong()
	}
	return &channels.Error{
		Code: channels.CodeAgentFailed, Message: "agent openai: the server reports a failure", Err: e.cause(secrets),
	}
}

// errContextLength is the cause of the error of messages that are more than the model takes.
var errContextLength = errors.New("context_length_exceeded")

func tooLong() *channels.Error {
	return &channels.Error{
		Code: channels.CodeTooLarge, Message: "agent openai: the message and its history are longer than the model takes", Err: errContextLength,
	}
}

// statusText names a status in our words: those in the answer are the server's.
func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("agent openai: the server answered %d %s", status, http.StatusText(status)))
}
