package cmd

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// logCommand shows or follows the log of a channel.
type logCommand struct {
	clientFlags `embed:""`
	Channel     string `arg:"" help:"The channel's name in credentials.yml."`
	Follow      bool   `short:"f" help:"Go on with what happens from now on, until it is interrupted."`
	JSON        bool   `name:"json" help:"One JSON object a line."`
}

// Run prints the log.
func (c *logCommand) Run(ctx context.Context, p Program) error {
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
		r := newPrinter(p.Stdout, c.JSON, "TIME", "", "ROUTE", "STATUS", "MS", "VERDICT", "SENDER", "WHAT")
		watch := func(ctx context.Context, after string, got func(string)) error {
			return c.watch(ctx, client, &logPrinter{r, p.Stderr}, after, got)
		}
		if !c.Follow {
			return watch(ctx, "", func(string) {})
		}
		return (&follower{watch: watch, stderr: p.Stderr, pause: followPause}).run(ctx)
	})
}

// watch prints exchanges until the stream ends, which is no failure unless they are
// followed.
func (c *logCommand) watch(
	ctx context.Context, client manyvoxv1connect.ConversationServiceClient, r *logPrinter, after string, got func(cursor string),
) error {
	stream, err := client.WatchChannelLog(ctx, &manyvoxv1.WatchChannelLogRequest{Channel: c.Channel, Follow: c.Follow, After: after})
	if err != nil {
		return err
	}
	err = printAll(stream, got, (*manyvoxv1.WatchChannelLogResponse).GetCursor, func(m *manyvoxv1.WatchChannelLogResponse) error {
		if err := r.print(m); err != nil || !c.Follow {
			return err
		}
		return r.flush()
	})
	switch {
	case err != nil:
		return err
	case c.Follow:
		return errStreamEnded
	}
	return r.flush()
}

// logPrinter prints the exchanges of a channel.
type logPrinter struct {
	*printer
	stderr io.Writer
}

func (r *logPrinter) print(m *manyvoxv1.WatchChannelLogResponse) error {
	if m.GetMissed() > 0 {
		fmt.Fprintf(r.stderr, "manyvox: %s are not kept any more\n", plural(m.GetMissed(), "exchange"))
	}
	e := m.GetExchange()
	if e == nil {
		return nil
	}
	status := ""
	if e.GetStatus() != 0 {
		status = strconv.Itoa(int(e.GetStatus()))
	}
	return r.printer.print(e, timestamp(e.GetTime()), directionWord(e.GetDirection()), cell(e.GetRoute()), status,
		strconv.FormatInt(e.GetDuration().AsDuration().Milliseconds(), 10), verdictWord(e.GetVerdict()), cell(e.GetSender()), describeExchange(e))
}

// describeExchange returns what the last column shows of an exchange: why, how often, and
// the message.
func describeExchange(e *manyvoxv1.Exchange) string {
	text := e.GetText()
	if code := e.GetCode(); code != "" && e.GetVerdict() != manyvoxv1.Exchange_VERDICT_SIGNATURE_WRONG {
		text = strings.TrimSuffix(code+": "+text, ": ")
	}
	if e.GetCount() > 1 {
		text += fmt.Sprintf(" (%d in 5 min)", e.GetCount())
	}
	if e.GetMessage() != "" {
		text += " " + strconv.Quote(e.GetMessage())
	}
	return line(strings.TrimSpace(text))
}

// directionWord returns "in" or "out".
func directionWord(d manyvoxv1.Exchange_Direction) string {
	return strings.ToLower(strings.TrimPrefix(d.String(), "DIRECTION_"))
}

// verdictWord returns a verdict in words.
func verdictWord(v manyvoxv1.Exchange_Verdict) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(v.String(), "VERDICT_")), "_", " ")
}
