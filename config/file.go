package config

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// maxRead is the size of the largest file that is read, whatever is in it.
const maxRead = 1 << 20

// ReadFile returns what a file holds that a configuration names. It takes regular files of
// up to 1 MiB alone: a FIFO would hold the start, and /dev/zero would never end.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &os.PathError{Op: "open", Path: path, Err: errors.New("is a directory")}
	case !info.Mode().IsRegular():
		return nil, &os.PathError{Op: "open", Path: path, Err: errors.New("is no regular file")}
	}
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // was only read
	data, err := io.ReadAll(io.LimitReader(f, maxRead+1))
	if err == nil && len(data) > maxRead {
		err = &os.PathError{Op: "read", Path: path, Err: fmt.Errorf("larger than %d KiB", maxRead>>10)}
	}
	return data, err
}
