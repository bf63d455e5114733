package rasa_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/rasa/rasatest"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
	"github.com/manyvox/manyvox/cmd/cmdtest"
)

const (
	waitTimeout   = 5 * time.Minute // Only a test that fails waits so long.
	operatorToken = "0perator"
	secret        = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
)

// bot is Rasa with its REST channel and with ours, which sends what is said outside a turn
// to door.
type bot struct {
	*rasatest.Server
	door *door
}

// startBot starts Rasa.
func startBot(t *testing.T) *bot {
	t.Helper()
	b := &bot{door: &door{}}
	d := httptest.NewServer(b.door)
	t.Cleanup(d.Close)
	credentials := block(t, "agents/rasa.md", "yaml", 2)
	credentials = replaced(t, credentials, "[telegram, slack]", "[telegram, rest, callback]")
	credentials = replaced(t, credentials, "http://localhost:5005", d.URL)
	b.Server = rasatest.Start(t, rasatest.Options{
		Actions: true, Persistent: true, Credentials: "rest:\n" + credentials,
		Files: map[string]string{"manyvox_channel.py": file(t, "manyvox_channel.py")}, Env: []string{"RASA_PUSH_SECRET=" + secret},
	})
	return b
}

// door hands on what Rasa sends to Manyvox, whose address is not known when Rasa starts.
type door struct {
	mu     sync.Mutex
	target *url.URL
	// statuses are those of the answers.
	statuses []int
}

func (d *door) leadTo(t *testing.T, address string) {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.target = target
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	target := d.target
	d.mu.Unlock()
	if target == nil {
		http.Error(w, "no Manyvox yet", http.StatusServiceUnavailable)
		return
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(res *http.Response) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.statuses = append(d.statuses, res.StatusCode)
		return nil
	}
	proxy.ServeHTTP(w, r)
}

// manyvox starts Manyvox in front of the bot and returns its address. keys are those of
// the agent beside its url, as flow YAML.
func (b *bot) manyvox(t *testing.T, credentials, keys string) string {
	t.Helper()
	return cmdtest.Start(t, program(), credentials, b.endpoints(keys), "--operator-token", operatorToken)
}

func (b *bot) endpoints(keys string) string {
	if keys != "" {
		keys = ", " + keys
	}
	return "agent: {type: rasa, url: \"" + b.URL + "\"" + keys + "}\n"
}

// answer is that of the REST channel.
type answer struct {
	status  int
	replies []channels.Reply
	code    string // of the error
	raw     string
}

// ask sends a message to a REST channel. The query is "" or "?stream=true".
func ask(t *testing.T, address, query string, message map[string]any) answer {
	t.Helper()
	body, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/webhooks/rest/webhook"+query, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, res.StatusCode, raw)
}

// read takes an answer apart: a list, lines, or an error with what was said before it.
func read(t *testing.T, status int, raw []byte) answer {
	t.Helper()
	a := answer{status: status, raw: string(raw)}
	var objects []json.RawMessage
	if json.Unmarshal(raw, &objects) != nil {
		for line := range strings.Lines(string(raw)) {
			objects = append(objects, json.RawMessage(line))
		}
	}
	for _, o := range objects {
		var failed struct {
			Error   channels.ErrorObject
			Replies []channels.Reply
		}
		if err := json.Unmarshal(o, &failed); err != nil {
			t.Fatalf("%d %s: %v", status, raw, err)
		}
		if a.code = failed.Error.Code; a.code != "" {
			a.replies = append(a.replies, failed.Replies...)
			continue
		}
		var r channels.Reply
		if err := json.Unmarshal(o, &r); err != nil {
			t.Fatal(err)
		}
		a.replies = append(a.replies, r)
	}
	return a
}

// says returns the kinds of an answer in words, and its error.
func (a answer) says() []string {
	var said []string
	for _, r := range a.replies {
		switch r.Kind() {
		case channels.KindText:
			said = append(said, r.Text)
		default:
			said = append(said, string(r.Kind()))
		}
	}
	if a.code != "" {
		said = append(said, "error "+a.code)
	}
	return said
}

// expect compares an answer with what it should say.
func (a answer) expect(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, a.says()); diff != "" {
		t.Errorf("%d %s (-want +got):\n%s", a.status, a.raw, diff)
	}
}

// target is the program behind a callback channel.
type target struct {
	url string

	mu      sync.Mutex
	said    []string
	changed chan struct{}
}

func newTarget(t *testing.T) *target {
	t.Helper()
	g := &target{changed: make(chan struct{})}
	s := httptest.NewServer(g)
	t.Cleanup(s.Close)
	g.url = s.URL
	return g
}

func (g *target) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var reply channels.Reply
	if json.NewDecoder(r.Body).Decode(&reply) != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.said = append(g.said, fmt.Sprintf("%s: %s", reply.RecipientID, reply.Text))
	close(g.changed)
	g.changed = make(chan struct{})
}

// hears waits until the target was told as many things as are wanted, and compares them.
func (g *target) hears(t *testing.T, want ...string) {
	t.Helper()
	timeout := time.After(waitTimeout)
	for {
		g.mu.Lock()
		said, changed := g.said, g.changed
		g.mu.Unlock()
		if len(said) >= len(want) {
			if diff := cmp.Diff(want, said); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("heard %q, want %q", said, want)
		}
	}
}

// postCount sends /count to a callback channel, which stores it.
func postCount(t *testing.T, address, sender, id string) {
	t.Helper()
	body := fmt.Sprintf(`{"sender":%q,"message":"/count","message_id":%q}`, sender, id)
	res, err := http.Post(address+"/webhooks/callback/webhook", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("status %d", res.StatusCode)
	}
}

// telegram is a fake Telegram and the credentials for it.
func telegram(t *testing.T) (fake *telegramtest.Server, credentials string) {
	t.Helper()
	fake = telegramtest.New(telegramtest.Options{})
	t.Cleanup(fake.Close)
	api := httptest.NewServer(fake)
	t.Cleanup(api.Close)
	return fake, "telegram: {access_token: \"9001:fake\", api_base_url: \"" + api.URL + "\"}\n"
}

// shows waits until a chat has had n messages of the bot's, and returns them.
func shows(t *testing.T, fake *telegramtest.Server, chat int64, n int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	texts := func() []string { c := fake.Chat(chat); return c.Texts() }
	if err := fake.Wait(ctx, func() bool { return len(texts()) >= n }); err != nil {
		t.Fatalf("%v: %q", err, texts())
	}
	return texts()
}
