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

// The functions of SQLite's tables that the hook replaces:
// https://sqlite.org/c3ref/vfs.html, https://sqlite.org/c3ref/io_methods.html
type (
	openFunc     = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32
	deleteFunc   = func(tls *libc.TLS, vfs, name uintptr, syncDirectory int32) int32
	closeFunc    = func(tls *libc.TLS, file uintptr) int32
	writeFunc    = func(tls *libc.TLS, file, data uintptr, n int32, offset int64) int32
	truncateFunc = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc     = func(tls *libc.TLS, file uintptr, flags int32) int32
)

// hook stands between SQLite and its file system (its VFS). It records in a trace what is
// done to the files of a traced directory and passes all calls on. SQLite has one list of
// file systems for the process, hence the variable. The store names no file system, hence
// the hook becomes the default one.
var hook struct {
	once   sync.Once
	failed error
	// system is the file system that SQLite has without the hook. It lies at address.
	system  *sqlite3.Tsqlite3_vfs
	address uintptr
	// traces has a trace for each traced directory.
	traces sync.Map
	// files are the hooked files, by the address of SQLite's.
	files sync.Map
}

// hookedFile is an open file of a traced directory.
type hookedFile struct {
	*trace
	number int
	// system are the methods of the file system; own is the table that SQLite uses instead.
	system *sqlite3.Tsqlite3_io_methods
	own    uintptr
	// syncsName says that the next sync of the file syncs the directory too.
	syncsName bool
}

// traceDirectory traces what SQLite does in the directory from now on.
func traceDirectory(t *testing.T, dir string) *trace {
	t.Helper()
	hook.once.Do(func() { hook.failed = installHook() })
	if hook.failed != nil {
		t.Fatal(hook.failed)
	}
	dir, err := filepath.EvalSymlinks(dir) // as SQLite does
	if err != nil {
		t.Fatal(err)
	}
	traced := newTrace()
	hook.traces.Store(dir, traced)
	t.Cleanup(func() { hook.traces.Delete(dir) })
	return traced
}

func installHook() error {
	tls := libc.NewTLS()
	defer tls.Close()
	name, err := libc.CString("hook")
	if err != nil {
		return err
	}
	hook.address = sqlite3.Xsqlite3_vfs_find(tls, 0)
	hook.system = at[sqlite3.Tsqlite3_vfs](hook.address)
	own := *hook.system
	own.FzName = name
	setFunc[openFunc](&own.FxOpen, hookedOpen)
	setFunc[deleteFunc](&own.FxDelete, hookedDelete)
	if sqlite3.Xsqlite3_vfs_register(tls, copyOutside(tls, own), 1) != sqlite3.SQLITE_OK {
		return errors.New("SQLite does not register the hook")
	}
	return nil
}

// at returns what lies at an address of SQLite's.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// copyOutside copies a table to memory that Go does not manage, and returns its address.
func copyOutside[T any](tls *libc.TLS, table T) uintptr {
	address := libc.Xcalloc(tls, 1, types.Size_t(unsafe.Sizeof(table)))
	*at[T](address) = table
	return address
}

// funcAt returns the function that an entry of a table points to.
func funcAt[F any](entry *uintptr) F { return *(*F)(unsafe.Pointer(entry)) }

// setFunc makes an entry of a table point to f.
func setFunc[F any](entry *uintptr, f F) { *(*F)(unsafe.Pointer(entry)) = f }

// traceOf returns the trace of a file and the file's path, nil when it is not traced.
func traceOf(name uintptr) (*trace, string) {
	if name == 0 { // a temporary file
		return nil, ""
	}
	path := libc.GoString(name)
	traced, _ := hook.traces.Load(filepath.Dir(path))
	t, _ := traced.(*trace)
	return t, path
}

func hookedOpen(tls *libc.TLS, _, name, file uintptr, flags int32, outFlags uintptr) int32 {
	open := func() int32 {
		return funcAt[openFunc](&hook.system.FxOpen)(tls, hook.address, name, file, flags, outFlags)
	}
	t, path := traceOf(name)
	if t == nil {
		return open()
	}
	number, code := t.open(path, open)
	if code == sqlite3.SQLITE_OK {
		f := &hookedFile{trace: t, number: number, syncsName: syncsName(flags)}
		f.install(tls, at[sqlite3.Tsqlite3_file](file))
		hook.files.Store(file, f)
	}
	return code
}

// syncsName is the condition under which SQLite's unixSync syncs the directory once.
func syncsName(flags int32) bool {
	const logs = sqlite3.SQLITE_OPEN_WAL | sqlite3.SQLITE_OPEN_MAIN_JOURNAL | sqlite3.SQLITE_OPEN_SUPER_JOURNAL
	return flags&sqlite3.SQLITE_OPEN_CREATE != 0 && flags&logs != 0
}

// install gives SQLite the hooked methods for the file.
func (f *hookedFile) install(tls *libc.TLS, file *sqlite3.Tsqlite3_file) {
	f.system = at[sqlite3.Tsqlite3_io_methods](file.FpMethods)
	own := *f.system
	setFunc[closeFunc](&own.FxClose, hookedClose)
	setFunc[writeFunc](&own.FxWrite, hookedWrite)
	setFunc[truncateFunc](&own.FxTruncate, hookedTruncate)
	setFunc[syncFunc](&own.FxSync, hookedSync)
	f.own = copyOutside(tls, own)
	file.FpMethods = f.own
}

func hookedFileAt(file uintptr) *hookedFile {
	f, _ := hook.files.Load(file)
	return f.(*hookedFile)
}

func hookedDelete(tls *libc.TLS, _, name uintptr, syncDirectory int32) int32 {
	code := funcAt[deleteFunc](&hook.system.FxDelete)(tls, hook.address, name, syncDirectory)
	t, path := traceOf(name)
	if t == nil || code != sqlite3.SQLITE_OK {
		return code
	}
	t.add(traceEvent{kind: deleted, name: filepath.Base(path)})
	if syncDirectory != 0 {
		t.add(traceEvent{kind: syncedNames})
	}
	return code
}

func hookedClose(tls *libc.TLS, file uintptr) int32 {
	f := hookedFileAt(file)
	hook.files.Delete(file) // SQLite uses the address again
	defer libc.Xfree(tls, f.own)
	return funcAt[closeFunc](&f.system.FxClose)(tls, file)
}

func hookedWrite(tls *libc.TLS, file, data uintptr, n int32, offset int64) int32 {
	f := hookedFileAt(file)
	code := funcAt[writeFunc](&f.system.FxWrite)(tls, file, data, n, offset)
	if code == sqlite3.SQLITE_OK {
		f.add(traceEvent{kind: wrote, file: f.number, offset: offset, data: bytes.Clone(unsafe.Slice(at[byte](data), n))})
	}
	return code
}

func hookedTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	f := hookedFileAt(file)
	code := funcAt[truncateFunc](&f.system.FxTruncate)(tls, file, size)
	if code == sqlite3.SQLITE_OK {
		f.add(traceEvent{kind: truncated, file: f.number, offset: size})
	}
	return code
}

func hookedSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	f := hookedFileAt(file)
	code := funcAt[syncFunc](&f.system.FxSync)(tls, file, flags)
	if code != sqlite3.SQLITE_OK {
		return code
	}
	f.add(traceEvent{kind: synced, file: f.number})
	if f.syncsName {
		f.syncsName = false
		f.add(traceEvent{kind: syncedNames})
	}
	return code
}
