// Command hello talks to Manyvox by connect-go.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	v1 "hello/gen/manyvox/v1"
	"hello/gen/manyvox/v1/manyvoxv1connect"
)

func main() {
	client := manyvoxv1connect.NewChannelServiceClient(http.DefaultClient, cmp.Or(os.Getenv("MANYVOX_URL"), "http://localhost:5005"))
	ctx, call := connect.NewClientContext(context.Background())
	call.RequestHeader().Set("Authorization", "Bearer "+os.Getenv("TOKEN"))

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
	for stream.Receive() {
		if delta := stream.Msg().GetDelta(); delta != nil {
			fmt.Println("delta:", delta.GetText())
		}
	}

	_, err = client.Receive(ctx, &v1.ReceiveRequest{Sender: "me", MetadataJson: "{"})
	if failure := new(connect.Error); errors.As(err, &failure) {
		for _, d := range failure.Details() {
			if v, _ := d.Value(); v != nil {
				if info, ok := v.(*errdetails.ErrorInfo); ok {
					fmt.Println("error:", failure.Code(), info.GetReason())
				}
			}
		}
	}
}
