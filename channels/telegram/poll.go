package telegram

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	// pollTimeout is how long Telegram waits for an update: at most 50 s, and proxies close a
	// silent connection at 60.
	pollTimeout = 30 * time.Second
	// maxUpdates bounds what is fetched at once, in bytes. Telegram sends 4 MiB at most.
	maxUpdates = 8 << 20
)

// allowedUpdates are the kinds that are fetched and delivered. It is always told, since
// Telegram keeps what was told before. https://core.telegram.org/bots/api#setwebhook
func allowedUpdates() []string {
	return []string{"message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"}
}

// poll fetches updates until ctx ends. An error is one that does not pass by itself. A webhook is
// taken away first, since Telegram lets nobody poll beside one.
func (c *Channel) poll(ctx context.Context, in channels.Inbox) error {
	if err := c.learnName(ctx); err != nil {
		return err
	}
	if err := c.ask(ctx, "deleteWebhook", nil, nil); err != nil {
		return err
	}
	c.log.Info("fetching updates by long polling", "bot", c.knownName())
	var answers sync.WaitGroup
	defer answers.Wait()
	return (&channels.Poller[int64]{
		Loop: channels.Loop{Log: c.log, Failed: "updates not fetched, or not stored, so that they come again"},
		Fetch: func(ctx context.Context, offset int64) (channels.Incoming, int64, error) {
			t, next, err := c.fetch(ctx, offset, 100, pollTimeout) // 100 is the most
			answers.Go(func() { c.answer(ctx, t.queries) })        // the next poll does not wait for it
			return t.Incoming, next, err
		},
		Confirm: func(ctx context.Context, offset int64) error {
			_, _, err := c.fetch(ctx, offset, 1, 0)
			return err
		},
	}).Run(ctx, in)
}

// fetch takes the updates from offset on, which confirms those before it, and returns the next
// offset.
func (c *Channel) fetch(ctx context.Context, offset int64, limit int, wait time.Duration) (t taken, next int64, err error) {
	var updates []json.RawMessage
	t.IDOf, next = idOf, offset
	err = c.ask(ctx, "getUpdates", params{
		"offset": offset, "limit": limit, "timeout": int(wait.Seconds()), "allowed_updates": allowedUpdates(),
	}, &updates)
	for _, body := range updates {
		if id := c.take(ctx, body, &t); id != 0 {
			next = id + 1
		}
	}
	return t, next, err
}

// answer answers callback queries, so that the buttons stop to turn.
func (c *Channel) answer(ctx context.Context, queries []string) {
	for _, id := range queries {
		if err := c.api.call(ctx, "answerCallbackQuery", params{"callback_query_id": id}, nil); err != nil {
			c.log.Debug("callback query not answered", "error", err) // one that is too old
		}
	}
}
