// Command conformance is the server that Connect's conformance suite calls. The suite's own
// service is behind the HTTP stack of Manyvox, so that a middleware which breaks Connect, gRPC
// or gRPC-Web is found:
//
//	make conformance
//
// With -bare the service is behind net/http and connect-go alone. What fails there too is no
// fault of ours.
package main

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"google.golang.org/protobuf/proto"

	conformancev1 "github.com/manyvox/manyvox/tools/conformance/gen/connectrpc/conformance/v1"
)

// maxRequest is how much the suite may tell a server at its start. It tells a few bytes.
const maxRequest = 1 << 20

func main() {
	bare := flag.Bool("bare", false, "serve without the HTTP stack of Manyvox")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *bare, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

// run starts the server that the request on in asks for, says on out where it listens, and
// serves until ctx ends. The suite ends a server by a signal.
func run(ctx context.Context, bare bool, in io.Reader, out io.Writer) error {
	asked := &conformancev1.ServerCompatRequest{}
	if err := read(in, asked); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := ours(ctx, int64(asked.GetMessageReceiveLimit()))
	if bare {
		server = plain(int(asked.GetMessageReceiveLimit()))
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	at, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return err
	}
	if err := write(out, &conformancev1.ServerCompatResponse{Host: at.Addr().String(), Port: uint32(at.Port())}); err != nil {
		return fmt.Errorf("write the response: %w", err)
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

// read reads a message behind its length in four bytes, as the suite writes it.
func read(r io.Reader, m proto.Message) error {
	var size uint32
	if err := binary.Read(r, binary.BigEndian, &size); err != nil {
		return err
	}
	if size > maxRequest {
		return fmt.Errorf("%d bytes, more than the limit of %d", size, maxRequest)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return err
	}
	return proto.Unmarshal(data, m)
}

// write writes a message behind its length, as the suite reads it.
func write(w io.Writer, m proto.Message) error {
	data, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...)) //nolint:gosec // a few bytes
	return err
}
