package channellog

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

const (
	// minSecret is the shortest text that is taken out. A shorter one stands in any text by
	// chance, and to take it out would show it.
	minSecret = 4
	// minSegment is the shortest segment of an address that is taken out by itself.
	minSegment = 8
	// hidden is what a secret is shown as.
	hidden = "<secret>"
	// maxDepth bounds how deep a configuration is looked through.
	maxDepth = 12
)

// Redactor takes secrets out of texts, in whatever form they came there. A nil Redactor
// takes out none.
type Redactor struct {
	// all takes out everything, secrets all but pieces of addresses: the path of one may be a
	// word as common as /webhook.
	all, secrets *needles
}

// needles are texts to be replaced.
type needles struct {
	replacer *strings.Replacer
	// begins has a bit for each two bytes with which one begins: most texts have none of
	// them, and a Replacer copies also those.
	begins [1 << 10]uint64
}

// replace returns the text without the needles.
func (n *needles) replace(text string) string {
	for i := 1; i < len(text); i++ {
		if pair := uint(text[i-1])<<8 | uint(text[i]); n.begins[pair>>6]&(1<<(pair&63)) != 0 {
			return n.replacer.Replace(text)
		}
	}
	return text
}

// NewRedactor returns a redactor of the secrets in the configurations of a channel: each
// value of the type channels.Secret in an exported field, however deep.
func NewRedactor(configs ...any) *Redactor {
	secrets, pieces := map[string]bool{}, map[string]bool{}
	for _, c := range configs {
		collect(reflect.ValueOf(c), maxDepth, func(secret string) {
			addForms(secrets, secret)
			for _, piece := range piecesOfURL(secret) {
				addForms(pieces, piece)
			}
		})
	}
	if len(secrets) == 0 {
		return nil
	}
	r := &Redactor{secrets: newNeedles(secrets)}
	maps.Copy(pieces, secrets)
	r.all = newNeedles(pieces)
	return r
}

// newNeedles returns what replaces texts. Of two that begin at one place it takes the longer.
func newNeedles(texts map[string]bool) *needles {
	n := &needles{}
	list := slices.SortedFunc(maps.Keys(texts), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(list))
	for _, text := range list {
		pairs = append(pairs, text, hidden)
		pair := uint(text[0])<<8 | uint(text[1])
		n.begins[pair>>6] |= 1 << (pair & 63)
	}
	n.replacer = strings.NewReplacer(pairs...)
	return n
}

// Redact returns the text without the secrets.
func (r *Redactor) Redact(text string) string {
	if r == nil || len(text) < minSecret {
		return text
	}
	return r.all.replace(text)
}

// redactRoute returns the route of an exchange without the secrets.
func (r *Redactor) redactRoute(e *channels.Exchange) string {
	if r == nil || e.Direction == channels.DirectionOut {
		return r.Redact(e.Route)
	}
	return r.secrets.replace(e.Route)
}

// secretType is the type that marks a secret.
var secretType = reflect.TypeFor[channels.Secret]()

// collect calls found with each secret in v, so many levels deep. What is not exported comes
// from no file, and may be in use by others.
func collect(v reflect.Value, depth int, found func(string)) {
	if !v.IsValid() || depth == 0 {
		return
	}
	if v.Type() == secretType {
		found(v.String())
		return
	}
	switch v.Kind() { // the others hold nothing
	case reflect.Pointer, reflect.Interface:
		collect(v.Elem(), depth-1, found)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct {
				collect(v.Field(i), depth-1, found)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collect(v.Index(i), depth-1, found)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			collect(key, depth-1, found)
			collect(v.MapIndex(key), depth-1, found)
		}
	}
}

// addForms adds the forms in which a text can stand in another.
func addForms(forms map[string]bool, s string) {
	quoted, _ := json.Marshal(s) // a string has always a form
	path := url.URL{Path: s}
	list := append(base64Forms(s), s, strings.TrimSpace(s), url.QueryEscape(s), url.PathEscape(s), path.EscapedPath(),
		strings.Trim(string(quoted), `"`), hex.EncodeToString([]byte(s)))
	for _, form := range list {
		if len(form) >= minSecret {
			forms[form] = true
		}
	}
}

// piecesOfURL returns the pieces of a secret that is an address: all but the host.
func piecesOfURL(secret string) (pieces []string) {
	u, err := url.Parse(secret)
	if err != nil || u.Host == "" {
		return nil
	}
	if len(u.Path) > 1 {
		pieces = append(pieces, u.Path, strings.Trim(u.Path, "/"))
		for segment := range strings.SplitSeq(u.Path, "/") {
			if len(segment) >= minSegment && strings.ContainsFunc(segment, isOdd) {
				pieces = append(pieces, segment)
			}
		}
	}
	if u.RawQuery != "" {
		pieces = append(pieces, u.RawQuery)
	}
	for _, values := range u.Query() {
		pieces = append(pieces, values...)
	}
	if u.User != nil {
		password, _ := u.User.Password()
		pieces = append(pieces, u.User.Username(), password)
	}
	return pieces
}

// isOdd reports whether a character stands in no word of a path.
func isOdd(r rune) bool { return r != '-' && r != '_' && (r < 'a' || r > 'z') }

// base64Forms returns what a secret looks like within Base64, wherever it begins in what was
// encoded: as a password does behind a username.
func base64Forms(secret string) (forms []string) {
	for offset := range 3 {
		padded := append(make([]byte, offset), secret...)
		whole := len(padded) - len(padded)%3 // what follows does not change these
		first := (offset*8 + 5) / 6          // what precedes changes those before
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			form := encoding.EncodeToString(padded[:whole])
			if len(form)-first >= 2*minSecret {
				forms = append(forms, form[first:])
			}
		}
	}
	return forms
}
