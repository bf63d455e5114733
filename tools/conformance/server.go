package main

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/rpc"
	"github.com/manyvox/manyvox/service/server"
	"github.com/manyvox/manyvox/tools/conformance/gen/connectrpc/conformance/v1/conformancev1connect"
)

// ours returns a server that is Manyvox's, but for the services. A message may have up to
// maxBody bytes; 0 means as many as without the flag --max-body.
func ours(ctx context.Context, maxBody int64) *http.Server {
	maxBody = cmp.Or(maxBody, service.DefaultMaxBody)
	_, h := conformancev1connect.NewConformanceServiceHandler(conformance{}, rpc.HandlerOptions(maxBody)...)
	port := server.NewPort(server.Config{
		RPC: methods(h), Metrics: http.NotFoundHandler(), Ready: func() error { return nil }, MaxBody: maxBody,
	})
	port.Serve(nil)
	return server.New(ctx, port, 0, slog.New(slog.DiscardHandler))
}

// methods mounts the methods one by one, as Manyvox does. Unimplemented is not there, so that
// the answer to a method that nobody has is ours.
func methods(h http.Handler) map[string]http.Handler {
	return map[string]http.Handler{
		conformancev1connect.ConformanceServiceUnaryProcedure:           h,
		conformancev1connect.ConformanceServiceIdempotentUnaryProcedure: h,
		conformancev1connect.ConformanceServiceServerStreamProcedure:    h,
		conformancev1connect.ConformanceServiceClientStreamProcedure:    h,
		conformancev1connect.ConformanceServiceBidiStreamProcedure:      h,
	}
}

// plain returns a server that is net/http's and connect-go's alone.
func plain(maxBody int) *http.Server {
	path, h := conformancev1connect.NewConformanceServiceHandler(conformance{}, connect.WithReadMaxBytes(maxBody))
	mux := http.NewServeMux()
	mux.Handle(path, h)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{Handler: mux, Protocols: protocols} //nolint:gosec // it serves the suite alone
}
