// Package lead is the matrix programs' half of the protocol in which they are led.
package lead

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Command is what to do.
type Command struct {
	Do           string `json:"do"`
	At           string `json:"at"`
	Protocol     string `json:"protocol"`
	Token        string `json:"token"`
	Sender       string `json:"sender"`
	Text         string `json:"text"`
	MessageID    string `json:"message_id"`
	MetadataJSON string `json:"metadata_json"`
	After        string `json:"after"`
	TimeoutMS    int    `json:"timeout_ms"`
	KeepaliveMS  int    `json:"keepalive_ms"`
	CancelAfter  int    `json:"cancel_after"`
	Count        int    `json:"count"`
	PageSize     int32  `json:"page_size"`
	Take         int    `json:"take"`
	Gzip         bool   `json:"gzip"`
	Retry        bool   `json:"retry"`
}

// Result is what was seen.
type Result struct {
	Events []Event  `json:"events"`
	Count  int      `json:"count"`
	Cursor string   `json:"cursor"`
	Error  *Failure `json:"error,omitempty"`
}

// Event is one thing that was seen.
type Event struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	JSON string `json:"json"`
}

// Failure is an error that was seen.
type Failure struct {
	Code       string `json:"code"`
	Reason     string `json:"reason"`
	Field      string `json:"field"`
	RetryAfter string `json:"retry_after"`
}

// Code returns the name of a code as the protocol has it, of "DeadlineExceeded" for one.
func Code(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// See adds an event.
func (r *Result) See(kind, text, json string) { r.Events = append(r.Events, Event{kind, text, json}) }

// Run answers each command by do.
func Run(do func(Command) *Result) {
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var c Command
		if err := json.Unmarshal(line, &c); err != nil {
			panic(err)
		}
		answer, err := json.Marshal(do(c))
		if err != nil {
			panic(err)
		}
		fmt.Println(string(answer))
	}
}
