//go:build !linux && !darwin

package sqlite

// freeBytes can't tell here.
func freeBytes(string) int64 { return -1 }
