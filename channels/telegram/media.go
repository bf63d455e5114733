package telegram

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// Fetch gets a file by its file_id. The address of its bytes holds the token, so that it is in
// no error. https://core.telegram.org/bots/api#getfile
func (c *Channel) Fetch(ctx context.Context, ref string) (channels.Medium, error) {
	result, err := c.api.call(ctx, "getFile", params{"file_id": ref})
	if err != nil {
		if channels.HasSendCode(err, "too_big") {
			return channels.Medium{}, channels.Errorf(channels.CodeTooLarge, "the file is larger than the 20 MB that Telegram lets bots fetch")
		}
		return channels.Medium{}, channels.MediumError(ctx, err)
	}
	var found struct {
		Path string `json:"file_path"`
		Size int64  `json:"file_size"`
	}
	if json.Unmarshal(result, &found) != nil || !isFilePath(found.Path) {
		return channels.Medium{}, channels.Errorf(channels.CodeUnavailable,
			"the Bot API names no file that can be fetched: a server of one's own must not run with --local")
	}
	address := c.config.base() + "/file/bot" + c.config.AccessToken.Reveal() + "/" + (&url.URL{Path: found.Path}).EscapedPath()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil { // it would quote the token
		return channels.Medium{}, channels.Errorf(channels.CodeUnavailable, "the Bot API names a file at no address")
	}
	m, err := c.files.Get(req)
	if err != nil {
		return channels.Medium{}, err
	}
	if m.Name == "" {
		m.Name = path.Base(found.Path)
	}
	return m, nil
}

// isFilePath reports whether a path leads to a file below our own address.
func isFilePath(p string) bool {
	return p != "" && p[0] != '/' && !slices.Contains(strings.Split(p, "/"), "..")
}
