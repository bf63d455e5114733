package rpc

import (
	"strconv"

	"github.com/manyvox/manyvox/channels"
)

// The number of rows of a page.
const (
	defaultPage = 100
	maxPage     = 1000
)

// pageSize returns how many rows a page holds.
func pageSize(wanted int32) (int, error) {
	switch {
	case wanted < 0:
		return 0, channels.Errorf(channels.CodeInvalid, "page_size: negative")
	case wanted == 0:
		return defaultPage, nil
	}
	return min(int(wanted), maxPage), nil
}

// pageToken is what a list goes on from: a cursor or an id, which clients need not know.
func pageToken(n int64) string { return strconv.FormatInt(n, 10) }

// pageStart reads a pageToken; empty gives first.
func pageStart(token string, first int64) (int64, error) {
	if token == "" {
		return first, nil
	}
	n, err := strconv.ParseInt(token, 10, 64)
	if err != nil || n < 0 {
		return 0, channels.Errorf(channels.CodeInvalid, "page_token: not one that a list gave")
	}
	return n, nil
}
