package clients_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

const (
	esbuild = "../examples/typescript/node_modules/.bin/esbuild"
	// page has the driver run as it does in Node.js: its arguments come by the address, and what
	// it writes goes to the test.
	page = `<!doctype html><script>
const given = new URLSearchParams(location.search);
globalThis.process = { argv: ["", "", given.get("url"), given.get("method"), given.get("request")] };
let last = Promise.resolve();
console.log = (line) => { last = last.then(() => fetch("/line", { method: "POST", body: line })); };
</script><script type="module" src="/driver.js"></script>`
)

// bundled returns the npm package as a page has it: in one file with the driver.
func bundled(t *testing.T, node client) client {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		skip(t, "no chromium on this machine")
	}
	path, err := filepath.Abs(esbuild)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		skip(t, "no node_modules: run npm ci in examples/typescript")
	}
	node.run(t, path+" driver.mjs --bundle --platform=browser --format=esm --log-level=warning --outfile=bundle.js")
	node.name, node.bundle = "npm in a browser", filepath.Join(node.dir, "bundle.js")
	return node
}

// visit has Chromium open a page that makes a call. It is ended with the test.
func (c client) visit(t *testing.T, program, method, request string) *call {
	t.Helper()
	made := &call{t: t, lines: make(chan string, 100)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, page)
	})
	mux.HandleFunc("GET /driver.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, c.bundle) })
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /line", func(_ http.ResponseWriter, r *http.Request) {
		line, _ := io.ReadAll(r.Body)
		made.lines <- string(line)
		if string(line) == "done" {
			close(made.lines)
		}
	})
	site := httptest.NewServer(mux)
	address := site.URL + "/?" + url.Values{"url": {program}, "method": {method}, "request": {request}}.Encode()
	browser := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir="+t.TempDir(), address)
	browser.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it has many processes
	if err := browser.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-browser.Process.Pid, syscall.SIGKILL)
		_ = browser.Wait()
		site.Close()
	})
	return made
}
