package web_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// rich runs the commands whose replies are hard to show. It reports false for another command.
func rich(ctx context.Context, command, argument string, r channels.Replier) (bool, error) {
	first, rest, _ := strings.Cut(argument, " ")
	switch command {
	case "/markdown": // TEXT, as Markdown
		return true, r.Reply(ctx, channels.Reply{Text: argument, Format: channels.FormatMarkdown})
	case "/repeat": // N PIECE: the piece over and over, up to N bytes of Markdown
		text, err := repeated(first, rest)
		if err != nil {
			return true, err
		}
		return true, r.Reply(ctx, channels.Reply{Text: text + "\n\nthe end", Format: channels.FormatMarkdown})
	case "/growing": // N PIECE: as /repeat, but the text grows
		text, err := repeated(first, rest)
		if err != nil {
			return true, err
		}
		return true, grow(ctx, time.Millisecond, text+"\n\nthe end", r)
	case "/grow": // MILLISECONDS TEXT: the text as Markdown that grows, with so long a pause after each piece
		pause, err := strconv.Atoi(first)
		if err != nil {
			return true, err
		}
		return true, grow(ctx, time.Duration(pause)*time.Millisecond, rest, r)
	case "/json": // N PIECE: custom JSON, a list of N bytes of the piece, or N levels deep without one
		n, err := strconv.Atoi(first)
		if err != nil {
			return true, err
		}
		custom := strings.Repeat("[", n) + strings.Repeat("]", n)
		if rest != "" {
			custom = "[" + strings.Repeat(rest+",", n/(len(rest)+1)) + rest + "]"
		}
		return true, r.Reply(ctx, channels.Reply{Custom: json.RawMessage(custom)})
	}
	return false, nil
}

func repeated(bytes, piece string) (string, error) {
	n, err := strconv.Atoi(bytes)
	if err != nil {
		return "", err
	}
	piece, err = strconv.Unquote(`"` + piece + `"`)
	if err != nil {
		return "", err
	}
	return strings.Repeat(piece, n/len(piece)), nil
}

// pieceLength is how many bytes a growing text grows by.
const pieceLength = 16

func grow(ctx context.Context, pause time.Duration, text string, r channels.Replier) error {
	for rest := text; rest != ""; {
		n := min(pieceLength, len(rest))
		if err := channels.DeltaIn(ctx, r, channels.FormatMarkdown, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return r.Reply(ctx, channels.Reply{Text: text, Format: channels.FormatMarkdown})
}
