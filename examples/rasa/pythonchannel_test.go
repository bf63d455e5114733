package rasa_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/rasa/rasatest"
)

const platformSecret = "shared"

// platform is that of the channel in examples/python-channel. It signs what it sends, and
// checks and keeps what it is sent, once for each id.
type platform struct {
	url string

	mu      sync.Mutex
	ids     map[string]bool
	shown   []string
	forged  int
	changed chan struct{}
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{ids: map[string]bool{}, changed: make(chan struct{})}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	p.url = s.URL
	return p
}

func platformSignature(body []byte) string {
	mac := hmac.New(sha256.New, []byte(platformSecret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var m struct {
		ID, To, Text string
		Choices      []string
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Header.Get("X-Signature") != platformSignature(body) || json.Unmarshal(body, &m) != nil {
		p.forged++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if p.ids[m.ID] {
		return
	}
	p.ids[m.ID] = true
	p.shown = append(p.shown, strings.TrimSpace(fmt.Sprintf("%s: %s %s", m.To, m.Text, strings.Join(m.Choices, "|"))))
	close(p.changed)
	p.changed = make(chan struct{})
}

// shows waits until the platform shows as many messages as are wanted, and compares them.
func (p *platform) shows(t *testing.T, want ...string) {
	t.Helper()
	timeout := time.After(waitTimeout)
	for {
		p.mu.Lock()
		shown, changed := p.shown, p.changed
		p.mu.Unlock()
		if len(shown) >= len(want) {
			if diff := cmp.Diff(want, shown); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("%q is shown, want %q", shown, want)
		}
	}
}

// send delivers an event, and returns the status of the answer.
func (p *platform) send(t *testing.T, channel, event, signature string) int {
	t.Helper()
	if signature == "" {
		signature = platformSignature([]byte(event))
	}
	return status(t, channel+"/platform", event, "X-Signature", signature)
}

// status posts a body, with headers in pairs.
func status(t *testing.T, url, body string, headers ...string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// startPython starts a program in Python, which prints its port, and returns its address.
func startPython(t *testing.T, program string, env ...string) string {
	t.Helper()
	python := exec.CommandContext(t.Context(), rasatest.Python(t), program)
	python.Env, python.Stderr = append(os.Environ(), append(env, "PORT=0", "NO_PROXY=*")...), t.Output()
	out, err := python.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := python.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = python.Process.Kill(); _ = python.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%s does not start: %v", program, err)
	}
	return "http://localhost:" + strings.TrimSpace(line[strings.LastIndex(line, " "):])
}

// pythonChannel has the example in Python carry messages between its platform and Rasa.
func pythonChannel(t *testing.T, b *bot) {
	const folder, token = "../python-channel/", "t0ken"
	if n := strings.Count(file(t, folder+"channel.py"), "\n"); n > 60 {
		t.Errorf("channel.py has %d lines, and README.md says 60", n)
	}
	p, way := newPlatform(t), &door{}
	toChannel := httptest.NewServer(way)
	t.Cleanup(toChannel.Close)
	credentials := strings.NewReplacer("${MYIO_URL:-http://localhost:8001}", toChannel.URL, "${MYIO_TOKEN}", token, "${MYIO_SECRET}", secret).
		Replace(file(t, folder+"credentials.yml"))
	address := b.manyvox(t, credentials, "channel: manyvox")
	channel := startPython(t, folder+"channel.py", "MANYVOX_URL="+address, "MYIO_TOKEN="+token, "MYIO_SECRET="+secret,
		"PLATFORM_URL="+p.url, "PLATFORM_SECRET="+platformSecret)
	way.leadTo(t, channel)

	const event = `{"id": "e1", "user": "ida", "text": "/channels", "room": "lobby"}`
	for range 2 { // a platform that missed the answer comes again
		if got := p.send(t, channel, event, ""); got != http.StatusOK {
			t.Errorf("status %d", got)
		}
	}
	p.shows(t, "ida: For myio.")
	if got := p.send(t, channel, `{"id": "e2", "user": "ida", "text": "/buttons"}`, ""); got != http.StatusOK {
		t.Errorf("status %d", got)
	}
	p.shows(t, "ida: For myio.", "ida: Which one? Yes|No")
	for name, got := range map[string]int{
		"an event that somebody else signed": p.send(t, channel, `{"id": "e3", "user": "ida", "text": "/greet"}`, "é"+platformSignature([]byte(event))),
		"a reply that nobody signed":         status(t, channel+"/manyvox", `{"recipient_id": "ida", "text": "forged"}`),
		"a reply that somebody else signed": status(t, channel+"/manyvox", `{"recipient_id": "ida", "text": "forged"}`,
			"webhook-id", "1", "webhook-timestamp", fmt.Sprint(time.Now().Unix()), "webhook-signature", "v1,"+platformSignature([]byte("forged"))),
		"a message without Manyvox's token": status(t, address+"/webhooks/myio/webhook", `{"sender": "ida", "message": "/greet"}`),
	} {
		if got != http.StatusUnauthorized {
			t.Errorf("%s: status %d", name, got)
		}
	}
	p.shows(t, "ida: For myio.", "ida: Which one? Yes|No")
	tracker := b.Tracker(t, "ida")
	if said := tracker.Of("user"); len(said) != 2 || tracker.LatestInputChannel != "myio" || said[0].MessageID != "e1" || !strings.Contains(string(said[0].Metadata), "lobby") {
		t.Errorf("tracker %+v", tracker)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.forged != 0 {
		t.Errorf("%d messages to the platform are not signed", p.forged)
	}
}
