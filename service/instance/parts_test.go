package instance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
)

func question() []channels.Reply {
	return []channels.Reply{{Text: "Sure?", Buttons: []channels.Button{{Title: "Yes", Payload: "/yes"}}}, {Text: "bye"}}
}

// The parts of a Chooser have its choices, and each knows the message that it answers.
func TestPartsOfAChooser(t *testing.T) {
	t.Parallel()
	c := new(servicetest.FakePlatform).ChoosingChannels("sms")[0]
	mount(t, c)
	if got, want := c.Capabilities(), []string{"choices", "receive", "send"}; !slices.Equal(got, want) {
		t.Errorf("capabilities %q, want %q", got, want)
	}
	in := &instance.Instance{Config: *c}
	to := channels.Part{Channel: "sms", Type: c.Type.Name, Sender: "ann", MessageID: "m"}
	got, err := in.PartsOf(to, question(), func() string { return "id" })
	if err != nil {
		t.Fatal(err)
	}
	first, second := to, to
	first.ID, second.ID = "id", "id"
	first.Reply, second.Reply = channels.Reply{Text: "Sure?\n1. Yes"}, channels.Reply{Text: "bye"}
	first.Choices = []channels.Choice{{Key: channels.ChoiceKey("/yes"), Title: "Yes", Payload: "/yes"}}
	if diff := cmp.Diff([]channels.Part{first, second}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Choices of a channel that is no Chooser could not be chosen: its Fit is at fault.
func TestPartsWithChoicesOfNoChooser(t *testing.T) {
	t.Parallel()
	p := &servicetest.FakePlatform{OnFit: func(p channels.Part) []channels.Part { return []channels.Part{channels.ListChoices(p)} }}
	in := &instance.Instance{Config: instance.Config{Name: "chat", Channel: p.Channel("chat")}}
	parts, err := in.PartsOf(channels.Part{}, question(), func() string { return "id" })
	if parts != nil || err == nil || !strings.Contains(err.Error(), "channel chat: ") || !strings.Contains(err.Error(), "Chooser") {
		t.Errorf("%d parts, error %v", len(parts), err)
	}
}
