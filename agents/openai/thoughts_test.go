package openai_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents/openai"
)

func TestThoughts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"none", "Hello <b>", "Hello <b>"},
		{"white space in front", " \n\u2028Hello ", "Hello "},
		{"nothing", "", ""},
		{"white space alone", " \n ", ""},
		{"a thought", "<think>\nhm\n</think>\n\nHello", "Hello"},
		{"the other tag", "<thinking>hm</thinking>Hello", "Hello"},
		{"an empty one", "\n<think></think>Hello", "Hello"},
		{"two", "<think>a</think> <think>b</think>Hello", "Hello"},
		{"the end of the other", "<think>a</thinking>b</think>Hello", "Hello"},
		{"a tag within the thought", "<think>a<think>b</think>Hello", "Hello"},
		{"within the text", "Hello <think>x</think>", "Hello <think>x</think>"},
		{"no end", "<think>hm", ""},
		{"half an end", "<think>hm</thin", ""},
		{"half a tag", "<thi", "<thi"},
		{"a tag that is another", "<thinks>a", "<thinks>a"},
		{"less than", "< think", "< think"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(openai.WithoutThoughts(c.text), ""); got != c.want {
				t.Errorf("at once: got %q, want %q", got, c.want)
			}
			if got := strings.Join(openai.WithoutThoughts(strings.Split(c.text, "")...), ""); got != c.want {
				t.Errorf("by characters: got %q, want %q", got, c.want)
			}
		})
	}
}

// TestThoughtsAtOnce hands on what is text with the piece that shows it.
func TestThoughtsAtOnce(t *testing.T) {
	t.Parallel()
	got := openai.WithoutThoughts("<", "think>a</think", ">", " \nHel", "lo", "<think>")
	want := []string{"", "", "", "Hel", "lo", "<think>", ""}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzThoughts shows the same however a text is cut, and never more than the text.
func FuzzThoughts(f *testing.F) {
	for _, seed := range []string{"", "Hello", "<think>a</think> b", " <thinking>a", "<thi", "a<think>b</think>"} {
		f.Add(seed, uint8(3))
	}
	f.Fuzz(func(t *testing.T, text string, at uint8) {
		cut := min(int(at), len(text))
		whole := strings.Join(openai.WithoutThoughts(text), "")
		if pieces := strings.Join(openai.WithoutThoughts(text[:cut], text[cut:]), ""); pieces != whole {
			t.Errorf("at once %q, in pieces %q", whole, pieces)
		}
		if !strings.HasSuffix(text, whole) {
			t.Errorf("%q of %q", whole, text)
		}
	})
}
