package channeltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// Deliveries says what a platform posts to the webhook besides the good request. What a
// platform does not do is left out.
type Deliveries struct {
	// Sign returns a request as the platform would sign it at a time: with its headers. The
	// good request and the bodies below are signed by it. Leave it out where a header shows a
	// secret, or where nothing is signed.
	Sign func(c Case, at time.Time) Case
	// Fresh is how old a signature may be. 0 says that the time is not signed.
	Fresh time.Duration
	// Own is what the platform posts when the bot itself has said something.
	Own string
	// Batch is a body with several events, Texts those of their messages in order.
	Batch string
	Texts []string
	// Kinds are bodies with a message of each kind that the type Takes, but for texts: the
	// good request has one.
	Kinds map[channels.Kind]string
}

// sign signs a request as it would be now.
func (s subject) sign(c Case) Case { return s.signAt(c, time.Now()) }

// signAt signs a request as it would be at a time, where the platform signs.
func (s subject) signAt(c Case, at time.Time) Case {
	if s.delivers().Sign == nil {
		return c
	}
	return s.platform.Delivers.Sign(c, at)
}

// with returns the good request with another body.
func (s subject) with(body string) Case {
	c := s.good
	c.Body = body
	return s.sign(c)
}

// delivers returns what the platform posts, nothing for a channel without one.
func (s subject) delivers() Deliveries {
	if s.platform == nil {
		return Deliveries{}
	}
	return s.platform.Delivers
}

// takesKinds posts a message of each kind that the type says it takes.
func takesKinds(s subject) error {
	given := s.delivers().Kinds
	var errs []error
	for kind := range given {
		if !slices.Contains(s.typ.Takes, kind) {
			errs = append(errs, fmt.Errorf("its Type.Takes lacks %q", kind))
		}
	}
	for _, kind := range s.typ.Takes {
		body, ok := given[kind]
		switch {
		case kind == channels.KindText:
			body = s.good.Body
		case !ok:
			errs = append(errs, fmt.Errorf("its Type.Takes has %q: give Contract a body of that kind in Deliveries.Kinds", kind))
			continue
		}
		if err := s.takesKind(kind, body); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", kind, err))
		}
	}
	return errors.Join(errs...)
}

// takesKind posts a body, and checks that its message has what the kind says.
func (s subject) takesKind(kind channels.Kind, body string) error {
	in := &Inbox{}
	w, err := s.post(in, s.with(body).request(context.Background()), maxBody)
	if err != nil {
		return err
	}
	ms := append(in.Asked(), in.Posted()...)
	if w.Code/100 != 2 || len(ms) != 1 {
		return fmt.Errorf("status %d and %d messages, where 2xx and one are expected", w.Code, len(ms))
	}
	switch has := len(ms[0].Attachments) > 0; {
	case has != (kind == channels.KindAttachment):
		return fmt.Errorf("the message has %d attachments", len(ms[0].Attachments))
	case !has && ms[0].Text == "":
		return errors.New("the message has no text")
	}
	return nil
}

// ignoresOwn posts what the bot itself has said: an answer to it would be answered again.
func ignoresOwn(s subject) error {
	if s.delivers().Own == "" {
		return nil
	}
	return s.ignored(s.delivers().Own)
}

// ignored checks that a body is acknowledged, and that nothing of it reaches the inbox.
func (s subject) ignored(body string) error {
	in := &Inbox{}
	w, err := s.post(in, s.with(body).request(context.Background()), maxBody)
	switch {
	case err != nil:
		return err
	case w.Code/100 != 2 || in.messages() > 0:
		return fmt.Errorf("status %d and %d messages, where 2xx and none are expected", w.Code, in.messages())
	}
	return nil
}

// countsIgnored checks that the channel's log is told of what is ignored, since the log is
// where it is counted.
func countsIgnored(s subject) error {
	if s.platform == nil {
		return nil
	}
	var errs []error
	for name, body := range s.platform.Ignored {
		ctx, b := withBook(context.Background())
		if _, err := s.post(&Inbox{}, s.with(body).request(ctx), maxBody); err != nil {
			errs = append(errs, err)
			continue
		}
		told := b.find(func(e channels.Exchange) bool { return e.Verdict == channels.VerdictIgnored && e.Text != "" })
		if len(told) != 1 {
			errs = append(errs, fmt.Errorf("%s: its log is told %d times that it is ignored: call Env.Record once, with VerdictIgnored and the kind as Text", name, len(told)))
		}
	}
	return errors.Join(errs...)
}

// keepsOrder posts several events at once: all of their messages must come in, in order.
func keepsOrder(s subject) error {
	d := s.delivers()
	if d.Batch == "" {
		return nil
	}
	in := &Inbox{}
	w, err := s.post(in, s.with(d.Batch).request(context.Background()), maxBody)
	switch {
	case err != nil:
		return err
	case w.Code/100 != 2:
		return fmt.Errorf("status %d where 2xx is expected", w.Code)
	}
	var texts []string
	ids := map[string]bool{}
	for _, m := range in.Posted() {
		texts = append(texts, m.Text)
		ids[m.ID] = true
	}
	if diff := cmp.Diff(d.Texts, texts); diff != "" {
		return fmt.Errorf("the texts of a batch (-want +got):\n%s", diff)
	}
	if len(ids) != len(texts) {
		return errors.New("two messages of a batch have one id: the second would be taken for a redelivery")
	}
	return nil
}
