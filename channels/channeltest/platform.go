package channeltest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/manyvox/manyvox/channels"
)

// Platform says what Contract has to know of a platform to stand in for it. Contract
// connects the channel to a server of its own, whatever address the channel dials.
type Platform struct {
	// Block is a block of credentials.yml with which the channel calls its platform by
	// http. Default the type's Example.
	Block string
	// Refused and Taken are the senders of the parts: one whom the platform refuses, and
	// one whom it doesn't. Default "ann" and "bob".
	Refused, Taken string
	// Recipient returns which of the two a call is for, and "" for a call that sends
	// nothing. Required.
	Recipient func(*http.Request) string
	// Refuse answers a call for Refused. Default status 403.
	Refuse http.HandlerFunc
	// Ignored are bodies that the platform posts and that are no message, by what they are:
	// an event of an unknown kind, what the bot itself has said. They are sent with the
	// headers of the good request, or signed as it is.
	Ignored map[string]string
	// Delivers says what else the platform posts.
	Delivers Deliveries
	// ShowsSecret says that what the platform posts shows a secret in a header and is not
	// signed: a changed body is not noticed.
	ShowsSecret bool
	// Screen says what the platform shows of the calls. Without it what a person sees is not
	// checked.
	Screen *Screen
	// Failures are what the platform answers when it does not take a part, at least one of each
	// class that a channel tells apart. Default what the statuses of HTTP mean.
	Failures []Failure
	// Take answers all other calls. Default status 200 and "{}".
	Take http.HandlerFunc
}

func (p Platform) withDefaults(typ channels.Type) Platform {
	if p.Block == "" {
		p.Block = typ.Example
	}
	if p.Refused == "" {
		p.Refused = "ann"
	}
	if p.Taken == "" {
		p.Taken = "bob"
	}
	if p.Refuse == nil {
		p.Refuse = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }
	}
	if p.Take == nil {
		p.Take = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }
	}
	return p
}

// fakePlatform is a Platform at work.
type fakePlatform struct {
	Platform
	server *httptest.Server
	// taken counts the calls for Taken, calls counts all.
	taken, calls atomic.Int32

	// fail answers every call, where it is set.
	fail http.HandlerFunc

	mu    sync.Mutex
	held  *heldCall // nil while nothing is held
	seen  []Shown   // by Platform.Screen
	hosts []string  // that were dialed
}

// heldCall is a call for Refused that is not answered yet.
type heldCall struct {
	// arrived is closed when the call is there. Whoever closes answer has it answered.
	arrived, answer chan struct{}
}

// startPlatform starts a server that close must end.
func startPlatform(p Platform) *fakePlatform {
	f := &fakePlatform{Platform: p}
	f.server = httptest.NewServer(f)
	return f
}

func (f *fakePlatform) close() { f.server.Close() }

// dial is the Env.Dial of the channel.
func (f *fakePlatform) dial(ctx context.Context, network, address string) (net.Conn, error) {
	f.mu.Lock()
	f.hosts = append(f.hosts, address)
	f.mu.Unlock()
	return new(net.Dialer).DialContext(ctx, network, f.server.Listener.Addr().String())
}

// hold has the next call for Refused wait for its answer.
func (f *fakePlatform) hold() *heldCall {
	h := &heldCall{arrived: make(chan struct{}), answer: make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = h
	return h
}

// release takes what hold has prepared.
func (f *fakePlatform) release() *heldCall {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.held
	f.held = nil
	return h
}

// shown returns what a person has seen.
func (f *fakePlatform) shown() []Shown {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
}

// dialed returns the hosts that the channel has connected to.
func (f *fakePlatform) dialed() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.hosts)
}

// see keeps what a call shows.
func (f *fakePlatform) see(r *http.Request) {
	if f.Screen == nil || f.Screen.Read == nil {
		return
	}
	shown := f.Screen.Read(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, shown)
}

// ServeHTTP answers a call.
func (f *fakePlatform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the channel went away
	}
	again := func() { r.Body = io.NopCloser(bytes.NewReader(body)) }
	again()
	if f.fail != nil {
		f.fail(w, r)
		return
	}
	f.see(r)
	again()
	recipient := f.Recipient(r)
	again()
	f.calls.Add(1)
	if recipient != f.Refused {
		if recipient == f.Taken {
			f.taken.Add(1)
		}
		f.Take(w, r)
		return
	}
	if h := f.release(); h != nil {
		close(h.arrived)
		select {
		case <-h.answer:
		case <-r.Context().Done():
		}
	}
	f.Refuse(w, r)
}

// partFor returns a part as the service makes it: with its address, and fitted.
func partFor(sender channels.Sender, typ channels.Type, to string) (channels.Part, error) {
	p := channels.Part{ID: "part-of-" + to, Channel: typ.Name, Sender: to, Reply: channels.Reply{RecipientID: to, Text: "hi"}}
	if a, ok := sender.(channels.Addresser); ok {
		var err error
		if p.Address, err = a.Address(to); err != nil {
			return p, err
		}
	}
	if f, ok := sender.(channels.Fitter); ok {
		parts := f.Fit(p)
		if len(parts) != 1 {
			return p, errors.New("a short text: Fit makes other than one part of it")
		}
		return parts[0], nil
	}
	return p, nil
}
