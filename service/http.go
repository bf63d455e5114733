package service

import (
	"fmt"
	"io"
	"net/http"
	"slices"

	"connectrpc.com/connect"
	connectcors "connectrpc.com/cors"
	"connectrpc.com/grpchealth"
	"connectrpc.com/grpcreflect"
	"github.com/rs/cors"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// Handler returns the handler of everything on the one port: both services, the
// standard gRPC services, webhooks, probes and the chat page.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	options := []connect.HandlerOption{
		connect.WithReadMaxBytes(int(s.maxBody)),
		connect.WithCompressMinBytes(compressFrom),
	}
	mux.Handle(s.rpcHandler(options...))
	mux.Handle(s.conversationsHandler(options...))
	mux.Handle(grpchealth.NewHandler(healthChecker{s}, options...))
	reflector := grpcreflect.NewStaticReflector(
		manyvoxv1connect.ChannelServiceName, manyvoxv1connect.ConversationServiceName, grpchealth.HealthV1ServiceName)
	mux.Handle(grpcreflect.NewHandlerV1(reflector, options...))
	mux.Handle(grpcreflect.NewHandlerV1Alpha(reflector, options...))
	mux.Handle(webhooksPath, s.webhooks())
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.serveMetrics())
	s.serveChat(mux)
	mux.HandleFunc("GET /{$}", s.hello)
	mux.HandleFunc("/", notFound)
	origins := s.origins()
	s.mountAll(mux, origins)
	return deadlines(s.crossOrigin(origins, takeToken(mux)))
}

// origins knows the origins whose pages may call. "*" never comes with cookies or other
// ambient credentials.
func (s *Service) origins() *cors.Cors {
	return cors.New(cors.Options{
		AllowedOrigins:   s.cors,
		AllowedMethods:   connectcors.AllowedMethods(),
		AllowedHeaders:   append(connectcors.AllowedHeaders(), "Authorization", "Accept"),
		ExposedHeaders:   append(connectcors.ExposedHeaders(), "Retry-After"),
		AllowCredentials: !slices.Contains(s.cors, "*"),
		MaxAge:           7200, // seconds; Chromium takes no more
	})
}

// crossOrigin lets pages of the configured origins call.
func (s *Service) crossOrigin(origins *cors.Cors, next http.Handler) http.Handler {
	if len(s.cors) == 0 { // the library would take that for all
		return next
	}
	return origins.Handler(next)
}

func alive(w http.ResponseWriter, _ *http.Request) { plainText(w, http.StatusOK, "ok\n") }

// ready says whether messages are taken. It never asks the agent: a service whose
// agent is down still has its place.
func (s *Service) ready(w http.ResponseWriter, _ *http.Request) {
	switch {
	case s.draining.Load():
		plainText(w, http.StatusServiceUnavailable, "shutting down\n")
	case !s.journal.isWritable():
		plainText(w, http.StatusServiceUnavailable, "the journal cannot be written\n")
	default:
		plainText(w, http.StatusOK, "ok\n")
	}
}

// hello answers programs; a browser is sent to the chat page, when there is one.
func (s *Service) hello(w http.ResponseWriter, r *http.Request) {
	if s.chat != nil {
		w.Header().Add("Vary", "Accept")
		if accepts(r.Header.Get("Accept"), "text/html") {
			toChat(w, r)
			return
		}
	}
	plainText(w, http.StatusOK, fmt.Sprintf("Hello from Manyvox: %s\n", s.version))
}

func notFound(w http.ResponseWriter, r *http.Request) {
	channels.WriteError(w, channels.Errorf(channels.CodeNotFound, "no route %s %s", r.Method, r.URL.Path))
}

func plainText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // a caller that is gone needs no answer
}
