package cmd

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// fileFlags are the flags of every command that loads the configuration.
type fileFlags struct {
	Credentials string `placeholder:"FILE" help:"Channels and their settings. Default credentials.yml if it exists, else the rest channel alone."`
	Endpoints   string `placeholder:"FILE" help:"Who answers. Default endpoints.yml if it exists, else the echo agent."`
	Connector   string `placeholder:"NAME" help:"Start only this channel of the credentials."`
	PublicURL   string `name:"public-url" placeholder:"URL" help:"Where the outside reaches this program, such as https://example.com/bot. Without it no link leads here."`
}

// serveFlags are the flags of run that shape what is served.
type serveFlags struct {
	Port            int             `short:"p" default:"5005" help:"Port to listen on."`
	Interface       string          `short:"i" default:"0.0.0.0" help:"Address to listen on."`
	CORS            []string        `name:"cors" placeholder:"ORIGIN" help:"Origins whose pages may call: several values, or * for all. Default none."`
	AuthToken       channels.Secret `short:"t" placeholder:"TOKEN" help:"Token that opens ChannelService and the channels that are open to it."`
	OperatorToken   channels.Secret `placeholder:"TOKEN" help:"Token of ConversationService and /metrics. Default --auth-token, or else one that the first start makes and keeps in the journal, with a copy in the data directory."`
	MetricsAddress  string          `placeholder:"HOST:PORT" help:"Serve /metrics alone, without a token, on an address of its own."`
	ResponseTimeout seconds         `default:"3600" help:"Longest a caller waits, in seconds or as 90s, 5m."`
	MaxBody         int64           `default:"1048576" help:"Largest request in bytes, decompressed."`
	MaxStreams      int             `default:"250" help:"Most calls at once on one HTTP/2 connection. A gateway that sends all of its users' through one may need more."`
	StoreWait       time.Duration   `default:"60s" help:"How long to wait at the start for a store that is away. Meanwhile the program answers, and is not ready."`
	NoChat          bool            `help:"Do not serve the chat page."`
	dataFlags       `embed:""`
}

// dataFlags is the flag of every command that uses the data directory.
type dataFlags struct {
	DataDir string `default:"./.manyvox" help:"Where the journal and the operator's token are kept."`
}

// clientFlags are the flags of the commands that ask a program that runs.
type clientFlags struct {
	Server        string          `placeholder:"URL" help:"The program to ask. Default http://localhost:5005."`
	OperatorToken channels.Secret `placeholder:"TOKEN" help:"The operator's token. Default --auth-token, or else that of the data directory when the program is on this machine."`
	AuthToken     channels.Secret `short:"t" placeholder:"TOKEN" help:"The program's --auth-token."`
	dataFlags     `embed:""`
}

// storeFlags are the flags of the commands that open the journal themselves.
type storeFlags struct {
	Endpoints string `placeholder:"FILE" help:"Names the store. Default endpoints.yml if it exists."`
}

// logFlags are the flags that shape the log.
type logFlags struct {
	LogFormat string `enum:"auto,text,json" default:"auto" help:"text, json, or auto: text on a terminal."`
	Verbose   int    `short:"v" type:"counter" help:"Log each turn."`
	Debug     bool   `help:"The same as -v."`
	Quiet     bool   `help:"Log warnings and errors alone."`
}

// seconds is a time span given as Rasa does, a number of seconds, or with a unit.
type seconds time.Duration

// UnmarshalText reads "3600" and "90s".
func (s *seconds) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if n, numErr := strconv.ParseFloat(string(text), 64); numErr == nil {
		d, err = time.Duration(n*float64(time.Second)), nil
	}
	if err != nil || d <= 0 {
		return errors.New("expected a positive number of seconds, or a time such as 90s or 5m")
	}
	*s = seconds(d)
	return nil
}

// joinCORS lets --cors take several values, as Rasa's does: "--cors a b" becomes
// "--cors=a,b".
func joinCORS(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		if args[i] != "--cors" {
			out = append(out, args[i])
			continue
		}
		var origins []string
		for i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			i++
			origins = append(origins, args[i])
		}
		if len(origins) > 0 { // Rasa takes none to mean none
			out = append(out, "--cors="+strings.Join(origins, ","))
		}
	}
	return out
}
