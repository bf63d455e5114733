package server

import (
	"net/url"
	"strings"
)

// pattern is a route's pattern in the language of net/http.ServeMux, taken apart.
type pattern struct {
	text, method, host string
	segments           []segment
}

// segment is a part of a path between two slashes.
type segment struct {
	literal string // "" for the end of a path that ends with a slash
	kind    segmentKind
}

type segmentKind int

const (
	literalSegment segmentKind = iota
	// anySegment is one segment, whatever it is: "{x}".
	anySegment
	// restSegments are one or more: "{x...}".
	restSegments
	// belowSegments are all below a slash at the end: net/http answers the path without that
	// slash too.
	belowSegments
)

// newPattern takes a pattern apart. net/http has taken it, so that it is well-formed.
func newPattern(text string) pattern {
	p := pattern{text: text}
	rest := strings.TrimLeft(text, " \t")
	if i := strings.IndexAny(rest, " \t"); i >= 0 {
		p.method, rest = rest[:i], strings.TrimLeft(rest[i:], " \t")
	}
	slash := max(0, strings.Index(rest, "/"))
	p.host = rest[:slash]
	for part := range strings.SplitSeq(strings.TrimPrefix(rest[slash:], "/"), "/") {
		p.segments = append(p.segments, newSegment(part))
	}
	return p
}

func newSegment(part string) segment {
	switch {
	case part == "":
		return segment{kind: belowSegments}
	case part == "{$}":
		return segment{}
	case strings.HasPrefix(part, "{") && strings.HasSuffix(part, "...}"):
		return segment{kind: restSegments}
	case strings.HasPrefix(part, "{"):
		return segment{kind: anySegment}
	}
	if plain, err := url.PathUnescape(part); err == nil {
		part = plain
	}
	return segment{literal: part}
}

// overlaps reports whether there is a request that both patterns match.
func (p pattern) overlaps(q pattern) bool {
	hosts := p.host == "" || q.host == "" || p.host == q.host
	return hosts && overlappingMethods(p.method, q.method) && overlappingPaths(p.segments, q.segments)
}

// overlappingMethods knows that a pattern of GET matches HEAD too.
func overlappingMethods(a, b string) bool {
	return a == "" || b == "" || a == b || a == "GET" && b == "HEAD" || a == "HEAD" && b == "GET"
}

func overlappingPaths(a, b []segment) bool {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].kind >= restSegments || b[0].kind >= restSegments:
			return true
		case a[0].kind == literalSegment && b[0].kind == literalSegment && a[0].literal != b[0].literal:
			return false
		case a[0].kind != b[0].kind && a[0].literal == "" && b[0].literal == "": // "{x}" is not empty
			return false
		}
		a, b = a[1:], b[1:]
	}
	rest := append(a, b...)
	return len(rest) == 0 || rest[0].kind == belowSegments && len(rest) == 1
}
