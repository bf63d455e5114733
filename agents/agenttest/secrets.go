package agenttest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// hidesSecrets has turns fail in many ways, in which the peer repeats what it was sent, and
// looks for the agent's secrets in its errors and its log.
func hidesSecrets(s scene) (errs error) {
	for name, answer := range map[string]func(Exchange){
		"no peer":            nil,
		"an answer":          func(x Exchange) { x.Reply("hi"); x.End() },
		"an echo":            func(x Exchange) { x.Raw(x.Request()); x.End() },
		"a broken reply":     func(x Exchange) { x.Raw("{\"text\": 5, \"" + x.Request() + "\": 1}\n"); x.End() },
		"a page of an error": func(x Exchange) { x.Refuse(http.StatusInternalServerError, 0) },
		"a page for later":   func(x Exchange) { x.Refuse(http.StatusBadRequest, 0) },
		"a broken answer":    func(x Exchange) { x.Reply("hi"); x.Cut() },
		"no answer":          func(x Exchange) { x.Cut() },
	} {
		err := s.hello(&Recorder{}, answer)
		for e := err; e != nil; e = errors.Unwrap(e) {
			errs = errors.Join(errs, hides("the error of "+name, fmt.Sprintf("%v %+v %#v", e, e, e)))
		}
	}
	return errors.Join(errs, hides("its log", s.log.String()))
}

func hides(where, text string) error {
	if strings.Contains(text, canary) {
		return fmt.Errorf("%s shows a secret: %.400s", where, text)
	}
	return nil
}
