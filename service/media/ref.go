package media

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// uploadPrefix begins the refs of what the journal keeps. Any other is a platform's.
	uploadPrefix = "upload-"
	// refBytes make a ref that nobody guesses.
	refBytes = 16
)

// newRef returns the ref of an upload.
func newRef() string {
	var b [refBytes]byte
	_, _ = rand.Read(b[:]) // never fails: https://pkg.go.dev/crypto/rand#Read
	return uploadPrefix + hex.EncodeToString(b[:])
}

// contentRef returns the ref of the content of a message's nth attachment. It is the same
// when the message comes again with the same content, so that the repeat is known as one,
// and another for any other content.
func contentRef(links *instance.Links, k journal.Key, n int, content []byte) string {
	sum := sha256.Sum256(content)
	digest := links.Digest("content", k.Channel, k.Sender, k.ID, strconv.Itoa(n), string(sum[:]))
	return uploadPrefix + hex.EncodeToString(digest[:refBytes])
}

// isUpload reports whether the journal keeps what a ref names.
func isUpload(ref string) bool {
	digits, ok := strings.CutPrefix(ref, uploadPrefix)
	return ok && len(digits) == hex.EncodedLen(refBytes)
}
