package service_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/turn"
)

// pager is a channel as a platform's is: it verifies what comes in, and calls the platform.
type pager struct {
	SigningSecret channels.Secret            `yaml:"signing_secret"`
	Token         channels.Secret            `yaml:"api_token"`
	URL           channels.Secret            `yaml:"url"`
	Headers       map[string]channels.Secret `yaml:"headers"`
	client        *channels.Client
	env           channels.Env
}

func pagerType() channels.Type {
	return channels.Type{Name: "pager", New: func() channels.Config { return &pager{} }}
}

func (*pager) Validate() error { return nil }

func (p *pager) Open(env channels.Env) (channels.Channel, error) {
	p.env, p.client = env, env.Client(channels.ClientConfig{})
	return p, nil
}

func (*pager) Signed() bool { return true }

func (p *pager) Inbound(in channels.Inbox) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/webhook" {
			channels.WriteError(w, channels.Errorf(channels.CodeNotFound, "no such route"))
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil && r.Header.Get("X-Signature") != sign(p.SigningSecret, string(body)) {
			channels.WriteError(w, channels.WrongSignature("signing_secret", ""))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		b, err := channels.ReadBody(r)
		if err != nil {
			channels.WriteError(w, err)
			return
		}
		if kind, _, _ := b.Text("kind"); kind != "" {
			p.env.Record(r.Context(), channels.Exchange{Verdict: channels.VerdictIgnored, Text: kind})
			return
		}
		var m channels.Message
		m.Sender, _ = b.ID("sender")
		m.ID, _ = b.ID("id")
		m.Text, _, _ = b.Text("message")
		if err := in.Post(r.Context(), m); err != nil {
			channels.WriteError(w, err)
		}
	})
}

func sign(secret channels.Secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// Send calls a platform that echoes all that it is sent, and quotes that in its error.
func (p *pager) Send(ctx context.Context, part channels.Part) (channels.Receipt, error) {
	token := url.PathEscape(p.Token.Reveal())
	address := p.URL.Reveal() + "/bot" + token + "/send?to=" + part.Sender + "&token=" + url.QueryEscape(p.Token.Reveal())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("{}"))
	if err != nil {
		return channels.Receipt{}, err
	}
	req.Header.Set("Authorization", "Bearer "+p.Token.Reveal())
	for name, value := range p.Headers {
		req.Header.Set(name, value.Reveal())
	}
	res, err := p.client.Do(req)
	if err != nil {
		return channels.Receipt{}, err
	}
	echo, _ := io.ReadAll(res.Body)
	if err := channels.CheckResponse(res); err != nil {
		e := channels.AsSendError(err)
		e.Code, e.Err = "chat_not_found", fmt.Errorf("the platform says %s", echo)
		return channels.Receipt{}, e
	}
	return channels.Receipt{}, nil
}

// echoing is the platform: it refuses the sender eve with an echo of the request.
func echoing(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("to") == "eve" {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, "no chat for %s %v", r.RequestURI, r.Header)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// secrets are those of the block below.
func secretsOf() []string {
	return []string{"s1gning-k3y-of-ours", "b0t:T0ken/=?x", "s3cret-pa55-in-url", "h00kpath-Zz9", "hea0er-secret-77"}
}

func pagerBlock(platform, more string) string {
	secrets := secretsOf()
	address := strings.Replace(platform, "http://", "http://user:"+secrets[2]+"@", 1) + "/" + secrets[3]
	return fmt.Sprintf("pager: {signing_secret: %q, api_token: %q, url: %q, headers: {X-Key: %q}%s}\n", secrets[0], secrets[1], address, secrets[4], more)
}

// signed posts a body to the channel pager.
func signed(t *testing.T, h *servicetest.Running, path, secret, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Signature", sign(channels.Secret(secret), body))
	status, _ := servicetest.Do(t, h.HTTP1, req)
	return status
}

// awaitLog follows the log of a channel until it has these lines, in any order.
func awaitLog(t *testing.T, h *servicetest.Running, channel string, want ...string) []*manyvoxv1.Exchange {
	t.Helper()
	client := manyvoxv1connect.NewConversationServiceClient(h.HTTP1, h.URL)
	ctx, cancel := context.WithCancel(servicetest.WithToken(servicetest.Context(t), "operator"))
	defer cancel()
	stream, err := client.WatchChannelLog(ctx, &manyvoxv1.WatchChannelLogRequest{Channel: channel, Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	slices.Sort(want)
	kept, got := map[int64]*manyvoxv1.Exchange{}, []string(nil)
	for stream.Receive() {
		if e := stream.Msg().GetExchange(); e != nil {
			kept[e.GetId()] = e
		}
		if got = linesOf(kept); slices.Equal(want, got) {
			var list []*manyvoxv1.Exchange
			for _, e := range kept {
				list = append(list, e)
			}
			return list
		}
	}
	t.Fatalf("%v: the log (-want +got):\n%s", stream.Err(), cmp.Diff(want, got))
	return nil
}

func linesOf(kept map[int64]*manyvoxv1.Exchange) (lines []string) {
	for _, e := range kept {
		line := fmt.Sprintf("%s %s %d %s", strings.TrimPrefix(e.GetDirection().String(), "DIRECTION_"), e.GetRoute(), e.GetStatus(),
			strings.TrimPrefix(e.GetVerdict().String(), "VERDICT_"))
		for _, word := range []string{e.GetSender(), e.GetCode(), e.GetMessage()} {
			if word != "" {
				line += " " + word
			}
		}
		if e.GetCount() > 1 {
			line += fmt.Sprintf(" x%d", e.GetCount())
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// Whatever comes in and goes out is in the log with what was made of it, and no secret,
// wherever a platform has echoed it.
func TestChannelLog(t *testing.T) {
	t.Parallel()
	platform, secrets := echoing(t), secretsOf()
	h := servicetest.OnLoopback(t, service.Config{
		Agent: servicetest.Echo(), AgentOptions: turn.AgentOptions{AgentName: "echo"}, OperatorToken: "operator", HTTPOptions: service.HTTPOptions{MaxBody: 1 << 10},
		Channels: servicetest.Channels(t, pagerBlock(platform.URL, ""), pagerType()),
	})
	for range 3 {
		signed(t, h, "/webhooks/pager/webhook", "another secret", `{"sender":"ann"}`)
	}
	signed(t, h, "/webhooks/pager/webhook", secrets[0], `{"sender":"ann","id":"m1","message":"§private"}`)
	signed(t, h, "/webhooks/pager/webhook", secrets[0], `{"sender":"ann","id":"m1","message":"§private"}`)
	signed(t, h, "/webhooks/pager/webhook", secrets[0], `{"kind":"reaction_added"}`)
	signed(t, h, "/webhooks/pager/webhook", secrets[0], `{"kind":`)
	signed(t, h, "/webhooks/pager/hook", secrets[0], `{}`)
	signed(t, h, "/webhooks/pager", secrets[0], `{}`)
	signed(t, h, "/webhooks/pager/"+secrets[0], secrets[0], `{}`)
	signed(t, h, "/webhooks/pager/webhook", secrets[0], strings.Repeat("x", 2000))
	signed(t, h, "/webhooks/pager/webhook", secrets[0], `{"sender":"eve","id":"m2","message":"§private"}`)
	h.Get(t, "/webhooks/pager")             // the health route is nobody's message
	h.Get(t, "/webhooks/pager/media/ref?x") // its path is a credential
	host := strings.TrimPrefix(platform.URL, "http://")
	route := "POST " + host + "<secret>/bot<secret>/send"
	list := awaitLog(t, h, "pager",
		"IN POST /webhook 401 SIGNATURE_WRONG unauthenticated x3",
		"IN POST /webhook 200 ACCEPTED ann", "IN POST /webhook 200 DUPLICATE ann", "IN POST /webhook 200 IGNORED",
		"IN POST /webhook 400 REFUSED invalid_argument", "IN POST /hook 404 REFUSED not_found",
		"IN POST / 405 REFUSED method_not_allowed", "IN POST /<secret> 404 REFUSED not_found", "IN POST /webhook 413 REFUSED too_large",
		"IN POST /webhook 200 ACCEPTED eve", "IN GET /media/… 403 REFUSED permission_denied",
		"OUT "+route+" 200 ACCEPTED ann", "OUT "+route+" 403 FAILED eve chat_not_found",
	)
	status, err := manyvoxv1connect.NewConversationServiceClient(h.HTTP1, h.URL).
		GetStatus(servicetest.WithToken(t.Context(), "operator"), &manyvoxv1.GetStatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, c := range status.GetChannels()[0].GetExchanges() {
		if c.GetVerdict() == manyvoxv1.Exchange_VERDICT_SIGNATURE_WRONG {
			texts = append(texts, fmt.Sprintf("%s (%d in 5 min)", c.GetLast().GetText(), c.GetLast().GetCount()))
		}
	}
	if diff := cmp.Diff([]string{"signature does not match signing_secret (3 in 5 min)"}, texts); diff != "" {
		t.Errorf("the status (-want +got):\n%s", diff)
	}
	for where, shown := range map[string]string{"the log": fmt.Sprint(list), "the status": status.String(), "the program's log": h.Log.String()} {
		for _, secret := range append(secrets, "§private") {
			if at := strings.Index(shown, secret); at >= 0 {
				t.Errorf("%s shows %q: …%s", where, secret, shown[max(0, at-300):at+len(secret)])
			}
		}
	}
	if line := h.Log.Await(t, `"msg":"turn"`); !strings.Contains(line, `"channel":"pager","agent":"echo","ms":`) {
		t.Errorf("the turn is logged as %s", line)
	}
}

// Messages are shown only where the block says so. Without the channel's token nothing of a
// request is looked at, and that is told.
func TestChannelLogText(t *testing.T) {
	t.Parallel()
	platform, secret := echoing(t), secretsOf()[0]
	h := servicetest.OnLoopback(t, service.Config{
		Agent: servicetest.Echo(), OperatorToken: "operator",
		Channels: servicetest.Channels(t, pagerBlock(platform.URL, ", log_text: true")+"rest: {token: t0ken-of-rest, log_text: true}\n", pagerType()),
	})
	signed(t, h, "/webhooks/pager/webhook", secret, `{"sender":"ann","id":"m1","message":"hello"}`)
	route := "OUT POST " + strings.TrimPrefix(platform.URL, "http://") + "<secret>/bot<secret>/send"
	awaitLog(t, h, "pager", "IN POST /webhook 200 ACCEPTED ann hello", route+" 200 ACCEPTED ann")
	const path, body = "/webhooks/rest/webhook", `{"sender":"bob","message":"hi","message_id":"m1"}`
	h.PostBody(t, path+"?token=wr0ng", body)
	h.PostBody(t, path+"?token=t0ken-of-rest", body)
	h.PostBody(t, path+"?token=t0ken-of-rest&stream=true", body)
	awaitLog(t, h, "rest", "IN POST /webhook 401 UNAUTHENTICATED unauthenticated",
		"IN POST /webhook 200 ACCEPTED bob hi", "IN POST /webhook 200 DUPLICATE bob hi")
}

// The log goes on over a reload that changes the channel; one of another type has its own.
func TestChannelLogOverReload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReloading(t, &lives{}, "a: {type: probe, key: 1}\nrest:\n", servicetest.Echo())
		post := func(id string) {
			r.PostBody(t, "/webhooks/a/webhook", `{"sender":"ann","message":"`+servicetest.Private+`","message_id":"`+id+`"}`)
			synctest.Wait()
		}
		watched := make(chan error, 1)
		client := manyvoxv1connect.NewConversationServiceClient(r.HTTP1, r.URL)
		ctx := servicetest.WithToken(t.Context(), "operator")
		go func() {
			stream, err := client.WatchChannelLog(ctx, &manyvoxv1.WatchChannelLogRequest{Channel: "a", Follow: true})
			for err == nil && stream.Receive() {
			}
			watched <- stream.Err()
		}()
		post("1")
		r.reload(t, "a: {type: probe, key: 1}\nrest: {token: new-t0ken}\n") // a is kept
		post("2")
		r.reload(t, "a: {type: probe, key: 2}\nrest: {token: new-t0ken}\n") // a is changed
		post("3")
		awaitLog(t, r.Running, "a", "IN POST /webhook 200 ACCEPTED ann", "IN POST /webhook 200 ACCEPTED ann", "IN POST /webhook 200 ACCEPTED ann",
			"OUT  0 ACCEPTED ann", "OUT  0 ACCEPTED ann", "OUT  0 ACCEPTED ann")
		select {
		case err := <-watched:
			t.Errorf("the watch ended: %v", err)
		default:
		}
		r.reload(t, "a: {type: twin, key: 2}\nrest: {token: new-t0ken}\n")
		post("4")
		awaitLog(t, r.Running, "a", "IN POST /webhook 200 ACCEPTED ann", "OUT  0 ACCEPTED ann")
		if err := <-watched; connect.CodeOf(err) != connect.CodeUnavailable {
			t.Errorf("the watch of a log that is gone ended with %v", err)
		}
		r.Stop(t)
	})
}

// fetcher is a channel that fetches its messages and sends to a fake platform.
type fetcher struct {
	*servicetest.FakeChannel
	run func(ctx context.Context, in channels.Inbox) error
}

func (f *fetcher) Run(ctx context.Context, in channels.Inbox) error { return f.run(ctx, in) }
func (f *fetcher) Validate() error                                  { return nil }
func (f *fetcher) Open(channels.Env) (channels.Channel, error)      { return f, nil }

// The messages of a Runner are in the log too, also those that become dead letters.
func TestChannelLogOfRunner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		platform, limits := &servicetest.FakePlatform{}, instance.DefaultLimits()
		limits.InboxPerConversation = 2
		channel := &fetcher{FakeChannel: platform.Channel("mail"), run: func(ctx context.Context, in channels.Inbox) error {
			var batch []channels.Message
			for id := range 3 {
				batch = append(batch, servicetest.NewMessage("ann", fmt.Sprint(id)))
			}
			if err := in.Post(ctx, batch...); err != nil {
				t.Error(err)
			}
			<-ctx.Done()
			return nil
		}}
		h := servicetest.NewHarness(t, platform, service.Config{
			Channels: servicetest.Channels(t, "mail: {type: fetcher}\n", channels.Type{Name: "fetcher", New: func() channels.Config { return channel }}),
			Agent:    servicetest.NewBlockingAgent(), Limits: limits,
		})
		awaitLog(t, h.Running, "mail", "IN  0 ACCEPTED ann", "IN  0 ACCEPTED ann", "IN  0 REFUSED ann resource_exhausted")
	})
}
