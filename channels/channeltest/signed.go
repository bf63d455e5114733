package channeltest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// refusesUnsigned sends the good request without what signs it, and with each of its headers
// changed in one character. A channel that verifies no signature passes, and so does one whose
// good request has no header.
func refusesUnsigned(s subject) error {
	if signed, err := s.isSigned(); err != nil || !signed || len(s.good.Header) == 0 {
		return err
	}
	var errs []error
	without := s.good
	without.Header = nil
	if err := s.refuses(without.request(context.Background()), maxBody, http.StatusUnauthorized, http.StatusForbidden); err != nil {
		errs = append(errs, fmt.Errorf("without its headers: %w", err))
	}
	for name, value := range s.good.Header {
		r := s.good.request(context.Background())
		last := len(value) - 1
		r.Header.Set(name, value[:last]+string(value[last]^1))
		if err := s.refuses(r, maxBody, http.StatusUnauthorized, http.StatusForbidden); err != nil {
			errs = append(errs, fmt.Errorf("with another %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func (s subject) isSigned() (bool, error) {
	c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
	if err != nil {
		return false, fmt.Errorf("its Example does not open: %w", err)
	}
	signed, ok := c.(channels.Signed)
	return ok && signed.Signed(), nil
}

// knowsRedelivery sends the good request twice, as a platform does that has seen no answer. What
// is posted must be the same both times, with an id, or it would be answered twice. Channels
// without a signature pass: their callers are programs, which give ids as they like.
func knowsRedelivery(s subject) error {
	if signed, err := s.isSigned(); err != nil || !signed {
		return err
	}
	var posted [2][]channels.Message
	for i := range posted {
		in := &Inbox{}
		if _, err := s.post(in, s.good.request(context.Background()), maxBody); err != nil {
			return err
		}
		posted[i] = in.Posted()
	}
	for _, m := range posted[0] {
		if m.ID == "" {
			return errors.New("a message has no id: a redelivery would be answered again")
		}
	}
	if diff := cmp.Diff(posted[0], posted[1]); diff != "" {
		return fmt.Errorf("a redelivery is another message: %s", diff)
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
		c := s.good
		c.Body = body
		in := &Inbox{}
		w, err := s.post(in, c.request(context.Background()), maxBody)
		switch {
		case err != nil:
			errs = append(errs, err)
		case w.Code/100 != 2 || in.messages() > 0:
			errs = append(errs, fmt.Errorf("%s: status %d and %d messages, where 2xx and none are expected", name, w.Code, in.messages()))
		}
	}
	return errors.Join(errs...)
}
