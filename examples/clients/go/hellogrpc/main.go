// Command hellogrpc talks to Manyvox by grpc-go.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	v1 "hello/gen/manyvox/v1"
)

// retries has grpc-go repeat what the assistant has not seen.
const retries = `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 5, "initialBackoff": "0.1s",
	"maxBackoff": "2s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`

func main() {
	conn, err := grpc.NewClient(cmp.Or(os.Getenv("MANYVOX_ADDRESS"), "localhost:5005"),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(retries))
	if err != nil {
		log.Fatal(err)
	}
	client := v1.NewChannelServiceClient(conn)
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+os.Getenv("TOKEN"))

	// With a message_id the call may be made again: the assistant sees the message once.
	id := fmt.Sprint("hello-", time.Now().UnixNano())
	for range 2 {
		res, err := client.Receive(ctx, &v1.ReceiveRequest{Sender: "me", Message: "hello", MessageId: id})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("reply:", res.GetReplies()[0].GetText())
	}

	stream, err := client.ReceiveStream(ctx, &v1.ReceiveStreamRequest{Sender: "me", Message: "/stream 3"})
	if err != nil {
		log.Fatal(err)
	}
	for {
		event, err := stream.Recv()
		if err != nil { // io.EOF at the end
			break
		}
		if delta := event.GetDelta(); delta != nil {
			fmt.Println("delta:", delta.GetText())
		}
	}

	_, err = client.Receive(ctx, &v1.ReceiveRequest{Sender: "me", MetadataJson: "{"})
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			fmt.Println("error:", status.Code(err), info.GetReason())
		}
	}
}
