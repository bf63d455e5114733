package exec

import (
	"bufio"
	"os"
	"strings"
)

const (
	maxStderrLine  = 1 << 10 // bytes of a line that are logged
	maxStderrLines = 100     // that are logged of a turn
)

// logStderr logs what the program writes to stderr, line by line.
func (p *program) logStderr(stderr *os.File) {
	defer close(p.logged)
	defer func() { _ = stderr.Close() }()
	b := bufio.NewReaderSize(&output{file: stderr, exited: p.exited}, maxStderrLine)
	for {
		line, more, err := b.ReadLine()
		if err != nil {
			return
		}
		p.logLine(string(line))
		for more && err == nil { // the rest of a long line is dropped
			_, more, err = b.ReadLine()
		}
	}
}

func (p *program) logLine(line string) {
	switch n := p.stderrLines.Add(1); {
	case n <= maxStderrLines:
		p.log.Info("agent exec: stderr", "line", strings.ToValidUTF8(line, "\uFFFD"))
	case n == maxStderrLines+1:
		p.log.Warn("agent exec: what more the program writes to stderr in this turn is not logged")
	}
}
