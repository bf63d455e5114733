package rpc

import (
	"google.golang.org/protobuf/proto"

	"github.com/manyvox/manyvox/channels"
)

// The number of rows of a page, and how much it has in bytes when it ends earlier.
const (
	defaultPage = 100
	maxPage     = 1000
	maxPageSize = 1 << 20
)

// page is one page of a list that is being filled.
type page struct {
	cursors Cursors
	rows    int
	bytes   int
}

// newPage makes a page of as many rows as the caller wants.
func (c Cursors) newPage(wanted int32) (*page, error) {
	switch {
	case wanted < 0:
		return nil, channels.InvalidField("page_size", "negative")
	case wanted == 0:
		wanted = defaultPage
	}
	return &page{cursors: c, rows: min(int(wanted), maxPage)}, nil
}

// start returns behind what the page begins: the token that the page before gave, else first.
func (p *page) start(token string, first int64) (int64, error) {
	if token == "" {
		return first, nil
	}
	return p.cursors.read("page_token", token)
}

// takes reports whether a row is on the page. The first one always is.
func (p *page) takes(row proto.Message) bool {
	size := proto.Size(row)
	if p.rows == 0 || p.bytes > 0 && p.bytes+size > maxPageSize {
		return false
	}
	p.rows--
	p.bytes += size
	return true
}
