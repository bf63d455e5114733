package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// maxModels is the longest list of models that is read, in bytes.
const maxModels = 4 << 20

// Probe asks the server for its models, which shows whether it takes the key and knows the model.
// Some servers have no such list.
// https://platform.openai.com/docs/api-reference/models/list
func (a *Agent) Probe(ctx context.Context) (string, error) {
	failed := func(err error) error { return fmt.Errorf("agent openai: %s", a.secrets.Replace(err.Error())) }
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.config.address("models"), nil)
	if err != nil {
		return "", failed(err)
	}
	a.config.setHeaders(req.Header)
	res, err := a.client.Do(req)
	if err != nil {
		return "", failed(agents.DialError(err, a.secrets))
	}
	defer func() { _ = res.Body.Close() }()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return "the server answers, and has no list of models", nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return "", fmt.Errorf("agent openai: the server answered %d %s: check api_key and headers", res.StatusCode, http.StatusText(res.StatusCode))
	default:
		return "", fmt.Errorf("agent openai: the server answered %d %s", res.StatusCode, http.StatusText(res.StatusCode))
	}
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxModels)).Decode(&list); err != nil {
		return "", errors.New("agent openai: the server's list of models cannot be read")
	}
	for _, m := range list.Data {
		if m.ID == a.config.Model {
			return fmt.Sprintf("the server has the model %q", a.config.Model), nil
		}
	}
	return fmt.Sprintf("the server lists %d models, %q is none of them", len(list.Data), a.config.Model), nil
}

var _ channels.Prober = (*Agent)(nil)
