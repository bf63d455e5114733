package telegram_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// grown is a part in which a text grows.
func grown(sender, text string) channels.Part {
	return channels.Part{ID: "p1", Channel: "telegram", Sender: sender, Reply: channels.Reply{Text: text, Format: channels.FormatMarkdown}}
}

func TestDraft(t *testing.T) {
	t.Parallel()
	c, s := onFake(t, polling)
	receipt, err := c.Open(t.Context(), grown("4201", "**He"))
	if err != nil || receipt.ID == "" {
		t.Fatal(receipt, err)
	}
	if err := c.Append(t.Context(), grown("4201", "**Hello** [wor"), receipt, "llo** [wor"); err != nil {
		t.Fatal(err)
	}
	chat := s.Chat(4201)
	if diff := cmp.Diff([]string{"He", "Hello wor"}, chat.Drafts); diff != "" || chat.Texts() != nil {
		t.Errorf("texts %v, drafts %s", chat.Texts(), diff)
	}
	whole := c.Fit(grown("4201", "**Hello** [world](https://x.test)"))[0]
	whole.Reply.Buttons = []channels.Button{{Title: "OK"}}
	closed, err := c.Close(t.Context(), whole, receipt, "")
	if err != nil || closed.ID == "" || closed.ID == receipt.ID {
		t.Errorf("the end is no message: %v, %v", closed, err)
	}
	if chat = s.Chat(4201); chat.Draft != "" || cmp.Diff([]string{"Hello world"}, chat.Texts()) != "" || len(chat.Messages[1].Buttons) != 1 {
		t.Errorf("%+v", chat)
	}
	ids := map[any]bool{}
	for _, call := range s.Calls("sendMessageDraft") {
		ids[call.Args["draft_id"]] = true
	}
	if len(ids) != 1 {
		t.Errorf("drafts %v", ids)
	}
}

// TestDraftFails ends the preview, and makes no edits.
func TestDraftFails(t *testing.T) {
	t.Parallel()
	c, s := onFake(t, polling)
	receipt, err := c.Open(t.Context(), grown("4201", "a"))
	if err != nil {
		t.Fatal(err)
	}
	s.Fail("sendMessageDraft", 429, "Too Many Requests: retry after 9", object{"retry_after": 9})
	if err := c.Append(t.Context(), grown("4201", "a b"), receipt, " b"); channels.AsSendError(err).Class != channels.SendRejected {
		t.Errorf("%v", err)
	}
	if _, err := c.Close(t.Context(), c.Fit(grown("4201", "a b c"))[0], receipt, " c"); err != nil {
		t.Fatal(err)
	}
	chat := s.Chat(4201)
	if diff := cmp.Diff([]string{"a b c"}, chat.Texts()); diff != "" || len(s.Calls("editMessageText")) > 0 {
		t.Errorf("%s %v", diff, s.Calls())
	}
	s.Fail("sendMessageDraft", 404, "Not Found: method not found", nil)
	if _, err := c.Open(t.Context(), grown("4201", "a")); channels.AsSendError(err).Class != channels.SendRejected {
		t.Errorf("an older server: %v", err)
	}
}

func TestEdits(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ name, block, sender string }{
		{"group", polling, "-5"}, {"private chat", polling + "\nstreaming: edit", "4201"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			c, s := onFake(t, x.block)
			receipt, err := c.Open(t.Context(), grown(x.sender, "*a"))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Append(t.Context(), grown(x.sender, "*a b*"), receipt, " b*"); err != nil {
				t.Fatal(err)
			}
			end := c.Fit(grown(x.sender, "*a b* c"))[0]
			for range 2 { // the second is not modified
				if closed, err := c.Close(t.Context(), end, receipt, " c"); err != nil || closed.ID != receipt.ID {
					t.Fatal(closed, err)
				}
			}
			id := int64(4201)
			if x.name == "group" {
				id = -5
			}
			last := s.Chat(id).Messages[1]
			if last.Text != "a b c" || cmp.Diff([]string{"a", "a b"}, last.Versions) != "" || last.Entities[0].Type != "italic" {
				t.Errorf("%+v", last)
			}
		})
	}
}

func TestCloses(t *testing.T) {
	t.Parallel()
	buttons := func(sender, kind string) channels.Part {
		return channels.Part{Sender: sender, Reply: channels.Reply{Text: "?", Buttons: []channels.Button{{Title: "a"}}, Extra: extra("button_type", `"`+kind+`"`)}}
	}
	c := open(t, polling)
	if !c.Closes(buttons("-5", "inline")) || c.Closes(buttons("-5", "reply")) || !c.Closes(buttons("4201", "reply")) || c.Closes(channels.Part{Sender: "4201", Reply: channels.Reply{Image: "x"}}) {
		t.Error("an edit takes inline buttons alone, a message any")
	}
}

// TestGrowingShowsNothing shows the source where Markdown shows nothing yet.
func TestGrowingShowsNothing(t *testing.T) {
	t.Parallel()
	c, s := onFake(t, polling)
	if _, err := c.Open(t.Context(), grown("4201", "**")); err != nil {
		t.Fatal(err)
	}
	if drafts := s.Chat(4201).Drafts; len(drafts) != 1 || strings.TrimSpace(drafts[0]) == "" {
		t.Errorf("drafts %q", drafts)
	}
}

// TestStreamingOff makes a channel that is no Streamer.
func TestStreamingOff(t *testing.T) {
	t.Parallel()
	if _, ok := channeltest.Open(t, typ(), polling+"\nstreaming: \"off\"").(channels.Streamer); ok {
		t.Error("a Streamer")
	}
}
