package clients_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"testing"
	"time"
)

// hang ends a wait for something that does not come.
const hang = 2 * time.Minute

// command, result, event and failure are the protocol that doc.go describes.
type command struct {
	Do           string `json:"do"`
	At           string `json:"at"`
	Protocol     string `json:"protocol"`
	Token        string `json:"token,omitempty"`
	Sender       string `json:"sender,omitempty"`
	Text         string `json:"text,omitempty"`
	MessageID    string `json:"message_id,omitempty"`
	MetadataJSON string `json:"metadata_json,omitempty"`
	After        string `json:"after,omitempty"`
	TimeoutMS    int    `json:"timeout_ms,omitempty"`
	KeepaliveMS  int    `json:"keepalive_ms,omitempty"`
	CancelAfter  int    `json:"cancel_after,omitempty"`
	Count        int    `json:"count,omitempty"`
	PageSize     int    `json:"page_size,omitempty"`
	Take         int    `json:"take,omitempty"`
	Gzip         bool   `json:"gzip,omitempty"`
	Retry        bool   `json:"retry,omitempty"`
}

type result struct {
	Events []event  `json:"events"`
	Count  int      `json:"count"`
	Cursor string   `json:"cursor"`
	Error  *failure `json:"error"`
}

type event struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	JSON string `json:"json"`
}

type failure struct {
	Code       string `json:"code"`
	Reason     string `json:"reason"`
	Field      string `json:"field"`
	RetryAfter string `json:"retry_after"`
}

// client is a matrix program that runs.
type client struct {
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

// startClient runs a matrix program until the test ends.
func startClient(t *testing.T, dir string, args ...string) *client {
	t.Helper()
	c := exec.Command(args[0], args[1:]...)
	c.Dir, c.Stderr = dir, t.Output()
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = c.Process.Kill(); _ = c.Wait() })
	return &client{in, bufio.NewReaderSize(out, 1<<20), c}
}

// errHangs says that a client has not answered: nothing more can be asked of it.
var errHangs = errors.New("the client does not answer")

// do sends a command and returns the answer.
func (c *client) do(m command) (r result, err error) {
	line, err := json.Marshal(m)
	if err != nil {
		return r, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return r, fmt.Errorf("%w: %w", errHangs, err)
	}
	kill := time.AfterFunc(hang, func() { _ = c.cmd.Process.Kill() })
	defer kill.Stop()
	answer, err := c.out.ReadBytes('\n')
	if err != nil {
		return r, fmt.Errorf("%w: %w", errHangs, err)
	}
	if err := json.Unmarshal(answer, &r); err != nil {
		return r, fmt.Errorf("%w: %q: %w", errHangs, answer, err)
	}
	return r, nil
}
