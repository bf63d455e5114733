package channeltest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"

	"github.com/manyvox/manyvox/channels"
)

// canary is put into every secret and must come out nowhere. It is also hexadecimal
// and Base64, for secrets that are checked for that.
const canary = "c0ffee5ec2e7c0ffee5ec2e7"

// hidesSecrets opens the channel with a canary in every secret and looks for it in
// whatever the channel prints, logs and answers.
func hidesSecrets(s subject) error {
	config, err := decode(s.typ, s.typ.Example)
	if err != nil {
		return err
	}
	fillSecrets(reflect.ValueOf(config).Elem())
	var log buffer
	channel, err := start(s.typ, config, slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if err != nil {
		return errors.Join(hides("its error", err.Error()), errors.New("it does not open with other secrets"))
	}
	errs := append(checkSecretTypes(config), printed(config)...)
	for _, in := range []*Inbox{{}, {Err: channels.Errorf(channels.CodeAgentFailed, "failed")}} {
		for _, body := range []string{s.good.Body, "", "{}"} {
			w, err := serve(handlerOf(channel, in), s.with(body).request(context.Background()), maxBody)
			errs = append(errs, err, answered(w))
		}
	}
	return errors.Join(append(errs, hides("its log", log.String()))...)
}

func answered(w *httptest.ResponseRecorder) error {
	if w == nil {
		return nil // it has panicked
	}
	return hides("an answer", fmt.Sprint(w.Header(), w.Body))
}

// printed looks at each way in which a configuration may be shown.
func printed(config channels.Config) (errs []error) {
	for _, v := range []any{config, reflect.ValueOf(config).Elem().Interface()} {
		for _, verb := range []string{"%v", "%+v", "%#v"} {
			errs = append(errs, hides(verb+" of its config", fmt.Sprintf(verb, v)))
		}
		encoded, err := json.Marshal(v)
		errs = append(errs, err, hides("the JSON of its config", string(encoded)))
		var log buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("config", "config", v)
		errs = append(errs, hides("a log line with its config", log.String()))
	}
	return errs
}

// checkSecretTypes checks that the keys which are secret by their names have the type
// Secret.
func checkSecretTypes(config channels.Config) (errs []error) {
	for key, v := range fieldsOf(reflect.ValueOf(config).Elem()) {
		for _, suffix := range []string{"token", "secret", "password"} {
			if strings.HasSuffix(key, suffix) && v.Type() != secretType {
				errs = append(errs, fmt.Errorf("key %s: its type is %v where channels.Secret is expected", key, v.Type()))
			}
		}
	}
	return errs
}

func hides(where, text string) error {
	if strings.Contains(text, canary) {
		return fmt.Errorf("%s shows a secret: %s", where, text)
	}
	return nil
}

// buffer is a bytes.Buffer that a log may write to from several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
