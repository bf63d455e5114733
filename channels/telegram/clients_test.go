package telegram_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
)

// needGrammy skips a test that cannot run here. In CI nothing may be missing.
func needGrammy(t *testing.T) {
	t.Helper()
	missing := ""
	if _, err := os.Stat("clients/node_modules/grammy"); err != nil {
		missing = "no node_modules: run npm ci in channels/telegram/clients"
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing = "no node on this machine"
	}
	switch {
	case missing != "" && os.Getenv("CI") == "true":
		t.Fatal(missing)
	case missing != "":
		t.Skip(missing)
	}
}

// TestGrammy has a bot of grammY's poll and send: the fake is as a published client expects
// Telegram to be.
func TestGrammy(t *testing.T) {
	t.Parallel()
	needGrammy(t)
	s, url := fake(t, telegramtest.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out strings.Builder
	bot := exec.CommandContext(ctx, "node", "clients/bot.mjs", url, token)
	bot.Stdout, bot.Stderr = &out, t.Output()
	if err := bot.Start(); err != nil {
		t.Fatal(err)
	}
	want := 0
	said := func(text string) {
		t.Helper()
		want++
		err := s.Wait(ctx, func() bool { c := s.Chat(4201); return len(c.Texts()) >= want })
		c := s.Chat(4201)
		if texts := c.Texts(); err != nil || texts[want-1] != text {
			t.Fatalf("%v: %q, want %q", err, texts, text)
		}
	}
	s.Say(4201, "Hello 👋")
	said("Hello 👋")
	s.Say(4201, "buttons")
	said("?")
	s.Press(4201, "Yes")
	said("/yes")
	if s.Turning() != 0 {
		t.Error("the button turns")
	}
	s.Say(4201, "photo")
	said("here")
	s.Attach(4201, "voice", "audio/ogg", telegramtest.File{Data: []byte("spoken")})
	said("spoken")
	s.Say(4201, "edit")
	s.Say(4201, "wrong")
	s.Say(4201, "stop")
	if err := bot.Wait(); err != nil {
		t.Fatal(err)
	}
	c := s.Chat(4201)
	if diff := cmp.Diff([]string{"two", "bye"}, c.Texts()[want:]); diff != "" {
		t.Error(diff)
	}
	wantOut := "started vox_test_bot\n" +
		"400 Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message\n" +
		"400 Bad Request: can't parse entities: Unsupported start tag \"p\" at byte offset 0\n" +
		"400 Bad Request: message is too long\nstopped\n"
	if diff := cmp.Diff(wantOut, out.String()); diff != "" {
		t.Error(diff)
	}
	if n := s.Pending(); n != 0 {
		t.Errorf("%d updates are not confirmed", n)
	}
}

// TestPythonTelegramBot has python-telegram-bot parse what the fake tells, so that what the
// channel is tested with is what Telegram sends.
func TestPythonTelegramBot(t *testing.T) {
	t.Parallel()
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import telegram").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no python-telegram-bot on this machine")
		}
		t.Skip("no python-telegram-bot on this machine")
	}
	s, url := fake(t, telegramtest.Options{})
	s.Say(4201, "/start now")
	s.SayTopic(-6, 77, 4201, "topic")
	s.Attach(4202, "voice", "audio/ogg", telegramtest.File{Data: []byte("spoken")})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out strings.Builder
	bot := exec.CommandContext(ctx, "python3", "clients/parse.py", url, token, "5")
	bot.Stdout, bot.Stderr = &out, t.Output()
	if err := bot.Start(); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(ctx, func() bool { c := s.Chat(4201); return len(c.Texts()) == 1 }); err != nil {
		t.Fatal(err)
	}
	s.Press(4201, "Yes")
	s.Block(4203)
	if err := bot.Wait(); err != nil {
		t.Fatal(err)
	}
	want := "me vox_test_bot\ntext /start now private None ['/start'] {}\ntext topic supergroup 77 [] {}\n" +
		"voice audio/ogg spoken {}\nquery /yes 4201 {}\nother 4203 True {}\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if s.Turning() != 0 || s.Pending() != 0 {
		t.Errorf("%d buttons turn, %d updates wait", s.Turning(), s.Pending())
	}
}
