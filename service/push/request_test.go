package push_test

import (
	"errors"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/push"
)

// FuzzRequest reads what an agent may post: an error of the caller's, or a reply that can be
// stored.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"channel":"chat","sender":"ann","id":"1","reply":{"recipient_id":"ann","text":"hi","buttons":[{"title":"Yes","payload":"/yes"}]}}`,
		`{"channel":"chat","sender":"ann","reply":{"custom":{"a":[1,{"b":null}]},"attachment":"x","elements":[{"title":"t"}]}}`,
		`{"channel":"chat","sender":"ann","reply":null}`, `{"channel":5}`, `[]`, ``, "{\"channel\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		reply, err := push.ParseRequest(body)
		if err != nil {
			if !errors.Is(err, channels.ErrInvalid) {
				t.Errorf("the error is %v", err)
			}
			return
		}
		for _, r := range channels.Expand(reply, true) {
			if _, err := r.MarshalJSON(); err != nil {
				t.Errorf("%s: %v", body, err)
			}
		}
	})
}
