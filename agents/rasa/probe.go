package rasa

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// maxGreeting bounds what is shown of the server's answer.
const maxGreeting = 80

// Probe asks the server for its greeting, "Hello from Rasa: 3.6.21", which needs no token.
func (a *Agent) Probe(ctx context.Context) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+"/", nil)
	if err != nil {
		return "", fmt.Errorf("agent rasa: url: %s", a.secrets.Replace(err.Error()))
	}
	for name, value := range a.headers {
		req.Header.Set(name, value.Reveal())
	}
	res, err := a.client.Do(req)
	if err != nil {
		return "", fmt.Errorf("agent rasa: %s", a.secrets.Replace(err.Error()))
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("agent rasa: the server answered %s", res.Status)
	}
	line, err := bufio.NewReader(io.LimitReader(res.Body, maxGreeting)).ReadString('\n')
	if err != nil && err != io.EOF { //nolint:errorlint // a Reader's end is io.EOF itself
		return "", fmt.Errorf("agent rasa: the server's answer cannot be read: %s", a.secrets.Replace(err.Error()))
	}
	line = strings.ToValidUTF8(strings.TrimSpace(line), "\uFFFD")
	if !strings.HasPrefix(line, "Hello from ") {
		return "", fmt.Errorf("agent rasa: the server greets by %q: expected \"Hello from Rasa\"", line)
	}
	return line, nil
}

var _ channels.Prober = (*Agent)(nil)
