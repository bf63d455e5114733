package channels

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"mime/multipart"
	"net/textproto"
	"slices"
)

// Params are the parameters of a call: what JSON makes of the values, or a form when one of
// them is an *Upload. Nil values are left out.
type Params map[string]any

// Encode returns the body and its Content-Type: application/json, or multipart/form-data when a
// file goes along. In a form a value that is no string stands as JSON.
func (p Params) Encode() (body []byte, contentType string, err error) {
	given := maps.Clone(p)
	maps.DeleteFunc(given, func(_ string, value any) bool { return value == nil })
	for _, value := range given {
		if _, ok := value.(*Upload); ok {
			return given.form()
		}
	}
	if given == nil {
		given = Params{}
	}
	body, err = Marshal(given)
	return body, "application/json", err
}

// form writes multipart/form-data, its fields in the order of their names.
func (p Params) form() ([]byte, string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(p)) {
		switch value := p[name].(type) {
		case string:
			errs = append(errs, w.WriteField(name, value))
		case *Upload:
			errs = append(errs, value.write(w, name))
		default:
			encoded, err := Marshal(value)
			errs = append(errs, err, w.WriteField(name, string(encoded)))
		}
	}
	errs = append(errs, w.Close())
	return b.Bytes(), w.FormDataContentType(), errors.Join(errs...)
}

// write writes the file as a field of a form.
func (u *Upload) write(w *multipart.Writer, field string) error {
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", multipart.FileContentDisposition(field, u.Name))
	h.Set("Content-Type", cmp.Or(u.MIME, "application/octet-stream"))
	part, err := w.CreatePart(h)
	if err == nil {
		_, err = part.Write(u.Data)
	}
	return err
}
