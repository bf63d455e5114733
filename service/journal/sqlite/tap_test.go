package sqlite_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	sqlite3 "modernc.org/sqlite/lib"
)

// The functions of SQLite's tables that the tap takes the place of:
// https://sqlite.org/c3ref/vfs.html, https://sqlite.org/c3ref/io_methods.html
type (
	openFunc     = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32
	deleteFunc   = func(tls *libc.TLS, vfs, name uintptr, syncDirectory int32) int32
	closeFunc    = func(tls *libc.TLS, file uintptr) int32
	writeFunc    = func(tls *libc.TLS, file, data uintptr, n int32, offset int64) int32
	truncateFunc = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc     = func(tls *libc.TLS, file uintptr, flags int32) int32
)

// tap lies between SQLite and its file system: what the system has done to the files
// of a traced directory it notes, all else it passes on. SQLite has one list of file
// systems for the process, hence the variable; the store names none, hence the tap
// becomes the default.
var tap struct {
	once   sync.Once
	failed error
	// system is SQLite's own table of the system, which lies at address.
	system  *sqlite3.Tsqlite3_vfs
	address uintptr
	// traces are the traces, by directory.
	traces sync.Map
	// files are the tapped files, by the address of SQLite's.
	files sync.Map
}

// tapped is an open file of a traced directory.
type tapped struct {
	*trace
	number int
	// system are the system's methods, own is the table that SQLite has instead.
	system *sqlite3.Tsqlite3_io_methods
	own    uintptr
	// syncsName says that the next sync is the directory's too.
	syncsName bool
}

// listenIn traces what SQLite does in the directory from now on.
func listenIn(t *testing.T, dir string) *trace {
	t.Helper()
	tap.once.Do(func() { tap.failed = installTap() })
	if tap.failed != nil {
		t.Fatal(tap.failed)
	}
	dir, err := filepath.EvalSymlinks(dir) // as SQLite does
	if err != nil {
		t.Fatal(err)
	}
	traced := newTrace()
	tap.traces.Store(dir, traced)
	t.Cleanup(func() { tap.traces.Delete(dir) })
	return traced
}

func installTap() error {
	tls := libc.NewTLS()
	defer tls.Close()
	name, err := libc.CString("tap")
	if err != nil {
		return err
	}
	tap.address = sqlite3.Xsqlite3_vfs_find(tls, 0)
	tap.system = at[sqlite3.Tsqlite3_vfs](tap.address)
	own := *tap.system
	own.FzName = name
	replace[openFunc](&own.FxOpen, openTapped)
	replace[deleteFunc](&own.FxDelete, deleteTapped)
	if sqlite3.Xsqlite3_vfs_register(tls, outside(tls, own), 1) != sqlite3.SQLITE_OK {
		return errors.New("SQLite does not take the tap")
	}
	return nil
}

// at returns what lies at an address of SQLite's.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// outside copies a table to where Go's memory rules do not hold, and returns its address.
func outside[T any](tls *libc.TLS, table T) uintptr {
	address := libc.Xcalloc(tls, 1, types.Size_t(unsafe.Sizeof(table)))
	*at[T](address) = table
	return address
}

// function returns what an entry of a table points to.
func function[F any](entry *uintptr) F { return *(*F)(unsafe.Pointer(entry)) }

func replace[F any](entry *uintptr, f F) { *(*F)(unsafe.Pointer(entry)) = f }

// traceOf returns the trace of a file and the file's path, nil when nobody listens.
func traceOf(name uintptr) (*trace, string) {
	if name == 0 { // a temporary file
		return nil, ""
	}
	path := libc.GoString(name)
	traced, _ := tap.traces.Load(filepath.Dir(path))
	t, _ := traced.(*trace)
	return t, path
}

func openTapped(tls *libc.TLS, _, name, file uintptr, flags int32, outFlags uintptr) int32 {
	open := func() int32 {
		return function[openFunc](&tap.system.FxOpen)(tls, tap.address, name, file, flags, outFlags)
	}
	t, path := traceOf(name)
	if t == nil {
		return open()
	}
	number, code := t.open(path, open)
	if code == sqlite3.SQLITE_OK {
		f := &tapped{trace: t, number: number, syncsName: syncsName(flags)}
		f.takeOver(tls, at[sqlite3.Tsqlite3_file](file))
		tap.files.Store(file, f)
	}
	return code
}

// syncsName is the condition under which SQLite's unixSync syncs the directory once.
func syncsName(flags int32) bool {
	const logs = sqlite3.SQLITE_OPEN_WAL | sqlite3.SQLITE_OPEN_MAIN_JOURNAL | sqlite3.SQLITE_OPEN_SUPER_JOURNAL
	return flags&sqlite3.SQLITE_OPEN_CREATE != 0 && flags&logs != 0
}

func (f *tapped) takeOver(tls *libc.TLS, file *sqlite3.Tsqlite3_file) {
	f.system = at[sqlite3.Tsqlite3_io_methods](file.FpMethods)
	own := *f.system
	replace[closeFunc](&own.FxClose, closeTapped)
	replace[writeFunc](&own.FxWrite, writeTapped)
	replace[truncateFunc](&own.FxTruncate, truncateTapped)
	replace[syncFunc](&own.FxSync, syncTapped)
	f.own = outside(tls, own)
	file.FpMethods = f.own
}

func tappedAt(file uintptr) *tapped {
	f, _ := tap.files.Load(file)
	return f.(*tapped)
}

func deleteTapped(tls *libc.TLS, _, name uintptr, syncDirectory int32) int32 {
	code := function[deleteFunc](&tap.system.FxDelete)(tls, tap.address, name, syncDirectory)
	t, path := traceOf(name)
	if t == nil || code != sqlite3.SQLITE_OK {
		return code
	}
	t.add(act{kind: deleted, name: filepath.Base(path)})
	if syncDirectory != 0 {
		t.add(act{kind: syncedNames})
	}
	return code
}

func closeTapped(tls *libc.TLS, file uintptr) int32 {
	f := tappedAt(file)
	tap.files.Delete(file) // SQLite uses the address again
	defer libc.Xfree(tls, f.own)
	return function[closeFunc](&f.system.FxClose)(tls, file)
}

func writeTapped(tls *libc.TLS, file, data uintptr, n int32, offset int64) int32 {
	f := tappedAt(file)
	code := function[writeFunc](&f.system.FxWrite)(tls, file, data, n, offset)
	if code == sqlite3.SQLITE_OK {
		f.add(act{kind: wrote, file: f.number, offset: offset, data: bytes.Clone(unsafe.Slice(at[byte](data), n))})
	}
	return code
}

func truncateTapped(tls *libc.TLS, file uintptr, size int64) int32 {
	f := tappedAt(file)
	code := function[truncateFunc](&f.system.FxTruncate)(tls, file, size)
	if code == sqlite3.SQLITE_OK {
		f.add(act{kind: truncated, file: f.number, offset: size})
	}
	return code
}

func syncTapped(tls *libc.TLS, file uintptr, flags int32) int32 {
	f := tappedAt(file)
	code := function[syncFunc](&f.system.FxSync)(tls, file, flags)
	if code != sqlite3.SQLITE_OK {
		return code
	}
	f.add(act{kind: synced, file: f.number})
	if f.syncsName {
		f.syncsName = false
		f.add(act{kind: syncedNames})
	}
	return code
}
