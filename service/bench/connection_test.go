package bench_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// connection is one of a client that does as little as it can, so that the servers and
// not the client are what is measured: it writes requests made before and reads the
// answers one after another.
type connection struct {
	conn   net.Conn
	reader *bufio.Reader
}

func dial(b *testing.B, s server) *connection {
	b.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	return &connection{conn, bufio.NewReader(conn)}
}

// call sends a request and returns the whole answer.
func (c *connection) call(request []byte) ([]byte, error) {
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d, body %q, error %w", res.StatusCode, body, err)
	}
	return body, nil
}

// say returns the text of the only reply, collected or streamed.
func (c *connection) say(streamed bool, text string) (string, error) {
	answer, err := c.call(message(streamed, "operator", text))
	if err != nil {
		return "", err
	}
	var reply struct{ Text string }
	err = json.Unmarshal(bytes.Trim(answer, "[]\n"), &reply)
	return reply.Text, err
}

// message is a request to the REST channel.
func message(streamed bool, sender, text string) []byte {
	body := fmt.Sprintf(`{"sender":%q,"message":%q}`, sender, text)
	query := ""
	if streamed {
		query = "?stream=true"
	}
	return fmt.Appendf(nil, "POST /webhooks/rest/webhook%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		query, len(body), body)
}
