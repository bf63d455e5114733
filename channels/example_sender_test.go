package channels_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Pager is a channel that sends each reply to a platform of its own.
type Pager struct {
	client *channels.Client
	url    string
}

// Inbound returns nil: the channel has no webhook.
func (p *Pager) Inbound(channels.Inbox) http.Handler { return nil }

// Send makes one call of the platform. The class of its error decides what the service
// does with the part: try again, wait, or make it a dead letter.
func (p *Pager) Send(ctx context.Context, part channels.Part) (channels.Receipt, error) {
	body, err := channels.Marshal(map[string]string{"to": part.Sender, "text": part.Reply.Text})
	if err != nil {
		return channels.Receipt{}, &channels.SendError{Class: channels.SendRejected, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return channels.Receipt{}, &channels.SendError{Class: channels.SendRejected, Err: err}
	}
	req.Header.Set("Idempotency-Key", part.ID) // the same at every attempt
	res, err := p.client.Do(req)
	if err != nil {
		return channels.Receipt{}, err // has its class: unavailable, or unknown after send
	}
	defer func() { _ = res.Body.Close() }()
	if err := channels.CheckResponse(res); err != nil {
		e := channels.AsSendError(err)
		if res.StatusCode == http.StatusPaymentRequired { // this platform means our account
			e.Class, e.Scope = channels.SendUnauthorized, channels.ScopeChannel
		}
		return channels.Receipt{}, e
	}
	return channels.Receipt{ID: res.Header.Get("Message-Id"), Time: time.Now()}, nil
}

// A Sender makes one platform call for each part. CheckResponse gives each status its
// class; the Sender changes the class where its platform means something else.
func ExampleSender() {
	status := 0
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Message-Id", "m1")
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
	}))
	pager := &Pager{client: channels.NewClient(channels.ClientConfig{}), url: platform.URL}
	part := channels.Part{ID: "p1", Channel: "pager", Sender: "ann", Reply: channels.Reply{Text: "Your table is ready."}}
	for _, status = range []int{200, 400, 402, 410, 429, 500} {
		receipt, err := pager.Send(context.Background(), part)
		if err == nil {
			fmt.Printf("%d: taken as %s\n", status, receipt.ID)
			continue
		}
		e := channels.AsSendError(err)
		fmt.Printf("%d: %s", status, e.Class)
		if e.RetryAfter > 0 {
			fmt.Printf(", again in %v", e.RetryAfter)
		}
		fmt.Println()
	}
	platform.Close()
	_, err := pager.Send(context.Background(), part)
	fmt.Println("no answer:", channels.AsSendError(err).Class)
	// Output:
	// 200: taken as m1
	// 400: rejected
	// 402: unauthorized
	// 410: gone
	// 429: throttled, again in 7s
	// 500: unavailable
	// no answer: unavailable
}

var (
	_ channels.Channel = (*Pager)(nil)
	_ channels.Sender  = (*Pager)(nil)
)
