package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A part that was given up is listed with its reply, and is sent after a replay.
func TestDeadLetterOfAPart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := true
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: func(context.Context, channels.Part, int) error {
			if gone {
				return &channels.SendError{Class: channels.SendGone, Err: errors.New("no such room")}
			}
			return nil
		}}, service.Config{Agent: servicetest.Echo()})
		s.Post(t, "chat", "ann", "hello")
		c := rpcProtocols()[2].client(s.Running)
		res, err := c.ListDeadLetters(operatorContext(t), &manyvoxv1.ListDeadLettersRequest{Channel: "chat"})
		if err != nil || len(res.GetDeadLetters()) != 1 {
			t.Fatal(res, err)
		}
		want := &manyvoxv1.DeadLetter{
			Id: 1, Kind: manyvoxv1.DeadLetter_KIND_UNDELIVERED, Reason: "gone", Code: "gone", Channel: "chat", Sender: "ann",
			Content: &manyvoxv1.DeadLetter_Part{Part: &manyvoxv1.Part{
				Id: s.Calls()[0].Part.ID, Address: "room of ann", Reply: &manyvoxv1.Reply{RecipientId: "ann", Kind: manyvoxv1.Reply_KIND_TEXT, Text: proto.String(servicetest.Private + "hello")},
			}},
		}
		if diff := cmp.Diff(want, res.GetDeadLetters()[0], protocmp.Transform(), protocmp.IgnoreFields(want, "died")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		gone = false
		if res, err := c.ReplayDeadLetters(operatorContext(t), &manyvoxv1.ReplayDeadLettersRequest{Selection: &manyvoxv1.ReplayDeadLettersRequest_All{All: &manyvoxv1.AllDeadLetters{}}}); err != nil || res.GetReplayed() != 1 {
			t.Errorf("replay: %v, %v", res, err)
		}
		synctest.Wait()
		if diff := cmp.Diff([]string{"hello"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

// journalOfDeadLetters has n dead letters, every third of channel mail.
func journalOfDeadLetters(t *testing.T, n int) journal.Journal {
	t.Helper()
	store := memory.Open()
	store.OpenOutbox(journaltest.Slots("chat", "mail"))
	for i := range n {
		name := []string{"chat", "chat", "mail"}[i%3]
		part := channels.Part{ID: fmt.Sprint(i), Channel: name, Sender: fmt.Sprint(i), Reply: channels.Reply{Text: servicetest.Private}}
		if _, err := store.Push(t.Context(), journal.Push{
			Key: journal.Key{Channel: name, Sender: part.Sender, ID: part.ID}, Parts: []channels.Part{part},
		}); err != nil {
			t.Fatal(err)
		}
		d, err := store.NextPart(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := store.SettlePart(t.Context(), d.Claim, journal.PartOutcome{Dead: true, Reason: "rejected"}); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// Pages continue where the last ended, and "all" means all, of one channel or of every one.
func TestDeadLettersByPages(t *testing.T) {
	t.Parallel()
	const all, mails = 3300, 1100
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t), Journal: journalOfDeadLetters(t, all)})
		c := rpcProtocols()[0].client(s.Running)
		var pages []int
		req := &manyvoxv1.ListDeadLettersRequest{PageSize: 5000, Channel: "mail"}
		for more := true; more; more = req.GetPageToken() != "" {
			res, err := c.ListDeadLetters(operatorContext(t), req)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, len(res.GetDeadLetters()))
			req.PageToken = res.GetNextPageToken()
		}
		if diff := cmp.Diff([]int{1000, 100}, pages); diff != "" {
			t.Errorf("pages (-want +got):\n%s", diff)
		}
		replayed, err := c.ReplayDeadLetters(operatorContext(t), &manyvoxv1.ReplayDeadLettersRequest{Selection: &manyvoxv1.ReplayDeadLettersRequest_All{All: &manyvoxv1.AllDeadLetters{Channel: "mail"}}})
		if err != nil || replayed.GetReplayed() != mails {
			t.Errorf("replay: %v, %v", replayed, err)
		}
		synctest.Wait()
		if n := len(s.Calls()); n != mails {
			t.Errorf("%d were sent", n)
		}
		dropped, err := c.DropDeadLetters(operatorContext(t), &manyvoxv1.DropDeadLettersRequest{Selection: &manyvoxv1.DropDeadLettersRequest_All{All: &manyvoxv1.AllDeadLetters{}}})
		if err != nil || dropped.GetDropped() != all-mails {
			t.Errorf("drop: %v, %v", dropped, err)
		}
		dropped, err = c.DropDeadLetters(operatorContext(t), &manyvoxv1.DropDeadLettersRequest{Selection: &manyvoxv1.DropDeadLettersRequest_All{All: &manyvoxv1.AllDeadLetters{}}})
		if err != nil || dropped.GetDropped() != 0 {
			t.Errorf("drop again: %v, %v", dropped, err)
		}
	})
}
