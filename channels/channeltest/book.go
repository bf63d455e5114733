package channeltest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/manyvox/manyvox/channels"
)

// book is the log of a channel under test, for one request or one call of Send. It goes with
// the context.
type book struct {
	mu    sync.Mutex
	notes []channels.Exchange
}

// bookKey finds the book of a context.
type bookKey struct{}

// withBook returns a context with an empty book.
func withBook(ctx context.Context) (context.Context, *book) {
	b := &book{}
	return context.WithValue(ctx, bookKey{}, b), b
}

// record is the Env.Record of a channel under test.
func record(ctx context.Context, e channels.Exchange) {
	if b, ok := ctx.Value(bookKey{}).(*book); ok {
		b.add(e)
	}
}

func (b *book) add(e channels.Exchange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes = append(b.notes, e)
}

// find returns the notes that match.
func (b *book) find(match func(channels.Exchange) bool) (list []channels.Exchange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.notes {
		if match(e) {
			list = append(list, e)
		}
	}
	return list
}

// verdicts returns the verdict of each note.
func (b *book) verdicts() []channels.Verdict {
	list := []channels.Verdict{}
	for _, e := range b.find(func(channels.Exchange) bool { return true }) {
		list = append(list, e.Verdict)
	}
	return list
}

// noter is the writer of an answer that puts the errors of WriteError into the book.
type noter struct {
	http.ResponseWriter
	book *book
}

// NoteError keeps the error.
func (n noter) NoteError(err error) { n.book.add(channels.Exchange{}.WithError(err)) }

// Unwrap lets http.ResponseController reach the rest.
func (n noter) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// noted returns a writer that tells the book of a request, if it has one.
func noted(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	if b, ok := r.Context().Value(bookKey{}).(*book); ok {
		return noter{w, b}
	}
	return w
}

// tellsRefusals checks that the operator sees in the channel's log why a request was refused.
func tellsRefusals(s subject) error {
	junk, lost := s.with("hello="), s.good
	lost.Target = "/no/such/route"
	var errs []error
	for _, c := range []struct {
		what  string
		c     Case
		limit int64
	}{
		{"junk", junk, maxBody}, {"an unknown route", lost, maxBody}, {"a body over the limit", s.good, int64(len(s.good.Body)) - 1},
	} {
		ctx, b := withBook(context.Background())
		if _, err := s.post(&Inbox{}, c.c.request(ctx), c.limit); err != nil {
			errs = append(errs, err)
			continue
		}
		told := b.find(func(e channels.Exchange) bool { return e.Verdict > channels.VerdictAnswered && e.Text != "" })
		if len(told) == 0 {
			errs = append(errs, fmt.Errorf("%s: its log is not told why; answer with channels.WriteError, or call Env.Record with a Text", c.what))
		}
	}
	return errors.Join(errs...)
}

// tellsSignatures changes the body of a signed request, or the secret that it shows, and checks that it is refused and
// that the channel's log names the key that the signature does not match.
func tellsSignatures(s subject) error {
	c, err := open(s.typ, s.typ.Example, slog.DiscardHandler)
	if err != nil {
		return fmt.Errorf("its Example does not open: %w", err)
	}
	if signed, ok := c.(channels.Signed); !ok || !signed.Signed() {
		return nil
	}
	ctx, b := withBook(context.Background())
	forged, in := s.good, &Inbox{}
	if s.platform != nil && s.platform.ShowsSecret {
		forged.Header = nil
	} else {
		forged.Body += " "
	}
	w, err := serve(c.Inbound(in), forged.request(ctx), maxBody)
	switch {
	case err != nil:
		return err
	case in.messages() > 0 || w.Code/100 == 2:
		return fmt.Errorf("a forged request is taken: status %d, %d messages", w.Code, in.messages())
	}
	keys := keysOf(s.typ.New())
	told := b.find(func(e channels.Exchange) bool {
		return e.Verdict == channels.VerdictSignatureWrong && slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(e.Text, key) })
	})
	if len(told) == 0 {
		return errors.New("its log does not name the key that a signature does not match: answer with channels.WrongSignature")
	}
	return nil
}

// recordsCalls has the platform refuse a part, and checks that the call is in the channel's
// log.
func recordsCalls(s subject) error {
	if sends, err := callsPlatform(s.typ); err != nil || !sends || s.platform == nil || s.platform.Recipient == nil {
		return err // that it needs its Platform is said once
	}
	f := startPlatform(s.platform.withDefaults(s.typ))
	defer f.close()
	config, err := decode(s.typ, f.Block)
	if err != nil {
		return err
	}
	channel, err := startWith(f.dial, s.typ, config, slog.DiscardHandler)
	if err != nil {
		return fmt.Errorf("the Platform's Block does not open: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	defer cancel()
	ctx, b := withBook(ctx)
	_ = isolation{f, s.typ, channel.(channels.Sender)}.send(ctx, f.Refused) // its error is another check's
	if len(b.find(func(e channels.Exchange) bool { return e.Direction == channels.DirectionOut })) == 0 {
		return errors.New("its log does not show the call of the platform: call it by the client of Env.Client, with the context of Send")
	}
	return nil
}
