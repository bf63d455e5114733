package server_test

import (
	"testing"

	"github.com/manyvox/manyvox/service/server"
)

func TestOverlap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"/a", "/a", true},
		{"/a", "/b", false},
		{"/a", "/a/b", false},
		{"/a/", "/a/b", true},
		{"/a/", "/a", true}, // net/http sends "/a" on to "/a/"
		{"/a/{$}", "/a", false},
		{"/a/{$}", "/a/", true},
		{"/a/{$}", "/a/{x}", false},
		{"/a/{$}", "/a/{x...}", true},
		{"/a/{$}", "/a/{$}", true},
		{"/a/{x...}", "/a", false},
		{"/{x}", "/a", true},
		{"/{x}", "/{y}", true},
		{"/{x}/b", "/a/{y}", true},
		{"/{x}/b", "/a/c", false},
		{"/{x}/b", "/a/", true},
		{"/", "/a/b", true},
		{"/", "/{$}", true},
		{"/{$}", "/a", false},
		{"/%61", "/a", true},
		{"GET /a", "POST /a", false},
		{"GET /a", "HEAD /a", true},
		{"GET /a", "/a", true},
		{"POST  /a", "POST /a", true},
		{"x.example/a", "y.example/a", false},
		{"x.example/a", "/a", true},
		{"GET x.example/a", "x.example/a", true},
	} {
		for _, pair := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			if got := server.Overlap(pair[0], pair[1]); got != c.want {
				t.Errorf("%q and %q overlap: %v, want %v", pair[0], pair[1], got, c.want)
			}
		}
	}
}
