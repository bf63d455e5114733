package cmd_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// receivedReply is a reply that came to the target, and the number of the child that
// sent it.
type receivedReply struct {
	id, text, number string
}

// target receives the replies, and knows the address of the child that runs.
type target struct {
	mu      sync.Mutex
	replies map[string][]receivedReply // by recipient
	calls   int
	channel string // to which the writers post; empty means callback
	// pace is called before each message, and says when it may be posted. Nil is at once.
	pace      func(t *testing.T, sender string, n int)
	addr      string
	restarted chan struct{} // closed when the next child runs
	grown     chan struct{} // closed when the next reply comes
}

func (g *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var reply struct {
		Recipient string `json:"recipient_id"`
		Text      string `json:"text"`
	}
	if err := json.NewDecoder(r.Body).Decode(&reply); err != nil {
		w.WriteHeader(http.StatusBadRequest) // a dead letter, which the test finds
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls++; g.calls%refuseEvery == 0 {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	g.replies[reply.Recipient] = append(g.replies[reply.Recipient], receivedReply{r.Header.Get("Webhook-Id"), reply.Text, r.Header.Get("X-Child")})
	close(g.grown)
	g.grown = make(chan struct{})
}

// setChild is called when the next child listens.
func (g *target) setChild(p *childProcess) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.addr = p.addr
	close(g.restarted)
	g.restarted = make(chan struct{})
}

func (g *target) child() (addr string, reborn <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.addr, g.restarted
}

// write posts one message after the other until done is closed, each until it is
// acknowledged by one of the children, and returns how many were.
func (g *target) write(t *testing.T, client *http.Client, sender string, done <-chan struct{}) (n int) {
	for {
		select {
		case <-done:
			return n
		default:
		}
		if g.pace != nil {
			g.pace(t, sender, n+1)
		}
		body := fmt.Sprintf(`{"sender":%q,"message":"%s%d","message_id":"m%d"}`, sender, private, n+1, n+1)
		if _, ok := g.post(t, client, cmp.Or(g.channel, "callback")+"/webhook", body); !ok {
			return n
		}
		n++
	}
}

// post posts to a path below /webhooks/ until one of the children has acknowledged it, and
// returns that one's answer.
func (g *target) post(t *testing.T, client *http.Client, path, body string) (answer string, ok bool) {
	for {
		addr, reborn := g.child()
		status, answer, err := postOnce(client, "http://"+addr+"/webhooks/"+path, body)
		switch {
		case err != nil: // it was killed
			select {
			case <-reborn:
			case <-t.Context().Done():
				return "", false
			}
		case status != http.StatusOK:
			t.Errorf("POST %s: status %d, %s", path, status, answer)
			return "", false
		default:
			return answer, true
		}
	}
}

func postOnce(client *http.Client, url, body string) (status int, answer string, err error) {
	res, err := client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	return res.StatusCode, string(content), err
}

// verify waits for all replies of a conversation and checks that they are in order.
func (g *target) verify(t *testing.T, sender string, n int) {
	t.Helper()
	limit := time.After(6 * waitTimeout)
	for last := 0; last < n; {
		g.mu.Lock()
		grown := g.grown
		if a := g.replies[sender]; len(a) > 0 {
			last, _ = strconv.Atoi(strings.TrimPrefix(a[len(a)-1].text, private))
		}
		g.mu.Unlock()
		if last >= n {
			break
		}
		select {
		case <-grown:
		case <-limit:
			t.Fatalf("%s: the last reply is %d of %d", sender, last, n)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	inOrder(t, sender, g.replies[sender], n)
}

func inOrder(t *testing.T, sender string, arrivals []receivedReply, n int) {
	t.Helper()
	before := receivedReply{}
	next := 1
	for i, a := range arrivals {
		again := a.text == before.text
		switch {
		case again && (a.id != before.id || a.number == before.number):
			t.Errorf("%s: arrival %d is %+v again without need: %+v", sender, i, before, a)
		case !again && (a.text != private+strconv.Itoa(next) || a.id == before.id):
			t.Fatalf("%s: arrival %d is %+v, want %d", sender, i, a, next)
		}
		if !again {
			next++
		}
		before = a
	}
	if next != n+1 {
		t.Errorf("%s: %d messages were answered, want %d", sender, next-1, n)
	}
}
