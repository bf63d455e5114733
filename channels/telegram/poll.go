package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	// pollTimeout is how long Telegram waits for an update: at most 50 s, and proxies close a
	// silent connection at 60.
	pollTimeout = 30 * time.Second
	// pollPause is after a poll that has failed.
	pollPause = 3 * time.Second
	// fetched is how many are asked for, which is the most.
	fetched = 100
	// maxUpdates bounds what is fetched at once, in bytes. Telegram sends 4 MiB at most.
	maxUpdates = 8 << 20
	// lastCall bounds the calls that are made when the program ends.
	lastCall = 3 * time.Second
)

// allowedUpdates are the kinds that are fetched and delivered. It is always told, since
// Telegram keeps what was told before. https://core.telegram.org/bots/api#setwebhook
func allowedUpdates() []string {
	return []string{"message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"}
}

// poller fetches updates.
type poller struct {
	*Channel
	in channels.Inbox
	// offset is the id of the next update.
	offset int64
	// answers are the callback queries that are being answered.
	answers sync.WaitGroup
}

// poll fetches updates until ctx ends. An error is one that does not pass by itself. A webhook is
// taken away first, since Telegram lets nobody poll beside one.
func (c *Channel) poll(ctx context.Context, in channels.Inbox) error {
	if err := c.learnName(ctx); err != nil {
		return err
	}
	if _, err := c.ask(ctx, "deleteWebhook", nil); err != nil {
		return err
	}
	c.log.Info("fetching updates by long polling", "bot", c.knownName())
	p := &poller{Channel: c, in: in}
	defer p.answers.Wait()
	defer p.confirm(ctx)
	return channels.Loop{Log: c.log, Failed: "updates not fetched", Pause: pollPause}.Run(ctx, p.next)
}

// next fetches updates and hands them on. Those that are not stored come again.
func (p *poller) next(ctx context.Context) error {
	updates, err := p.fetch(ctx, fetched, pollTimeout)
	if err != nil {
		return err
	}
	var t taken
	next := p.offset
	for _, body := range updates {
		if id := p.take(ctx, body, &t); id != 0 {
			next = id + 1
		}
	}
	err = p.follow(ctx, &t)
	if err == nil {
		err = t.Post(ctx, p.in)
	}
	if err != nil {
		return fmt.Errorf("not stored, so that they come again: %w", err)
	}
	p.offset = next
	p.answers.Go(func() { p.answer(ctx, t.queries) }) // the next poll does not wait for it
	return nil
}

// fetch returns the updates from offset on, and confirms those before it.
func (p *poller) fetch(ctx context.Context, limit int, wait time.Duration) (updates []json.RawMessage, err error) {
	result, err := p.ask(ctx, "getUpdates", params{
		"offset": p.offset, "limit": limit, "timeout": int(wait.Seconds()), "allowed_updates": allowedUpdates(),
	})
	if err == nil && json.Unmarshal(result, &updates) != nil {
		err = errors.New("getUpdates: the result is no list of updates")
	}
	return updates, err
}

// answer answers callback queries, so that the buttons stop to turn.
func (p *poller) answer(ctx context.Context, queries []string) {
	for _, id := range queries {
		if _, err := p.api.call(ctx, "answerCallbackQuery", params{"callback_query_id": id}); err != nil {
			p.log.Debug("callback query not answered", "error", err) // one that is too old
		}
	}
}

// confirm tells Telegram at the end which updates are stored, so that they do not come again.
func (p *poller) confirm(ctx context.Context) {
	if p.offset == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastCall)
	defer cancel()
	if _, err := p.fetch(ctx, 1, 0); err != nil {
		p.log.Debug("updates not confirmed: they come once more, and are known", "error", err)
	}
}
