package slacktest

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// answer is what a call is answered with: an object with ok, and error where that is false.
type answer struct {
	object
	// wait is that of Retry-After, in seconds. With it the status is 429.
	wait int
	// status is that of a failure of HTTP itself, 0 for none.
	status int
}

// result is the answer to a call that worked.
func result(o object) answer {
	if o == nil {
		o = object{}
	}
	o["ok"] = true
	return answer{object: o}
}

// refuse is an answer with one of Slack's error strings.
func refuse(code string) answer { return answer{object: object{"ok": false, "error": code}} }

// explain is refuse with what Slack says about it to a developer.
func explain(code, message string) answer {
	a := refuse(code)
	a.object["response_metadata"] = object{"messages": []string{"[ERROR] " + message}}
	return a
}

// without is the answer to a call that lacks an argument.
func without(name string) answer {
	return explain("invalid_arguments", "missing required field: "+name)
}

// tooMany is the answer to an app that calls too much.
func tooMany(seconds int) answer {
	a := refuse("ratelimited")
	a.wait = seconds
	return a
}

// code returns the error string, "" when there is none.
func (a answer) code() string {
	code, _ := a.object["error"].(string)
	return code
}

// httpStatus returns the status of HTTP, which is 200 for most errors of the Web API too.
func (a answer) httpStatus() int {
	switch {
	case a.wait > 0:
		return http.StatusTooManyRequests
	case a.status > 0:
		return a.status
	}
	return http.StatusOK
}

// write answers a request.
func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if a.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(a.wait))
	}
	w.WriteHeader(a.httpStatus())
	_ = json.NewEncoder(w).Encode(a.object)
}
