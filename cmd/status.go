package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/journal"
)

// statusCommand tells how a program that runs is doing.
type statusCommand struct {
	clientFlags `embed:""`
	JSON        bool `name:"json" help:"One JSON object."`
}

// Run prints the status.
func (c *statusCommand) Run(ctx context.Context, p Program) error {
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
		res, err := client.GetStatus(ctx, &manyvoxv1.GetStatusRequest{})
		switch {
		case err != nil:
			return err
		case c.JSON:
			return newPrinter(p.Stdout, true).print(res)
		}
		return printStatus(p.Stdout, res)
	})
}

// printStatus prints the status for people: the program, the journal, the channels, what
// is held back, and what waits for nobody.
func printStatus(out io.Writer, res *manyvoxv1.GetStatusResponse) error {
	fmt.Fprintf(out, "manyvox %s, since %s%s\n", cell(res.GetVersion()), timestamp(res.GetStarted()), ifSet(res.GetDraining(), ", shutting down"))
	fmt.Fprintf(out, "journal: %s\n%s\n", describeJournal(res.GetJournal()), describeConfiguration(res))
	table := newPrinter(out, false, "CHANNEL", "TYPE", "INBOX", "OUTBOX", "LAST ERROR")
	for _, c := range res.GetChannels() {
		lastError := ""
		if e := c.GetLastError(); e != nil {
			lastError = timestamp(e.GetTime()) + " " + cell(e.GetCode()+": "+e.GetMessage())
		}
		inbox, outbox := countsOf(c.GetWaiting())
		if err := table.print(c, cell(c.GetName()), c.GetType(), inbox, outbox, lastError); err != nil {
			return err
		}
	}
	if err := errors.Join(table.flush(), printAgentStates(out, res), printHolds(out, res)); err != nil {
		return err
	}
	if err := printWrongs(out, res); err != nil {
		return err
	}
	for _, o := range res.GetOrphans() {
		w := journal.Waiting{Inbox: int(o.GetWaiting().GetInbox()), Outbox: int(o.GetWaiting().GetOutbox())}
		fmt.Fprintf(out, "\nchannel %s is not configured any more: %s\n", cell(o.GetName()), describeWaiting(w))
	}
	return printPaused(out, res)
}

// printAgentStates prints how the agents are doing, nothing when the program tells of none.
func printAgentStates(out io.Writer, res *manyvoxv1.GetStatusResponse) error {
	if len(res.GetAgents()) == 0 {
		return nil
	}
	fmt.Fprintln(out)
	table := newPrinter(out, false, "AGENT", "TYPE", "TURNS", "AT MOST", "BREAKER")
	for _, a := range res.GetAgents() {
		limit := ifSet(a.GetConcurrency() > 0, strconv.FormatInt(a.GetConcurrency(), 10))
		if err := table.print(a, cell(a.GetName()), a.GetType(), strconv.FormatInt(a.GetInFlight(), 10), limit, describeBreaker(a.GetBreaker())); err != nil {
			return err
		}
	}
	return table.flush()
}

// describeBreaker tells how an agent's circuit breaker is, and until when.
func describeBreaker(h *manyvoxv1.Hold) string {
	if h == nil {
		return "closed"
	}
	return stateWord(h.GetState()) + ifSet(h.GetUntil() != nil, " until "+moment(h.GetUntil()))
}

// printPaused prints the conversations that are paused, nothing when none is.
func printPaused(out io.Writer, res *manyvoxv1.GetStatusResponse) error {
	if res.GetPausedCount() == 0 {
		return nil
	}
	fmt.Fprintf(out, "\n%s paused, the newest first:\n", plural(res.GetPausedCount(), "conversation"))
	table := newPrinter(out, false, "CHANNEL", "SENDER", "SINCE", "REASON")
	for _, c := range res.GetPaused() {
		if err := table.print(c, cell(c.GetChannel()), cell(c.GetSender()), timestamp(c.GetSince()), cell(c.GetReason())); err != nil {
			return err
		}
	}
	return table.flush()
}

// describeConfiguration tells which configuration is in use, and why the last reload brought
// no other. It is a line, or nothing before the first reload.
func describeConfiguration(res *manyvoxv1.GetStatusResponse) string {
	last := res.GetLastReload()
	if last == nil {
		return ""
	}
	text := fmt.Sprintf("configuration: revision %d", res.GetRevision())
	if last.GetError() != "" {
		return text + "; the reload of " + timestamp(last.GetTime()) + " FAILED: " + line(last.GetError()) + "\n"
	}
	return text + ", reloaded " + timestamp(last.GetTime()) + "\n"
}

// printHolds prints what is held back, nothing when nothing is.
func printHolds(out io.Writer, res *manyvoxv1.GetStatusResponse) error {
	holds := res.GetAgentHolds()
	for _, c := range res.GetChannels() {
		holds = append(holds, c.GetHolds()...)
	}
	if len(holds) == 0 {
		return nil
	}
	fmt.Fprintln(out)
	table := newPrinter(out, false, "HELD BACK", "STATE", "SINCE", "UNTIL", "REASON")
	for _, h := range holds {
		what := "channel " + h.GetChannel() + ifSet(h.GetKey() != "", " to "+h.GetKey())
		if h.GetAgent() != "" {
			what = "agent " + h.GetAgent()
		}
		if err := table.print(h, cell(what), stateWord(h.GetState()), moment(h.GetSince()), moment(h.GetUntil()), cell(h.GetReason())); err != nil {
			return err
		}
	}
	return table.flush()
}

// printWrongs prints which exchanges of channels went wrong, nothing when none did.
func printWrongs(out io.Writer, res *manyvoxv1.GetStatusResponse) error {
	var table *printer
	for _, c := range res.GetChannels() {
		for _, n := range c.GetExchanges() {
			if n.GetVerdict() < manyvoxv1.Exchange_VERDICT_SIGNATURE_WRONG {
				continue
			}
			if table == nil {
				fmt.Fprintln(out)
				table = newPrinter(out, false, "WENT WRONG", "", "VERDICT", "TIMES", "LAST", "WHAT")
			}
			err := table.print(n, cell("channel "+c.GetName()), directionWord(n.GetDirection()), verdictWord(n.GetVerdict()),
				strconv.FormatInt(n.GetCount(), 10), timestamp(n.GetLast().GetTime()), describeExchange(n.GetLast()))
			if err != nil {
				return err
			}
		}
	}
	if table == nil {
		return nil
	}
	return table.flush()
}

func describeJournal(j *manyvoxv1.JournalStatus) string {
	text := "writable"
	if !j.GetWritable() {
		text = "CANNOT BE WRITTEN"
	}
	if !j.GetAnswers() {
		return text + ", does not answer"
	}
	return fmt.Sprintf("%s, %s to be answered, %s to be sent, %s", text,
		plural(j.GetInbox(), "message"), plural(j.GetOutbox(), "part"), plural(j.GetDeadLetters(), "dead letter"))
}

// countsOf returns what waits in a channel, "?" where the journal does not answer.
func countsOf(w *manyvoxv1.ChannelWaiting) (inbox, outbox string) {
	if w == nil {
		return "?", "?"
	}
	return strconv.FormatInt(w.GetInbox(), 10), strconv.FormatInt(w.GetOutbox(), 10)
}

func stateWord(s manyvoxv1.Hold_State) string {
	switch s {
	case manyvoxv1.Hold_STATE_OPEN:
		return "open"
	case manyvoxv1.Hold_STATE_HALF_OPEN:
		return "half-open"
	case manyvoxv1.Hold_STATE_PAUSED:
		return "paused"
	case manyvoxv1.Hold_STATE_UNSPECIFIED:
	}
	return "unknown"
}

// moment returns a time, "" for none.
func moment(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return timestamp(t)
}

// ifSet returns a text where a condition holds.
func ifSet(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}
