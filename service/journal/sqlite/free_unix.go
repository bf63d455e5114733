//go:build linux || darwin

package sqlite

import "syscall"

// freeBytes returns how much others than root can still write in dir, -1 when that is
// not known.
func freeBytes(dir string) int64 {
	var fs syscall.Statfs_t
	if syscall.Statfs(dir, &fs) != nil {
		return -1
	}
	return int64(fs.Bavail) * int64(fs.Bsize) //nolint:gosec,unconvert // the types differ by system; no disk holds 2^63 bytes
}
