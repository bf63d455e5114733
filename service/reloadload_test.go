package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/channels/socketio"
	"github.com/manyvox/manyvox/config"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/setup"
)

const (
	// loadReloads is how many reloads there are, each after so many more messages.
	loadReloads, loadMessages = 50, 40
	// loadSenders is how many conversations each channel has.
	loadSenders = 4
	// loadMemory is how much more the program may hold afterwards: mostly what the test
	// itself remembers.
	loadMemory = 32 << 20
)

// feed is a mailbox that a channel polls, one Run at a time.
type feed struct {
	lives
	posted   chan struct{} // takes one value for each message that is stored
	next     atomic.Int64
	polling  atomic.Int32
	overlaps atomic.Int32
}

// feedChannel is the channel that polls it.
type feedChannel struct {
	*servicetest.FakeChannel
	feed *feed
	Key  string `yaml:"key"`
}

func (*feedChannel) Validate() error { return nil }

func (c *feedChannel) Open(env channels.Env) (channels.Channel, error) {
	c.FakeChannel = c.feed.Channel(env.Name)
	return c, nil
}

// Run takes message after message. One whose Post was cut by the end of ctx is taken again by
// the next Run, with the same id.
func (c *feedChannel) Run(ctx context.Context, in channels.Inbox) error {
	if c.feed.polling.Add(1) > 1 {
		c.feed.overlaps.Add(1)
	}
	defer c.feed.polling.Add(-1)
	for ctx.Err() == nil {
		n := c.feed.next.Load()
		sender := fmt.Sprintf("f%d", n%loadSenders)
		text := fmt.Sprintf("%s %d", sender, n/loadSenders)
		if err := in.Post(ctx, channels.Message{ID: text, Sender: sender, Text: text}); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		c.feed.next.Add(1)
		select {
		case c.feed.posted <- struct{}{}:
		case <-ctx.Done():
		}
	}
	return nil
}

// loadTest is a service under load whose configuration changes.
type loadTest struct {
	*servicetest.Running
	t    *testing.T
	feed *feed
	// revision numbers the configurations.
	revision int
	inUse    *setup.Credentials
	// sockets is the block of socketio.
	sockets string
	// progress takes one value for each message that got through.
	progress chan struct{}
	// done ends the load.
	done chan struct{}
}

func newLoadTest(t *testing.T) *loadTest {
	t.Helper()
	l := &loadTest{t: t, sockets: "{max_messages: 1000000}", progress: make(chan struct{}), done: make(chan struct{})}
	l.feed = &feed{posted: l.progress}
	first, err := l.load()
	if err != nil {
		t.Fatal(err)
	}
	l.Running = servicetest.OnLoopback(t, service.Config{Channels: first.Channels, Agent: first.Agent, Limits: first.Limits, Load: l.load})
	return l
}

// load changes each channel but socketio: chat and web always, the feed every second time, and
// the agent every fifth.
func (l *loadTest) load() (service.Setup, error) {
	l.revision++
	yaml := fmt.Sprintf("web: {type: rest, open: true, input_channel: v%d}\nchat: {type: probe, key: %d}\nfeed: {type: feed, key: %d}\nsocketio: %s\n",
		l.revision, l.revision, l.revision/2, l.sockets)
	block, err := config.Parse("credentials.yml", []byte(yaml), nil)
	if err != nil {
		return service.Setup{}, err
	}
	types := []channels.Type{
		rest.Type(), socketio.Type(), {Name: "probe", New: func() channels.Config { return &probe{life: &l.feed.lives} }},
		{Name: "feed", New: func() channels.Config { return &feedChannel{feed: l.feed} }},
	}
	c, err := setup.ReloadCredentials(block, types, "", instance.NewLinks(""), slog.New(slog.DiscardHandler), l.inUse)
	if err != nil {
		return service.Setup{}, err
	}
	l.inUse = c
	return service.Setup{Channels: c.Channels, Agent: agents.Func(l.answer), KeepAgent: l.revision%5 != 0, Limits: loadLimits()}, nil
}

// loadLimits let the feed, which waits for nobody, run ahead of the answers.
func loadLimits() instance.Limits {
	limits := instance.DefaultLimits()
	limits.Inbox, limits.InboxPerConversation = 1_000_000, 1_000_000
	return limits
}

// answer echoes. A message "stream" has two replies, one at once and one at the end of the load.
func (l *loadTest) answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if t.Message.Text != "stream" {
		return servicetest.ReplyTexts(ctx, r, t.Message.Text)
	}
	err := servicetest.ReplyTexts(ctx, r, "begin")
	select {
	case <-l.done:
	case <-ctx.Done():
	}
	return errors.Join(err, servicetest.ReplyTexts(ctx, r, "end"))
}

// write sends messages in one conversation until the load ends, one after another, and
// returns their texts.
func (l *loadTest) write(sender string, send func(text string) error) (texts []string) {
	for n := 0; ; n++ {
		select {
		case <-l.done:
			return texts
		default:
		}
		text := fmt.Sprintf("%s %d", sender, n)
		if err := send(text); err != nil {
			l.t.Errorf("%s: %v", text, err)
			return texts
		}
		texts = append(texts, text)
		select {
		case l.progress <- struct{}{}:
		case <-l.done:
		}
	}
}

// post posts a message to a channel's webhook and checks the answer.
func (l *loadTest) post(ctx context.Context, channel, sender, text, want string) error {
	body := fmt.Sprintf(`{"sender":%q,"message":%q,"message_id":%q}`, sender, text, text)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL+"/webhooks/"+channel+"/webhook", strings.NewReader(body))
	if err != nil {
		return err
	}
	res, err := l.HTTP1.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || strings.TrimSpace(string(answer)) != want) {
		err = fmt.Errorf("%d %s", res.StatusCode, answer)
	}
	return err
}

// stream opens a stream that lasts as long as the load, and returns what came.
func (l *loadTest) stream(ctx context.Context, sender string, opened func()) (texts []string) {
	client := manyvoxv1connect.NewChannelServiceClient(l.HTTP2, l.URL)
	stream, err := client.ReceiveStream(ctx, &manyvoxv1.ReceiveStreamRequest{Channel: "web", Sender: sender, Message: "stream"})
	if err != nil {
		l.t.Error(err)
		opened()
		return nil
	}
	defer func() { _ = stream.Close() }()
	for stream.Receive() {
		if reply := stream.Msg().GetReply(); reply != nil {
			if texts = append(texts, reply.GetReply().GetText()); len(texts) == 1 {
				opened()
			}
		}
	}
	if err := stream.Err(); err != nil {
		l.t.Error(err)
	}
	return texts
}

// socket is a client of Socket.IO on one WebSocket.
type socket struct{ ws *websocket.Conn }

func (l *loadTest) socket(ctx context.Context) (*socket, error) {
	ws, _, err := websocket.Dial(ctx, l.URL+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		return nil, err
	}
	s := &socket{ws}
	if _, err := s.next(ctx, "0"); err != nil {
		return nil, err
	}
	if err := s.emit(ctx, "40"); err != nil {
		return nil, err
	}
	_, err = s.next(ctx, "40")
	return s, err
}

func (s *socket) emit(ctx context.Context, packet string) error {
	return s.ws.Write(ctx, websocket.MessageText, []byte(packet))
}

// next returns the next packet without its prefix. It answers pings.
func (s *socket) next(ctx context.Context, prefix string) (string, error) {
	for {
		_, packet, err := s.ws.Read(ctx)
		if err != nil {
			return "", err
		}
		if string(packet) == "2" {
			if err := s.emit(ctx, "3"); err != nil {
				return "", err
			}
			continue
		}
		rest, ok := strings.CutPrefix(string(packet), prefix)
		if !ok {
			return "", fmt.Errorf("packet %s, want %s", packet, prefix)
		}
		return rest, nil
	}
}

// ask sends a message and waits for its answer.
func (s *socket) ask(ctx context.Context, text string) error {
	if err := s.emit(ctx, fmt.Sprintf(`42["user_uttered",{"message":%q}]`, text)); err != nil {
		return err
	}
	packet, err := s.next(ctx, "42")
	if err != nil {
		return err
	}
	var event []json.RawMessage
	var uttered struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal([]byte(packet), &event); err != nil {
		return err
	}
	if err := json.Unmarshal(event[1], &uttered); err != nil || uttered.Text != text {
		return fmt.Errorf("event %s: %w", packet, err)
	}
	return nil
}

// TestReloadUnderLoad reloads while messages go over four channels, one of them polled and
// one over sockets, and streams are open. Nothing is refused, lost, doubled or out of order.
func TestReloadUnderLoad(t *testing.T) { //nolint:paralleltest // it measures the process
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	l := newLoadTest(t)
	l.Get(t, "/healthz")
	goroutines, memory := goleak.IgnoreCurrent(), memoryInUse()
	var load, opened sync.WaitGroup
	posted := make([][]string, loadSenders)
	for n := range loadSenders {
		web, chat := fmt.Sprintf("w%d", n), fmt.Sprintf("c%d", n)
		load.Go(func() {
			l.write(web, func(text string) error {
				return l.post(ctx, "web", web, text, fmt.Sprintf(`[{"recipient_id":%q,"text":%q}]`, web, text))
			})
		})
		load.Go(func() {
			posted[n] = l.write(chat, func(text string) error { return l.post(ctx, "chat", chat, text, "ok") })
		})
		load.Go(func() {
			s, err := l.socket(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = s.ws.CloseNow() }()
			l.write(fmt.Sprintf("s%d", n), func(text string) error { return s.ask(ctx, text) })
		})
		opened.Add(1)
		load.Go(func() {
			got := l.stream(ctx, fmt.Sprintf("stream%d", n), opened.Done)
			if want := []string{"begin", "end"}; !slices.Equal(got, want) {
				t.Errorf("a stream brings %q, want %q", got, want)
			}
		})
	}
	messages := l.reloadAll(ctx, opened.Wait)
	close(l.done)
	load.Wait()
	fetched := l.feed.next.Load() // the feed waits for somebody to hear of its last message
	t.Logf("%d messages during %d reloads", messages, loadReloads)

	for n := range loadSenders {
		l.delivered(ctx, "chat", fmt.Sprintf("c%d", n), posted[n])
	}
	for n := range int64(loadSenders) {
		var want []string
		for i := n; i < fetched; i += loadSenders {
			want = append(want, fmt.Sprintf("f%d %d", n, i/loadSenders))
		}
		l.delivered(ctx, "feed", fmt.Sprintf("f%d", n), want)
	}
	for id, n := range l.feed.SendsByID() {
		if n != 1 {
			t.Errorf("part %s was sent %d times", id, n)
		}
	}
	if n := l.feed.overlaps.Load(); n > 0 {
		t.Errorf("a second Run of a channel began %d times before the first had ended", n)
	}
	l.back(goroutines, memory)
}

// A reload that changes a socket channel ends its sockets. A client that connects again is
// served by the new instance at once, and one that waits for it is not cut off by the old one.
func TestReloadOfSockets(t *testing.T) {
	t.Parallel()
	ctx := servicetest.Context(t)
	l := newLoadTest(t)
	defer close(l.done)
	for revision := range 3 {
		s, err := l.socket(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ask(ctx, "hello"); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() {
			_, err := s.next(ctx, "nothing")
			ended <- err
		}()
		l.sockets = fmt.Sprintf("{max_messages: %d}", 100+revision)
		if outcome, err := l.Reload(ctx); err != nil || outcome.Err != nil {
			t.Fatal(err, outcome)
		}
		if err := servicetest.Await(t, "the end of the socket", ended); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("the socket ends with %v", err)
		}
	}
}

// reloadAll reloads again and again, each time after some messages. It returns how many got
// through meanwhile.
func (l *loadTest) reloadAll(ctx context.Context, opened func()) (messages int) {
	l.t.Helper()
	ready := make(chan struct{})
	go func() { opened(); close(ready) }()
	for isReady := false; !isReady; {
		select {
		case <-l.progress:
		case <-ready:
			isReady = true
		case <-ctx.Done():
			l.t.Fatal("the streams do not open")
		}
	}
	for range loadReloads {
		for range loadMessages {
			select {
			case <-l.progress:
				messages++
			case <-ctx.Done():
				l.t.Fatalf("no message gets through any more; %d did; log:\n%s", messages, l.Log)
			}
		}
		reloaded := make(chan error, 1)
		go func() {
			outcome, err := l.Reload(ctx)
			if err == nil {
				err = outcome.Err
			}
			reloaded <- err
		}()
		for isOver := false; !isOver; {
			select {
			case <-l.progress:
				messages++
			case err := <-reloaded:
				if isOver = true; err != nil {
					l.t.Fatal(err)
				}
			}
		}
	}
	return messages
}

// delivered waits until the platform has as many parts of a conversation as there were
// messages, and compares them. Of the feed it may have one more.
func (l *loadTest) delivered(ctx context.Context, channel, sender string, want []string) {
	l.t.Helper()
	for len(l.feed.Accepted(channel, sender)) < len(want) && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	got := l.feed.Accepted(channel, sender)
	if channel == "feed" {
		got = got[:min(len(got), len(want))]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		l.t.Errorf("%s to %s (-want +got):\n%s", channel, sender, diff)
	}
}

// back waits until no goroutine is left that was not there before, but for the Runners of the
// channels in use, and compares the memory.
func (l *loadTest) back(before goleak.Option, memory uint64) {
	l.t.Helper()
	l.HTTP1.CloseIdleConnections()
	l.HTTP2.CloseIdleConnections()
	var err error
	for range 100 { // each look waits a little by itself
		if err = goleak.Find(append(ownGoroutines(), before, goleak.IgnoreAnyFunction(runnerGoroutine))...); err == nil {
			break
		}
	}
	if err != nil {
		l.t.Error(err)
	}
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	if n := strings.Count(string(stacks), "\n"+runnerGoroutine+"("); n != 3 {
		l.t.Errorf("%d Runners run, want those of chat, feed and socketio", n)
	}
	if now := memoryInUse(); now > memory+loadMemory {
		l.t.Errorf("%d MiB in use, and %d MiB before", now>>20, memory>>20)
	}
}

// runnerGoroutine is the function of the goroutine of each Runner.
const runnerGoroutine = "github.com/manyvox/manyvox/service.(*runners).start.func1"

var _ channels.Runner = (*feedChannel)(nil)
