package rpc

import (
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"
	"connectrpc.com/grpcreflect"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service/auth"
)

// compressFrom is the size in bytes from which an answer is worth compressing, the same
// as for webhooks.
const compressFrom = 1024

// Services are the services of the typed API.
type Services struct {
	Channels      ChannelService
	Conversations Conversations
	Subscriptions Subscriptions
	Health        Health
}

// Handlers returns the handlers of the services, of grpc.health.v1 and of gRPC
// reflection, by the paths of their methods: whoever serves them answers any other method.
// A request may have up to maxBody bytes, decompressed.
func (s Services) Handlers(guard auth.Guard, maxBody int64) map[string]http.Handler {
	handlers := map[string]http.Handler{}
	add := func(path string, h http.Handler) {
		for _, procedure := range procedures(path) {
			handlers[procedure] = h
		}
	}
	options := HandlerOptions(maxBody)
	add(manyvoxv1connect.NewChannelServiceHandler(s.Channels, options...))
	add(manyvoxv1connect.NewSubscriptionServiceHandler(s.Subscriptions, options...))
	add(s.Conversations.Handler(guard, options...))
	add(grpchealth.NewHandler(s.Health, options...))
	handlers[healthWatch] = s.Health.watcher(options...)
	reflector := grpcreflect.NewStaticReflector(
		manyvoxv1connect.ChannelServiceName, manyvoxv1connect.SubscriptionServiceName,
		manyvoxv1connect.ConversationServiceName, grpchealth.HealthV1ServiceName)
	add(grpcreflect.NewHandlerV1(reflector, options...))
	add(grpcreflect.NewHandlerV1Alpha(reflector, options...))
	return handlers
}

// HandlerOptions returns what every handler has: the limit of a request in bytes, from which
// size an answer is compressed, and how JSON is read.
func HandlerOptions(maxBody int64) []connect.HandlerOption {
	options := []connect.HandlerOption{
		connect.WithReadMaxBytes(int(maxBody)),
		connect.WithCompressMinBytes(compressFrom),
	}
	for _, codec := range jsonCodecs() {
		options = append(options, connect.WithCodec(codec))
	}
	return options
}

// procedures returns the paths of the methods of a service, whose own path is like
// "/manyvox.v1.ChannelService/".
func procedures(path string) (list []string) {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.Trim(path, "/")))
	service, ok := d.(protoreflect.ServiceDescriptor)
	if err != nil || !ok {
		return []string{path} // all of its methods: reflection's old version is not linked in
	}
	methods := service.Methods()
	for i := range methods.Len() {
		list = append(list, path+string(methods.Get(i).Name()))
	}
	return list
}
