package channeltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Contract checks what every channel promises on a type, opened by the block of its
// Example. The request of good must be one that the channel takes; nothing else of good
// is used. The checks of the webhook are left out for a channel that has none.
//
// A channel that calls a platform to send its parts needs the platform too. Others leave
// it out.
//
// A channel under test gets an Env.Dial and an Env.DialPublic that connect to this machine
// alone.
func Contract(t *testing.T, typ channels.Type, good Case, platform ...Platform) {
	s := newSubject(typ, good, platform)
	without := noWebhook(typ)
	for _, c := range checks() {
		if c.webhook && without {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := c.run(s); err != nil {
				t.Error(err)
			}
		})
	}
}

type check struct {
	name string
	run  func(subject) error
	// webhook says that the check needs a webhook.
	webhook bool
}

// noWebhook reports whether the type's channels have no webhook. It returns false when the
// channel does not open: the checks then fail with the reason.
func noWebhook(typ channels.Type) bool {
	c, err := open(typ, typ.Example, slog.DiscardHandler)
	return err == nil && c.Inbound(&Inbox{}) == nil
}

func checks() []check {
	return []check{
		{"takes a message", takesMessage, true},
		{"takes messages side by side", takesSideBySide, true},
		{"refuses junk", refusesJunk, true},
		{"refuses a body over the limit", refusesLarge, true},
		{"refuses an unknown route", refusesRoute, true},
		{"tells its log why it refuses", tellsRefusals, true},
		{"tells its log which key a signature does not match", tellsSignatures, true},
		{"answers 503 while the door is closed", answersClosed, true},
		{"ends with the request", endsWithRequest, true},
		{"refuses what is not signed", refusesUnsigned, true},
		{"refuses a body that was changed", refusesChanged, true},
		{"refuses a signature that is stale", refusesStale, true},
		{"knows a redelivery", knowsRedelivery, true},
		{"acknowledges what is no message", ignores, true},
		{"counts what it ignores", countsIgnored, true},
		{"ignores what it has said itself", ignoresOwn, true},
		{"takes a batch in order", keepsOrder, true},
		{"takes each kind that its type names", takesKinds, true},
		{"has the methods of its roles as they should be", checksRoles, false},
		{"mounts routes of its own", mountsRoutes, false},
		{"closes", closes, false},
		{"refuses an unknown key", refusesUnknownKey, false},
		{"opens an empty block or names what is missing", opensEmpty, false},
		{"hides its secrets", hidesSecrets, false},
		{"offers choices as a Chooser", offersChoices, false},
		{"connects by Env.Dial alone", sendsByEnvDial, false},
		{"tells its log of each call of its platform", recordsCalls, false},
		{"delays no recipient for another that is refused", isolatesRecipients, false},
		{"fetches media and ends", fetchesSafely, false},
		{"grows a reply", growsReplies, false},
		{"shows that it writes", showsTyping, false},
		{"calls the address of its block", callsItsAddress, false},
		{"says what each failure of its platform means", classesFailures, false},
		{"renders Markdown", rendersMarkdown, false},
		{"cuts texts where a reader pauses", cutsTexts, false},
		{"drops no button", keepsButtons, false},
		{"uploads files", uploadsFiles, false},
		{"rolls a growing text over", rollsOver, false},
	}
}

// subject is what a contract is checked on.
type subject struct {
	typ channels.Type
	// good is a request that the channel takes, unsigned the same before it was signed.
	good, unsigned Case
	// platform is nil when Contract was given none.
	platform *Platform
	patience time.Duration
}

func newSubject(typ channels.Type, good Case, platform []Platform) subject {
	s := subject{typ: typ, unsigned: good.withDefaults(), patience: patience}
	if len(platform) > 0 {
		s.platform = &platform[0]
	}
	s.good = s.sign(s.unsigned)
	return s
}

// post opens the channel and sends it a request.
func (s subject) post(in *Inbox, r *http.Request, limit int64) (*httptest.ResponseRecorder, error) {
	c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
	if err != nil {
		return nil, fmt.Errorf("its Example does not open: %w", err)
	}
	return serve(c.Inbound(in), r, limit)
}

func takesMessage(s subject) error {
	in := &Inbox{Replies: []channels.Reply{{Text: "hello"}}}
	w, err := s.post(in, s.good.request(context.Background()), maxBody)
	switch {
	case err != nil:
		return err
	case w.Code/100 != 2:
		return fmt.Errorf("status %d where 2xx is expected: %s", w.Code, w.Body)
	case in.messages() != 1:
		return fmt.Errorf("%d messages reach the inbox where 1 is expected", in.messages())
	}
	return nil
}

// takesSideBySide sends requests at once, for the race detector.
func takesSideBySide(s subject) error {
	const requests = 8
	c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
	if err != nil {
		return err
	}
	in := &Inbox{Replies: []channels.Reply{{Text: "hello"}}}
	h := c.Inbound(in)
	done := make(chan error, requests)
	for range requests {
		go func() {
			_, err := serve(h, s.good.request(context.Background()), maxBody)
			done <- err
		}()
	}
	for range requests {
		err = errors.Join(err, <-done)
	}
	if err == nil && in.messages() != requests {
		err = fmt.Errorf("%d messages reach the inbox where %d are expected", in.messages(), requests)
	}
	return err
}

func refusesJunk(s subject) error {
	var errs []error
	for name, body := range map[string]string{
		"an empty body": "", "white space": " \r\n", "null": "null", "true": "true", "a number": "5", "a string": `"hi"`,
		"a list": "[]", "half an object": `{"message":`, "text": "hello=", "not UTF-8": "\xff\xfe", "deep nesting": strings.Repeat("[", 20_000),
	} {
		err := s.refuses(s.with(body).request(context.Background()), maxBody)
		if err != nil && s.delivers().Sign != nil && s.ignored(body) == nil {
			continue // signed by the platform, and acknowledged
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func refusesLarge(s subject) error {
	return s.refuses(s.good.request(context.Background()), int64(len(s.good.Body))-1, http.StatusRequestEntityTooLarge)
}

func refusesRoute(s subject) error {
	lost := s.good
	lost.Target = "/no/such/route"
	return s.refuses(lost.request(context.Background()), maxBody, http.StatusNotFound)
}

// refuses checks that a request is answered with the error object and one of the
// statuses, any 4xx when there are none, and that nothing reaches the inbox.
func (s subject) refuses(r *http.Request, limit int64, statuses ...int) error {
	in := &Inbox{}
	w, err := s.post(in, r, limit)
	if err != nil {
		return err
	}
	if n := in.messages(); n > 0 {
		return fmt.Errorf("%d messages reach the inbox", n)
	}
	if len(statuses) == 0 && w.Code/100 == 4 {
		statuses = []int{w.Code}
	}
	return isError(w, statuses...)
}

// isError checks that an answer is the error object with one of the statuses.
func isError(w *httptest.ResponseRecorder, statuses ...int) error {
	var body channels.ErrorBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Error.Code == "" || body.Error.Message == "" {
		return fmt.Errorf("status %d, and no error object but %q", w.Code, w.Body)
	}
	for _, status := range statuses {
		if w.Code == status {
			return nil
		}
	}
	return fmt.Errorf("status %d, not as expected: %s", w.Code, w.Body)
}

func answersClosed(s subject) error {
	in := &Inbox{Err: channels.Errorf(channels.CodeUnavailable, "closed")}
	w, err := s.post(in, s.good.request(context.Background()), maxBody)
	if err != nil {
		return err
	}
	return isError(w, http.StatusServiceUnavailable)
}

// cancelTimeout bounds the time until the end of a request reaches its turn.
const cancelTimeout = time.Second

// endsWithRequest has the caller go away during its turn. A channel that posts its
// messages passes: it has no turn to end.
func endsWithRequest(s subject) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var kept error
	in := &Inbox{OnAsk: func(ctx context.Context, _ channels.Message, _ channels.Replier) error {
		cancel()
		select {
		case <-ctx.Done():
		case <-time.After(cancelTimeout):
			kept = errors.New("the turn goes on when the caller is gone: Ask needs the request's context")
		}
		return channels.AsError(context.Canceled)
	}}
	_, err := s.post(in, s.good.request(ctx), maxBody)
	return errors.Join(err, kept)
}

func refusesUnknownKey(s subject) error {
	keys := keysOf(s.typ.New())
	key := "key"
	if len(keys) > 0 {
		key = keys[0]
	}
	_, err := decode(s.typ, s.typ.Example+"\n"+key+"x: 1\n")
	switch {
	case err == nil:
		return errors.New("it is taken")
	case !strings.HasPrefix(err.Error(), file+":"):
		return fmt.Errorf("its file and line are missing: %w", err)
	case len(keys) > 0 && !strings.Contains(err.Error(), fmt.Sprintf("%q?", key)):
		return fmt.Errorf("the nearest key, %s, is missing: %w", key, err)
	}
	return nil
}

func opensEmpty(s subject) error {
	_, err := open(s.typ, "", slog.DiscardHandler)
	if err == nil {
		return nil
	}
	for _, key := range keysOf(s.typ.New()) {
		if strings.Contains(err.Error(), key) {
			return nil
		}
	}
	return fmt.Errorf("no key is named: %w", err)
}
