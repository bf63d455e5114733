package callback_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// target is a fake program that receives replies. It answers 401 to a request whose
// signature is wrong.
type target struct {
	key    string           // base64; no signature is asked for when it is ""
	answer http.HandlerFunc // 204 when it is nil
	server *httptest.Server

	mu    sync.Mutex
	posts []string
}

func (g *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dump, err := httputil.DumpRequest(r, true)
	if err != nil {
		return
	}
	g.mu.Lock()
	g.posts = append(g.posts, strings.ReplaceAll(string(dump), "\r\n", "\n"))
	g.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	switch {
	case g.key != "" && !verified(g.key, r.Header, body):
		w.WriteHeader(http.StatusUnauthorized)
	case g.answer == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		r.Body = io.NopCloser(bytes.NewReader(body))
		g.answer(w, r)
	}
}

// verified checks the signature of a request. It is written from the specification of
// Standard Webhooks, without our code.
func verified(key string, h http.Header, body []byte) bool {
	secret, err := base64.StdEncoding.DecodeString(key)
	seconds, noTime := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	age := time.Since(time.Unix(seconds, 0))
	if err != nil || noTime != nil || h.Get("webhook-id") == "" || age.Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(h.Get("webhook-id") + "." + h.Get("webhook-timestamp") + "."))
	mac.Write(body)
	for _, signature := range strings.Fields(h.Get("webhook-signature")) {
		version, encoded, _ := strings.Cut(signature, ",")
		given, err := base64.StdEncoding.DecodeString(encoded)
		if version == "v1" && err == nil && subtle.ConstantTimeCompare(given, mac.Sum(nil)) == 1 {
			return true
		}
	}
	return false
}

func (g *target) seen() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.posts
}

// listen serves the target on loopback and returns its address.
func (g *target) listen(t *testing.T, start func(*httptest.Server)) string {
	g.server = httptest.NewUnstartedServer(g)
	g.server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that the test breaks
	start(g.server)
	t.Cleanup(g.server.Close)
	return g.server.URL
}

// dial connects to the target, whatever the address.
func (g *target) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, g.server.Listener.Addr().String())
}

// cafile writes the target's certificate to a file.
func (g *target) cafile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: g.server.Certificate().Raw})
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// status answers with a status, headers in pairs and a page that repeats the request.
func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, r.RequestURI, r.Header)
	}
}

// hijacks writes the request back instead of an answer, its headers decoded and as they
// came, and closes the connection.
func hijacks(w http.ResponseWriter, r *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	name, password, _ := r.BasicAuth()
	fmt.Fprint(conn, r.RequestURI, r.URL.Query(), r.Header, name, password, "\r\n\r\n")
	_ = conn.Close()
}

// resets closes the connection without an answer.
func resets(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_ = conn.(*net.TCPConn).SetLinger(0) // the close is a reset
	_ = conn.Close()
}

// hang is a network at whose end somebody reads a request and never answers.
func hang(_ context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		r := bufio.NewReader(theirs)
		if _, err := http.ReadRequest(r); err == nil {
			_, _ = io.Copy(io.Discard, r)
		}
	}()
	return ours, nil
}
