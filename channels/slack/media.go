package slack

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// Fetch gets a file by its id. https://docs.slack.dev/reference/methods/files.info
func (c *Channel) Fetch(ctx context.Context, ref string) (channels.Medium, error) {
	var found struct {
		File file `json:"file"`
	}
	if _, err := c.api.ask(ctx, "files.info", url.Values{"file": {ref}}, &found); err != nil {
		return channels.Medium{}, fetchError(ctx, err)
	}
	u, err := url.Parse(cmp.Or(found.File.Download, found.File.Private))
	if err != nil || !c.isNamed(u) {
		return channels.Medium{}, channels.Errorf(channels.CodeUnavailable, "Slack does not keep the file itself: it is at another address")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return channels.Medium{}, channels.Errorf(channels.CodeUnavailable, "Slack names no address of the file")
	}
	req.Header = c.api.Header.Clone()
	m, err := c.files.Get(req)
	if err != nil {
		return channels.Medium{}, err
	}
	// A token without files:read gets a page to log in, with the status 200.
	if strings.HasPrefix(m.MIME, "text/html") && !strings.HasPrefix(found.File.MIME, "text/html") {
		_ = m.Close()
		return channels.Medium{}, channels.Errorf(channels.CodeUnavailable, "Slack asks to log in where the file should be: the scope files:read is missing")
	}
	m.Name, m.MIME = cmp.Or(m.Name, found.File.Name), cmp.Or(found.File.MIME, m.MIME)
	return m, nil
}

// fetchError returns an error of files.info for whoever reads the file.
func fetchError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return channels.AsError(ctx.Err())
	}
	if hasCode(err, "file_not_found", "file_deleted", "invalid_arguments") {
		return &channels.Error{Code: channels.CodeNotFound, Message: "Slack does not have the file", Err: err}
	}
	return &channels.Error{Code: channels.CodeUnavailable, Message: "the file cannot be fetched from Slack", Err: err}
}
