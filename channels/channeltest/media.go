package channeltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"

	"github.com/manyvox/manyvox/channels"
)

// unknownRef is the ref of no medium.
const unknownRef = "unknown/ref?of=nothing"

// fetchesSafely has a channel fetch media from a platform that does not have them, does not
// answer, or does not stop.
func fetchesSafely(s subject) error {
	block := s.typ.Example
	if s.platform != nil {
		block = s.platform.withDefaults(s.typ).Block
	}
	c, err := open(s.typ, block, slog.DiscardHandler)
	if err != nil {
		return fmt.Errorf("its block does not open: %w", err)
	}
	if _, fetches := c.(channels.Media); !fetches {
		return nil
	}
	for _, check := range []func(subject, string) error{fetchesUnknown, endsFetch, boundsFetch} {
		if err := check(s, block); err != nil {
			return err
		}
	}
	return nil
}

// fetchFrom has the channel fetch a medium, whatever address it calls, from a platform that
// answers so, and read it. It returns how many bytes there were, and the end. It does not
// wait longer than the subject's patience, and reads no more than one byte too many.
func fetchFrom(ctx context.Context, s subject, block string, platform http.HandlerFunc) (n int64, err error) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only behind it does net/http see that the caller goes away
		platform(w, r)
	}))
	defer server.Close()
	defer server.CloseClientConnections() // a channel that hangs has a call under way
	config, err := decode(s.typ, block)
	if err != nil {
		return 0, err
	}
	fillSecrets(reflect.ValueOf(config).Elem())
	c, err := startWith(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}, s.typ, config, slog.DiscardHandler)
	if err != nil {
		return 0, fmt.Errorf("it does not open with other secrets: %w", err)
	}
	type result struct {
		n   int64
		err error
	}
	done := make(chan result, 1)
	go func() {
		m, err := c.(channels.Media).Fetch(ctx, unknownRef)
		if err != nil {
			done <- result{0, err}
			return
		}
		defer m.Close() //nolint:errcheck // it was read, or cannot be
		n, err := io.Copy(io.Discard, io.LimitReader(m, channels.MaxMedium+1))
		done <- result{n, err}
	}()
	patient, cancel := context.WithTimeout(context.Background(), s.patience)
	defer cancel()
	select {
	case r := <-done:
		return r.n, r.err
	case <-patient.Done():
		return 0, errHangs
	}
}

// errHangs is the error of a Fetch that does not return.
var errHangs = errors.New("neither Fetch nor reading what it fetched ends")

// fetchesUnknown asks for what the platform does not have.
func fetchesUnknown(s subject, block string) error {
	_, err := fetchFrom(context.Background(), s, block, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, fmt.Sprint(r.URL, r.Header), http.StatusNotFound) // as some do
	})
	switch {
	case err == nil:
		return errors.New("it fetches something for an unknown ref")
	case errors.Is(err, errHangs):
		return fmt.Errorf("an unknown ref: %w", err)
	}
	return hides("the error of Fetch", err.Error())
}

// endsFetch ends the context of a Fetch while the platform does not answer.
func endsFetch(s subject, block string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := fetchFrom(ctx, s, block, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if err == nil || errors.Is(err, errHangs) {
		return fmt.Errorf("the context has ended while the platform does not answer: error %w", err)
	}
	return nil
}

// boundsFetch has the platform send without end.
func boundsFetch(s subject, block string) error {
	n, err := fetchFrom(context.Background(), s, block, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	if err == nil || errors.Is(err, errHangs) || n > channels.MaxMedium {
		return fmt.Errorf("the platform sends without end: reading gives %d bytes, error %w", n, err)
	}
	return nil
}
