package servicetest

import (
	"strings"
	"sync"
	"testing"
)

// Log is what a running service has logged, one JSON object a line.
type Log struct {
	mu    sync.Mutex
	text  []byte
	grown chan struct{} // closed at the next line
}

// Write appends a line.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, line...)
	close(l.grown)
	l.grown = make(chan struct{})
	return len(line), nil
}

// String returns all lines so far.
func (l *Log) String() string { s, _ := l.read(); return s }

// Await waits for a line that contains some words, and returns the first.
func (l *Log) Await(t *testing.T, words string) string {
	t.Helper()
	for {
		text, grown := l.read()
		for line := range strings.Lines(text) {
			if strings.Contains(line, words) {
				return line
			}
		}
		Await(t, "the line "+words, grown)
	}
}

func (l *Log) read() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text), l.grown
}
