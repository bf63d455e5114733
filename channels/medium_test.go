package channels_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/manyvox/manyvox/channels"
)

// closing notes that it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestMediumLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, content string
		size          int64
		read          string
		code          channels.Code
	}{
		{"less", "abc", 3, "abc", 0},
		{"as much", "abcd", 0, "abcd", 0},
		{"more than it says", "abcde", 0, "abcd", channels.CodeTooLarge},
		{"nothing", "", 0, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, reader := range []io.Reader{strings.NewReader(c.content), iotest.OneByteReader(strings.NewReader(c.content))} {
				m, err := channels.Medium{ReadCloser: io.NopCloser(reader), Size: c.size}.Limit(4)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(m)
				if string(got) != c.read || (err == nil) != (c.code == 0) || err != nil && channels.AsError(err).Code != c.code {
					t.Errorf("read %q, error %v", got, err)
				}
			}
		})
	}
}

// One that says itself that it is too large is closed at once.
func TestMediumLimitClosesTooLarge(t *testing.T) {
	t.Parallel()
	c := &closing{Reader: strings.NewReader("abcde")}
	_, err := channels.Medium{ReadCloser: c, Size: 5}.Limit(4)
	if !errors.Is(err, &channels.Error{Code: channels.CodeTooLarge}) || !c.closed {
		t.Errorf("error %v, closed %v", err, c.closed)
	}
}

// What the platform does not have is not found; anything else may come later.
func TestMediumError(t *testing.T) {
	t.Parallel()
	over, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		ctx  context.Context
		err  error
		want channels.Code
	}{
		{t.Context(), &channels.SendError{Class: channels.SendGone}, channels.CodeNotFound},
		{t.Context(), &channels.SendError{Class: channels.SendRejected}, channels.CodeNotFound},
		{t.Context(), &channels.SendError{Class: channels.SendThrottled}, channels.CodeUnavailable},
		{t.Context(), &channels.SendError{Class: channels.SendUnauthorized}, channels.CodeUnavailable},
		{t.Context(), errors.New("no"), channels.CodeUnavailable},
		{over, errors.New("no"), channels.CodeCanceled},
	} {
		if got := channels.AsError(channels.MediumError(c.ctx, c.err)).Code; got != c.want {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}
