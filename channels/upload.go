package channels

import (
	"cmp"
	"strings"
)

// Upload is a file that is sent with a call: see Params.
type Upload struct {
	Name string
	// MIME is the media type, such as "image/png".
	MIME string
	Data []byte
}

// ReadUpload reads a data: URL. A file without a name is called after its media type, such as
// "file.png". Its error, a *SendError of class rejected, quotes nothing.
func ReadUpload(address, name string) (*Upload, error) {
	kind, data, err := ReadDataURL(address)
	if err != nil {
		return nil, &SendError{Class: SendRejected, Err: err}
	}
	_, ending, _ := strings.Cut(kind, "/")
	ending, _, _ = strings.Cut(ending, "+") // of image/svg+xml
	return &Upload{Name: cmp.Or(name, "file."+ending), MIME: kind, Data: data}, nil
}
