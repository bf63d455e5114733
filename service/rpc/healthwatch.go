package rpc

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/manyvox/manyvox/service/instance"
)

const (
	// healthWatch is the path of grpc.health.v1's Watch, which grpchealth does not have.
	healthWatch = "/" + grpchealth.HealthV1ServiceName + "/Watch"
	// healthEvery is how often a watch looks whether messages are taken.
	healthEvery = time.Second
	// serviceUnknown is the status of a service that there is none of.
	serviceUnknown = 3
)

// watcher serves Watch: the status now, and each time it changes.
// https://github.com/grpc/grpc/blob/master/doc/health-checking.md
func (h Health) watcher(options ...connect.HandlerOption) http.Handler {
	method := watchMethod()
	options = append(options[:len(options):len(options)],
		connect.WithSchema(method),
		connect.WithRequestInitializer(func(_ connect.Spec, message any) error {
			m, ok := message.(*dynamicpb.Message)
			if !ok {
				return fmt.Errorf("%T is no dynamic message", message)
			}
			*m = *dynamicpb.NewMessage(method.Input())
			return nil
		}),
		connect.WithInterceptors(errorConverter{}),
	)
	return connect.NewServerStreamHandler(healthWatch, func(
		ctx context.Context, req *connect.Request[dynamicpb.Message], stream *connect.ServerStream[dynamicpb.Message],
	) error {
		service := req.Msg.Get(method.Input().Fields().ByName("service")).String()
		return h.watch(ctx, service, func(status grpchealth.Status) error {
			m := dynamicpb.NewMessage(method.Output())
			m.Set(method.Output().Fields().ByName("status"), protoreflect.ValueOfEnum(protoreflect.EnumNumber(status)))
			return stream.Send(m)
		})
	}, options...)
}

// watchMethod describes Watch. The package grpchealth has the service's file linked in, under
// a name of its own.
func watchMethod() protoreflect.MethodDescriptor {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName("connectext." + grpchealth.HealthV1ServiceName)
	if err != nil {
		panic(err) // a defect of the build
	}
	return d.(protoreflect.ServiceDescriptor).Methods().ByName("Watch") //nolint:forcetypeassert // it is a service
}

// watch sends the status of a service whenever it is another one, until the program drains.
func (h Health) watch(ctx context.Context, service string, send func(grpchealth.Status) error) error {
	ticks := time.NewTicker(healthEvery)
	defer ticks.Stop()
	sent := -1
	for {
		status := h.statusOf(service)
		if int(status) != sent {
			if err := send(status); err != nil {
				return err
			}
			sent = int(status)
		}
		select {
		case <-ticks.C:
		case <-h.Draining:
			if status != grpchealth.StatusNotServing && status != serviceUnknown {
				return sendThen(send, grpchealth.StatusNotServing, instance.ErrDraining)
			}
			return instance.ErrDraining
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// sendThen sends a last status and returns the error that ends the stream.
func sendThen(send func(grpchealth.Status) error, last grpchealth.Status, end error) error {
	if err := send(last); err != nil {
		return err
	}
	return end
}

// statusOf returns the status of a service.
func (h Health) statusOf(service string) grpchealth.Status {
	switch {
	case !isService(service):
		return serviceUnknown
	case h.Ready() != nil:
		return grpchealth.StatusNotServing
	}
	return grpchealth.StatusServing
}
