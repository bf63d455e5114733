// Command goclient sends a message to Manyvox and prints the replies, first all
// together, then as they are written:
//
//	go run ./examples/goclient -url http://localhost:5005 /stream 5
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "goclient:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("goclient", flag.ContinueOnError)
	url := flags.String("url", "http://localhost:5005", "where Manyvox listens")
	token := flags.String("token", "", "the channel's token, if it has one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	message := cmp.Or(strings.Join(flags.Args(), " "), "hello")
	client := manyvoxv1connect.NewChannelServiceClient(&http.Client{Transport: bearer(*token)}, *url)
	health, err := client.Health(ctx, &manyvoxv1.HealthRequest{})
	if err != nil {
		return err
	}
	for _, c := range health.GetChannels() {
		fmt.Fprintf(out, "channel %s can %s\n", c.GetName(), strings.Join(c.GetCapabilities(), ", "))
	}
	res, err := client.Receive(ctx, &manyvoxv1.ReceiveRequest{Sender: "ann", Message: message})
	if err != nil {
		return err
	}
	for _, r := range res.GetReplies() {
		fmt.Fprintf(out, "reply: %s\n", r.GetText())
	}
	return follow(ctx, client, message, out)
}

func follow(ctx context.Context, client manyvoxv1connect.ChannelServiceClient, message string, out io.Writer) error {
	stream, err := client.ReceiveStream(ctx, &manyvoxv1.ReceiveStreamRequest{Sender: "ann", Message: message})
	if err != nil {
		return err
	}
	defer stream.Close() //nolint:errcheck // Err tells how the stream ended
	for stream.Receive() {
		if d := stream.Msg().GetDelta(); d != nil {
			fmt.Fprintf(out, "delta %s: %s\n", d.GetReplyId(), d.GetText())
		}
		if r := stream.Msg().GetReply(); r != nil {
			fmt.Fprintf(out, "reply %s: %s\n", r.GetReplyId(), r.GetReply().GetText())
		}
	}
	return stream.Err()
}

// bearer sends a token with every request.
type bearer string

// RoundTrip sends the request with the token.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+string(b))
	}
	return http.DefaultTransport.RoundTrip(r)
}
