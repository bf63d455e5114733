package rpc_test

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// grpcConn is a connection of grpc-go, whose client shares no code with the server.
func grpcConn(t *testing.T, h *servicetest.Running) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(h.Addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestHealthOfGRPC(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest: {token: s3cret}\n"), Agent: servicetest.UncalledAgent(t)})
	client := grpc_health_v1.NewHealthClient(grpcConn(t, h))
	check := func(name string) (grpc_health_v1.HealthCheckResponse_ServingStatus, codes.Code) {
		res, err := client.Check(servicetest.Context(t), &grpc_health_v1.HealthCheckRequest{Service: name})
		return res.GetStatus(), status.Code(err)
	}
	for _, c := range []struct {
		name, service string
		drained       bool
		status        grpc_health_v1.HealthCheckResponse_ServingStatus
		code          codes.Code
	}{
		{"the program", "", false, grpc_health_v1.HealthCheckResponse_SERVING, codes.OK},
		{"the service", manyvoxv1connect.ChannelServiceName, false, grpc_health_v1.HealthCheckResponse_SERVING, codes.OK},
		{"the other service", manyvoxv1connect.ConversationServiceName, false, grpc_health_v1.HealthCheckResponse_SERVING, codes.OK},
		{"no such service", "manyvox.v1.Nothing", false, 0, codes.NotFound},
		{"the program, draining", "", true, grpc_health_v1.HealthCheckResponse_NOT_SERVING, codes.OK},
		{"the service, draining", manyvoxv1connect.ChannelServiceName, true, grpc_health_v1.HealthCheckResponse_NOT_SERVING, codes.OK},
	} {
		if c.drained {
			h.Drain()
		}
		if got, code := check(c.service); got != c.status || code != c.code {
			t.Errorf("%s: %v, %v, want %v, %v", c.name, got, code, c.status, c.code)
		}
	}
}

// A watch tells the status at once and each time it changes, and ends with the program.
func TestEdge08_15_HealthWatch(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.UncalledAgent(t)})
	client := grpc_health_v1.NewHealthClient(grpcConn(t, h))
	watch := func(name string) func() (grpc_health_v1.HealthCheckResponse_ServingStatus, codes.Code) {
		stream, err := client.Watch(servicetest.Context(t), &grpc_health_v1.HealthCheckRequest{Service: name})
		if err != nil {
			t.Fatal(err)
		}
		return func() (grpc_health_v1.HealthCheckResponse_ServingStatus, codes.Code) {
			res, err := stream.Recv()
			return res.GetStatus(), status.Code(err)
		}
	}
	known, unknown := watch(manyvoxv1connect.ChannelServiceName), watch("manyvox.v1.Nothing")
	for _, c := range []struct {
		name   string
		next   func() (grpc_health_v1.HealthCheckResponse_ServingStatus, codes.Code)
		drain  bool
		status grpc_health_v1.HealthCheckResponse_ServingStatus
		code   codes.Code
	}{
		{"the service", known, false, grpc_health_v1.HealthCheckResponse_SERVING, codes.OK},
		{"no such service", unknown, false, grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN, codes.OK},
		{"the service, draining", known, true, grpc_health_v1.HealthCheckResponse_NOT_SERVING, codes.OK},
		{"the service, at the end", known, false, 0, codes.Unavailable},
		{"no such service, at the end", unknown, false, 0, codes.Unavailable},
	} {
		if c.drain {
			h.Drain()
		}
		if got, code := c.next(); got != c.status || code != c.code {
			t.Errorf("%s: %v, %v, want %v, %v", c.name, got, code, c.status, c.code)
		}
	}
}

func TestReflectionDescribesTheAPI(t *testing.T) {
	t.Parallel()
	h := servicetest.OnLoopback(t, service.Config{Agent: servicetest.UncalledAgent(t)})
	ctx, cancel := context.WithCancel(servicetest.Context(t))
	defer cancel()
	stream, err := grpc_reflection_v1.NewServerReflectionClient(grpcConn(t, h)).ServerReflectionInfo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(req *grpc_reflection_v1.ServerReflectionRequest) *grpc_reflection_v1.ServerReflectionResponse {
		if err := stream.Send(req); err != nil {
			t.Fatal(err)
		}
		res, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	list := ask(&grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{},
	})
	var names []string
	for _, s := range list.GetListServicesResponse().GetService() {
		names = append(names, s.GetName())
	}
	if !slices.Contains(names, manyvoxv1connect.ChannelServiceName) || !slices.Contains(names, "grpc.health.v1.Health") {
		t.Errorf("services: %q", names)
	}
	if !slices.Contains(names, manyvoxv1connect.ConversationServiceName) {
		t.Errorf("services: %q", names)
	}
	described := ask(&grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: manyvoxv1connect.ChannelServiceName},
	})
	var file descriptorpb.FileDescriptorProto
	if err := proto.Unmarshal(described.GetFileDescriptorResponse().GetFileDescriptorProto()[0], &file); err != nil {
		t.Fatal(err)
	}
	if n := len(file.GetService()[0].GetMethod()); file.GetPackage() != "manyvox.v1" || n != 4 {
		t.Errorf("package %s, %d methods", file.GetPackage(), n)
	}
}
