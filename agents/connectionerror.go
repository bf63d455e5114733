package agents

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// ConnectionError returns the cause of an error of net/http for the log. It keeps nothing that
// net/http may have quoted: neither the address, which may hold a secret, nor what the server
// has sent, which may be an echo of the request.
func ConnectionError(err error) error {
	var network net.Error
	if errors.As(withoutAddress(err), &network) {
		return network
	}
	return errors.New("the connection broke, or the answer is not HTTP")
}

// DialError is ConnectionError for a request that was not sent, where nothing can be an echo of
// it: it keeps the words of the error, without the address and with the secrets replaced.
func DialError(err error, secrets *strings.Replacer) error {
	err = withoutAddress(err)
	if text := secrets.Replace(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// withoutAddress unwraps a *url.Error, which is a net.Error too, and holds the address.
func withoutAddress(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
