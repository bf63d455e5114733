package channeltest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// refusesUnsigned sends the good request without what signs it, without each of the headers
// that do so, and with each changed in one character. A channel that verifies no signature
// passes, and so does one whose good request has no header.
func refusesUnsigned(s subject) error {
	if signed, err := s.isSigned(); err != nil || !signed || len(s.good.Header) == 0 {
		return err
	}
	forged := map[string]Case{}
	without := s.good
	without.Header = s.unsigned.Header
	forged["without its headers"] = without
	if s.delivers().Sign == nil { // then every header is one that signs
		without.Header = nil
		forged["without its headers"] = without
	}
	for name, value := range s.good.Header {
		if s.delivers().Sign != nil && s.unsigned.Header[name] == value {
			continue
		}
		last := len(value) - 1
		for how, header := range map[string]string{"without " + name: "", "with another " + name: value[:last] + string(value[last]^1)} {
			c := s.good
			c.Header = maps.Clone(c.Header)
			if c.Header[name] = header; header == "" {
				delete(c.Header, name)
			}
			forged[how] = c
		}
	}
	return s.refusesAll(forged)
}

// refusesAll checks that no request is taken, since none is the platform's.
func (s subject) refusesAll(forged map[string]Case) error {
	var errs []error
	for _, how := range slices.Sorted(maps.Keys(forged)) {
		if err := s.refuses(forged[how].request(context.Background()), maxBody, http.StatusUnauthorized, http.StatusForbidden); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", how, err))
		}
	}
	return errors.Join(errs...)
}

// changes bounds the bytes that are changed, one at a time.
const changes = 64

// refusesChanged changes the good request's body by one bit, at places all over it. A channel
// whose platform shows a secret passes.
func refusesChanged(s subject) error {
	if signed, err := s.isSigned(); err != nil || !signed || s.platform != nil && s.platform.ShowsSecret {
		return err
	}
	if s.good.Body == "" {
		return errors.New("the good request of a channel that verifies signatures needs a body")
	}
	forged := map[string]Case{"with a byte more": s.good, "with a byte less": s.good}
	for how, body := range map[string]string{"with a byte more": s.good.Body + " ", "with a byte less": s.good.Body[:len(s.good.Body)-1]} {
		c := forged[how]
		c.Body = body
		forged[how] = c
	}
	for i := 0; i < len(s.good.Body); i += len(s.good.Body)/changes + 1 {
		c, body := s.good, []byte(s.good.Body)
		body[i] ^= 1
		c.Body = string(body)
		forged[fmt.Sprintf("with byte %d changed", i)] = c
	}
	return s.refusesAll(forged)
}

// refusesStale sends what was signed too long ago, as somebody does who replays a request that
// he has seen, and what is signed in the future. What is nearly too old is taken.
func refusesStale(s subject) error {
	d := s.delivers()
	if d.Sign == nil || d.Fresh == 0 {
		return nil
	}
	now := time.Now()
	const margin = time.Minute // longer than a slow machine takes for the check
	err := s.refusesAll(map[string]Case{
		"signed too long ago": s.signAt(s.unsigned, now.Add(-d.Fresh-margin)), "signed in the future": s.signAt(s.unsigned, now.Add(d.Fresh+margin)),
	})
	in := &Inbox{}
	w, failed := s.post(in, s.signAt(s.unsigned, now.Add(min(0, margin-d.Fresh))).request(context.Background()), maxBody)
	switch {
	case failed != nil:
		return failed
	case w.Code/100 != 2 || in.messages() != 1:
		err = errors.Join(err, fmt.Errorf("what was signed %v ago is refused with %d: a delivery may come late", max(0, d.Fresh-margin), w.Code))
	}
	return err
}

func (s subject) isSigned() (bool, error) {
	c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
	if err != nil {
		return false, fmt.Errorf("its Example does not open: %w", err)
	}
	signed, ok := c.(channels.Signed)
	return ok && signed.Signed(), nil
}

// knowsRedelivery sends the good request twice, as a platform does that has seen no answer, and
// signed once more. What is posted must be the same each time, with an id, or it would be
// answered twice. The callers of channels without a signature are programs, which may give no id.
func knowsRedelivery(s subject) error {
	signed, err := s.isSigned()
	if err != nil {
		return err
	}
	var first []channels.Message
	for i, c := range []Case{s.good, s.good, s.signAt(s.unsigned, time.Now().Add(time.Second))} {
		in := &Inbox{}
		if _, err := s.post(in, c.request(context.Background()), maxBody); err != nil {
			return err
		}
		posted := in.Posted()
		if i == 0 {
			first = posted
		}
		for _, m := range posted {
			if signed && m.ID == "" {
				return errors.New("a message has no id: a redelivery would be answered again")
			}
		}
		if diff := cmp.Diff(first, posted); diff != "" {
			return fmt.Errorf("a redelivery is another message: %s", diff)
		}
	}
	return nil
}

// ignores sends what the platform tells and nobody wrote: it must be acknowledged, or it would
// come again for ever.
func ignores(s subject) error {
	if s.platform == nil {
		return nil
	}
	var errs []error
	for name, body := range s.platform.Ignored {
		if err := s.ignored(body); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}
