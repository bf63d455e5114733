package cmd

import (
	"fmt"
	"io"
	"log/slog"
	"os"
)

// logger logs to w: text on a terminal and JSON otherwise, unless the flag decides.
func (l logFlags) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	switch {
	case l.Verbose > 0 || l.Debug:
		options.Level = slog.LevelDebug
	case l.Quiet:
		options.Level = slog.LevelWarn
	}
	if l.isText(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// openLog opens the file of --log-file, to which the log is appended, and returns where the
// log of run goes.
func (c *runCommand) openLog(stderr io.Writer) (w io.Writer, closeFile func() error, err error) {
	if c.LogFile == "" {
		return stderr, func() error { return nil }, nil
	}
	f, err := os.OpenFile(c.LogFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("--log-file: %w", err)
	}
	return io.MultiWriter(stderr, f), f.Close, nil
}

// isText reports whether the log on w is for people.
func (l logFlags) isText(w io.Writer) bool {
	return l.LogFormat == "text" || l.LogFormat == "auto" && isTerminal(w)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
