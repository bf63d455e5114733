//go:build unix

package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// startTimeout is how long the server may take to start.
const startTimeout = 60 * time.Second

// Server is a running PostgreSQL server. It does not outlive the process.
type Server struct {
	binary, dir string
	port        int
	credential  *syscall.Credential
	command     *exec.Cmd
	output      bytes.Buffer
	databases   atomic.Int64
}

// Start makes a server in a directory of its own and starts it. Its settings are as safe as
// the defaults, fsync included, since tests kill it and count what survives. Stop ends it.
func Start(t testing.TB) *Server {
	t.Helper()
	initdb, postgres := binary(t, "initdb"), binary(t, "postgres")
	s, err := create(initdb, postgres)
	if err == nil {
		err = s.start()
	}
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return s
}

func create(initdb, postgres string) (*Server, error) {
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{binary: postgres, dir: dir, port: port}
	if s.credential, err = owner(dir); err != nil {
		return nil, err
	}
	//nolint:gosec // the program is PostgreSQL's
	cmd := exec.CommandContext(context.Background(), initdb, "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions")
	s.runAsOwner(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return s, nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// runAsOwner makes a command run as the owner of the data, which may not be root, and die
// with this process.
func (s *Server) runAsOwner(cmd *exec.Cmd) {
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.credential}
	endWithParent(cmd.SysProcAttr)
}

// start starts the server and returns once it answers.
func (s *Server) start() error {
	//nolint:gosec // the program is PostgreSQL's
	cmd := exec.CommandContext(context.Background(), s.binary, "-D", s.data(), "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300",
		"-c", "shared_buffers=64MB", "-c", "max_wal_size=512MB")
	s.runAsOwner(cmd)
	s.output.Reset()
	cmd.Stdout, cmd.Stderr = &s.output, &s.output
	if err := cmd.Start(); err != nil {
		return err
	}
	s.command = cmd
	return s.waitUntilReady()
}

func (s *Server) waitUntilReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(err, fmt.Errorf("the server writes: %s", s.output.String()))
		}
	}
}

// Kill ends the server as a crash would: all of its processes at once.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	children := childrenOf(s.command.Process.Pid)
	if err := s.command.Process.Kill(); err != nil {
		t.Errorf("pgtest: kill: %v", err)
	}
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have gone by itself
	}
	_ = s.command.Wait() // it was killed
}

// Restart starts the server that was killed. It recovers what was committed.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := s.start()
		if err == nil {
			return
		}
		if time.Since(began) > startTimeout {
			t.Fatalf("pgtest: restart: %v", err)
		}
	}
}

// Stop ends the server and deletes its data.
func (s *Server) Stop() error {
	err := s.command.Process.Signal(syscall.SIGQUIT) // at once: nothing is to be kept
	_ = s.command.Wait()
	return errors.Join(err, os.RemoveAll(s.dir))
}

// URL is that of a database of the server.
func (s *Server) URL(database string) string { return s.urlAt(s.address(), database) }

func (s *Server) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

func (*Server) urlAt(address, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: address, Path: database, RawQuery: "sslmode=disable"}
	return u.String()
}

// Database makes a database that has nothing in it, and returns its name.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	if err := s.exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return name
}

// Schema makes a schema of the database "postgres", unless there is one of that name,
// and returns the URL of a search path to it.
func (s *Server) Schema(t testing.TB, name string) string {
	t.Helper()
	if err := s.exec("CREATE SCHEMA IF NOT EXISTS " + pgx.Identifier{name}.Sanitize()); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return s.URL("postgres") + "&search_path=" + url.QueryEscape(name)
}

func (s *Server) exec(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is lost with it
	_, err = conn.Exec(ctx, sql)
	return err
}

// freePort returns a port that nobody listens at.
func freePort() (int, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close() //nolint:errcheck // nobody has connected
	return l.Addr().(*net.TCPAddr).Port, nil
}
