package agenttest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Peer is the assistant at the other end of an agent, played by the agent's test. Contract
// tells it how to behave. The zero value of each bool asks for the whole promise.
type Peer struct {
	// Open opens an agent, and a peer for it that does in each turn what the stage says. It
	// is called once per turn. What it has opened is closed with the test. Required.
	Open func(t *testing.T, s Stage) agents.Agent
	// Collects says that the protocol has one answer, at the end of the turn.
	Collects bool
	// NoDeltas says that the protocol has no pieces of a text.
	NoDeltas bool
	// OneText says that the protocol has one text per turn: replies that follow each other are
	// pieces of it.
	OneText bool
	// NoRetryAfter says that the protocol has no place for how long to wait.
	NoRetryAfter bool
	// NoAttempt says that the protocol has no place for the number of the attempt.
	NoAttempt bool
}

// Stage is what a check gives an agent and its peer for one turn.
type Stage struct {
	// Log is the agent's.
	Log *slog.Logger
	// Secret belongs into each secret of the agent's configuration, alone or as a part.
	Secret channels.Secret
	// Answer is called for each turn that reaches the peer. It returns when the peer has done
	// all that it shall do. Nil means that there is no peer: nobody listens at its address.
	Answer func(Exchange)
}

// Exchange is one turn as the peer has it. The agent's test writes it in the agent's protocol.
// Each method sends at once what it is given.
type Exchange interface {
	// Context ends when the peer can tell that the agent has given the turn up.
	Context() context.Context
	// Request is all that the agent has sent, secrets too.
	Request() string
	// Attempt is the number of the attempt that the agent has told, 0 when it has told none.
	Attempt() int
	// Delta sends a piece of a text.
	Delta(text string)
	// Reply sends a whole text. It completes the pieces that came before it.
	Reply(text string)
	// Custom sends a reply whose custom is the text, which may be no JSON.
	Custom(text string)
	// Raw sends a text where the protocol has something else.
	Raw(text string)
	// Refuse ends the turn in place of an answer, as HTTP does by a status other than 200: 429
	// and 503 say that the turn has not begun. With these it asks for a pause, in seconds.
	Refuse(status, seconds int)
	// Cut breaks the connection. It need not return.
	Cut()
	// End ends the turn well.
	End()
}
