package channels

import (
	"encoding/base64"
	"errors"
	"mime"
	"net/url"
	"strings"
)

// IsDataURL reports whether an address holds the bytes themselves.
func IsDataURL(address string) bool { return strings.HasPrefix(address, "data:") }

// ReadDataURL returns the media type and the bytes of a data: URL, for a Sender whose platform
// takes uploads and no such URLs. The type is "text/plain" where it is not given. Its error
// quotes nothing. https://www.rfc-editor.org/rfc/rfc2397
func ReadDataURL(address string) (mediaType string, data []byte, err error) {
	head, body, found := strings.Cut(strings.TrimPrefix(address, "data:"), ",")
	if !found || !IsDataURL(address) {
		return "", nil, errors.New("not a data: URL")
	}
	head, is64 := strings.CutSuffix(head, ";base64")
	if mediaType, _, err = mime.ParseMediaType(head); err != nil {
		mediaType = "text/plain"
	}
	text, err := url.PathUnescape(body)
	if err != nil {
		return "", nil, errors.New("a data: URL that is not escaped as one")
	}
	if !is64 {
		return mediaType, []byte(text), nil
	}
	if data, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(base64Alphabet.Replace(text), "=")); err != nil {
		return "", nil, errors.New("a data: URL that is not base64")
	}
	return mediaType, data, nil
}
