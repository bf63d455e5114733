package cmd_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/service/journal"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// The whole main function of a program. Append types of your own to the lists.
func ExampleMain() {
	os.Exit(cmd.Main(channels.Types(), agents.Types(), stores.Types()))
}

// A program as a value: it runs in this process, on a free port, until ctx ends.
func ExampleProgram() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	dir, err := os.MkdirTemp("", "manyvox")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	listening := make(chan net.Addr, 1)
	ended := make(chan int, 1)
	p := cmd.Program{
		Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{memory.Type()},
		Stdout: io.Discard, Stderr: io.Discard,
		Listening: func(a net.Addr) { listening <- a },
	}
	go func() {
		ended <- p.Run(ctx, []string{"run", "--interface", "127.0.0.1", "--port", "0", "--data-dir", dir})
	}()

	url := "http://" + (<-listening).String() + "/webhooks/rest/webhook"
	res, err := http.Post(url, "application/json", strings.NewReader(`{"sender": "ann", "message": "hello"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	fmt.Printf("%s\n", body)
	stop()
	fmt.Println("exit code", <-ended)
	// Output:
	// [{"recipient_id":"ann","text":"hello"}]
	// exit code 0
}
