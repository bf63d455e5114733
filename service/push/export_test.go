package push

import "github.com/manyvox/manyvox/channels"

// ParseRequest returns the reply of a request.
func ParseRequest(body []byte) (channels.Reply, error) {
	r, err := parseRequest(body, "id")
	if err != nil {
		return channels.Reply{}, err
	}
	return r.reply, nil
}
