package channels_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// took is what a platform got by a call.
type took struct {
	Path, Type, Auth string
	Fields           map[string]string
	File, FileName   string
	FileType         string
}

// webAPI answers each call, and keeps what it got.
func webAPI(t *testing.T, status int, header map[string]string, body string) (*channels.API, *took) {
	t.Helper()
	var got took
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = took{Path: r.URL.Path, Auth: r.Header.Get("Authorization"), Fields: map[string]string{}}
		got.Type, _, _ = strings.Cut(r.Header.Get("Content-Type"), ";")
		if got.Type == "multipart/form-data" {
			readForm(t, r, &got)
		} else {
			data, _ := io.ReadAll(r.Body)
			got.Fields["body"] = string(data)
		}
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return &channels.API{
		Client: channels.NewClient(channels.ClientConfig{}), Base: server.URL + "/api/",
		Header: http.Header{"Authorization": {"Bearer xoxb"}},
	}, &got
}

func readForm(t *testing.T, r *http.Request, got *took) {
	t.Helper()
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		t.Error(err)
		return
	}
	for name, values := range r.MultipartForm.Value {
		got.Fields[name] = values[0]
	}
	for _, files := range r.MultipartForm.File {
		f, err := files[0].Open()
		if err != nil {
			t.Error(err)
			return
		}
		data, _ := io.ReadAll(f)
		got.File, got.FileName, got.FileType = string(data), files[0].Filename, files[0].Header.Get("Content-Type")
	}
}

func TestAPI(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		params channels.Params
		want   took
	}{
		{"JSON", channels.Params{"text": "<a>", "n": 1, "none": nil}, took{Type: "application/json", Fields: map[string]string{"body": `{"n":1,"text":"<a>"}`}}},
		{"nothing", nil, took{Type: "application/json", Fields: map[string]string{"body": `{}`}}},
		{
			"a file", channels.Params{"to": "ann", "list": []int{1, 2}, "none": nil, "file": &channels.Upload{Name: `a "b".png`, MIME: "image/png", Data: []byte("PNG")}},
			took{Type: "multipart/form-data", Fields: map[string]string{"to": "ann", "list": "[1,2]"}, File: "PNG", FileName: `a "b".png`, FileType: "image/png"},
		},
		{
			"a file of no type", channels.Params{"file": &channels.Upload{Name: "a"}},
			took{Type: "multipart/form-data", Fields: map[string]string{}, FileName: "a", FileType: "application/octet-stream"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			api, got := webAPI(t, 200, map[string]string{"X-Id": "7"}, `{"ok":true}`)
			answer, err := api.Post(t.Context(), "send", c.params)
			if err != nil || answer.Check() != nil || string(answer.Body) != `{"ok":true}` || answer.Header.Get("X-Id") != "7" {
				t.Errorf("%+v, %v", answer, err)
			}
			c.want.Path, c.want.Auth = "/api/send", "Bearer xoxb"
			if diff := cmp.Diff(c.want, *got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// An answer that is none of success is the channel's to read, and has a class by its status.
func TestAPIRefused(t *testing.T) {
	t.Parallel()
	api, _ := webAPI(t, 429, map[string]string{"Retry-After": "7"}, `{"error":"slow down"}`)
	answer, err := api.Post(t.Context(), "send", nil)
	if err != nil || string(answer.Body) != `{"error":"slow down"}` {
		t.Fatalf("%+v, %v", answer, err)
	}
	if e := channels.AsSendError(answer.Check()); e.Class != channels.SendThrottled || e.RetryAfter != 7*time.Second || e.Code != "429" {
		t.Errorf("%+v", e)
	}
}

// No error quotes the address or a parameter.
func TestAPIErrors(t *testing.T) {
	t.Parallel()
	api, got := webAPI(t, 200, nil, strings.Repeat("x", 2<<20))
	over, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		name   string
		ctx    context.Context
		base   string
		params channels.Params
		want   channels.SendClass
	}{
		{"no JSON", t.Context(), api.Base, channels.Params{"hush": func() {}}, channels.SendRejected},
		{"no JSON in a form", t.Context(), api.Base, channels.Params{"hush": func() {}, "file": &channels.Upload{}}, channels.SendRejected},
		{"no address", t.Context(), "http://hush\x7f/", nil, channels.SendRejected},
		{"nobody there", t.Context(), "http://127.0.0.1:1/hush/", nil, channels.SendUnavailable},
		{"over", over, api.Base, nil, ""},
		{"an answer too long", t.Context(), api.Base, nil, channels.SendUnknown},
	} {
		one := *api
		one.Base = c.base
		answer, err := one.Post(c.ctx, "hush", c.params)
		if err == nil || answer != nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %+v, %v", c.name, answer, err)
		}
		if c.want == "" && !errors.Is(err, context.Canceled) || c.want != "" && channels.AsSendError(err).Class != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if got.Path != "/api/hush" {
		t.Errorf("the last call was %+v", got)
	}
}

func TestReadUpload(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, name, wantName, wantMIME string }{
		{"data:image/png;base64,iVBO", "", "file.png", "image/png"},
		{"data:image/svg+xml,%3Csvg%3E", "", "file.svg", "image/svg+xml"},
		{"data:,hi", "note.txt", "note.txt", "text/plain"},
	} {
		got, err := channels.ReadUpload(c.address, c.name)
		if err != nil || got.Name != c.wantName || got.MIME != c.wantMIME || len(got.Data) == 0 {
			t.Errorf("%s: %+v, %v", c.address, got, err)
		}
	}
	if _, err := channels.ReadUpload("data:image/png;base64,!hush!", ""); channels.AsSendError(err).Class != channels.SendRejected || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
}

// A platform with large answers is read as far as its channel says.
func TestClientMaxResponse(t *testing.T) {
	t.Parallel()
	api, _ := webAPI(t, 200, nil, strings.Repeat("x", 2<<20))
	for limit, ok := range map[int]bool{2 << 20: true, 2<<20 - 1: false} {
		api.Client = channels.NewClient(channels.ClientConfig{MaxResponse: limit})
		answer, err := api.Post(t.Context(), "read", nil)
		if (err == nil) != ok || ok && len(answer.Body) != 2<<20 {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

// A form is for methods that take no JSON, and a body may go to another address.
func TestAPIForm(t *testing.T) {
	t.Parallel()
	api, got := webAPI(t, 200, nil, "{}")
	if _, err := api.PostForm(t.Context(), "info", url.Values{"file": {"F 1"}}); err != nil {
		t.Fatal(err)
	}
	want := took{Path: "/api/info", Type: "application/x-www-form-urlencoded", Auth: "Bearer xoxb", Fields: map[string]string{"body": "file=F+1"}}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Error(diff)
	}
	if _, err := api.PostBody(t.Context(), strings.Replace(api.Base, "/api/", "/upload", 1), "text/plain", []byte("a")); err != nil {
		t.Fatal(err)
	}
	if got.Path != "/upload" || got.Type != "text/plain" || got.Fields["body"] != "a" {
		t.Errorf("%+v", got)
	}
	if _, err := api.PostBody(t.Context(), "http://hush\x7f/", "text/plain", nil); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
}

// The log of a client that hides paths has the host alone.
func TestClientHidesPath(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	var route string
	api := channels.API{Client: channels.NewClient(channels.ClientConfig{HidePath: true, Record: func(_ context.Context, e channels.Exchange) { route = e.Route }})}
	if _, err := api.PostBody(t.Context(), server.URL+"/hush?a=hush", "text/plain", nil); err != nil {
		t.Fatal(err)
	}
	if want := "POST " + strings.TrimPrefix(server.URL, "http://") + "/…"; route != want {
		t.Errorf("%q, want %q", route, want)
	}
}
