package slack_test

import (
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels/channeltest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	hello := payload(t, "client_msg_id")
	typ := typ()
	typ.Example = webhook
	channeltest.Contract(t, typ, channeltest.Case{Header: signed(time.Now(), hello), Body: hello})
}
