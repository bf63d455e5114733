//go:build !linux && !darwin

package sqlite

// freeBytes does not know it here.
func freeBytes(string) int64 { return -1 }
