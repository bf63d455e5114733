package socketio_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/socketio"
)

func TestParsePacket(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, packet string
		want         socketio.Packet
		again        string // when it is not the packet itself
	}{
		{"connect", `0`, socketio.Packet{Kind: '0', Namespace: "/"}, ""},
		{"connect with auth", `0{"token":"t"}`, socketio.Packet{Kind: '0', Namespace: "/", Data: `{"token":"t"}`}, ""},
		{"connect to a namespace", `0/chat,{"token":"t"}`, socketio.Packet{Kind: '0', Namespace: "/chat", Data: `{"token":"t"}`}, ""},
		{"connect with a query", `0/chat?x=1,`, socketio.Packet{Kind: '0', Namespace: "/chat"}, "0/chat,"},
		{"disconnect", `1/chat,`, socketio.Packet{Kind: '1', Namespace: "/chat"}, ""},
		{"a namespace at the end", `1/chat`, socketio.Packet{Kind: '1', Namespace: "/chat"}, "1/chat,"},
		{"event", `2["a",{"b":1}]`, socketio.Packet{Kind: '2', Namespace: "/", Data: `["a",{"b":1}]`}, ""},
		{"event with an id", `2/chat,12["a"]`, socketio.Packet{Kind: '2', Namespace: "/chat", ID: "12", Data: `["a"]`}, ""},
		{"ack", `37[]`, socketio.Packet{Kind: '3', Namespace: "/", ID: "7", Data: `[]`}, ""},
		{"binary event", `51-/chat,["a",{"_placeholder":true,"num":0}]`, socketio.Packet{Kind: '5', Namespace: "/chat", Data: `["a",{"_placeholder":true,"num":0}]`}, `5/chat,["a",{"_placeholder":true,"num":0}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, again, err := socketio.ParsePacket([]byte(c.packet))
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if want := cmp.Or(c.again, c.packet); again != want {
				t.Errorf("sent as %q, want %q", again, want)
			}
		})
	}
}

func TestParsePacketRefuses(t *testing.T) {
	t.Parallel()
	for name, packet := range map[string]string{
		"nothing": "", "an unknown type": "7", "a letter": "x", "no JSON": `2["a"`, "more than JSON": `2["a"]]`, "not UTF-8": "2[\"\xff\"]", "a number": "2 1", "a text": `2"a"`, "white space": "2 [1]",
		"a long id": "2" + strings.Repeat("1", 16) + `["a"]`, "no number of attachments": `5["a"]`, "attachments alone": "51",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if p, _, err := socketio.ParsePacket([]byte(packet)); err == nil {
				t.Errorf("it is taken as %+v", p)
			}
		})
	}
}

func TestParseEventRefuses(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"", "null", "{}", "[]", "[1]", `"a"`, `[{"a":1}]`} {
		if name, _, err := socketio.ParseEvent(json.RawMessage(data)); err == nil {
			t.Errorf("%s is taken as the event %q", data, name)
		}
	}
}

// FuzzPacket checks that what is read and sent again is read as the same.
func FuzzPacket(f *testing.F) {
	for _, seed := range []string{
		`0{"token":"t"}`, `0/chat,`, `2["user_uttered",{"message":"hi"}]`, `2/a,1["b"]`, `51-["a",{"_placeholder":true,"num":0}]`, `1`, `3/x,9[]`, "2 1[]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, again, err := socketio.ParsePacket(b)
		if err != nil {
			return
		}
		if p.Kind == '5' || p.Kind == '6' {
			return // never sent
		}
		q, _, err := socketio.ParsePacket([]byte(again))
		if diff := gocmp.Diff(p, q); err != nil || diff != "" {
			t.Errorf("%q is sent as %q: %v (-first +again):\n%s", b, again, err, diff)
		}
		_, _, _ = socketio.ParseEvent(json.RawMessage(p.Data))
	})
}

// FuzzPayload checks that a payload's packets are all of it.
func FuzzPayload(f *testing.F) {
	for _, seed := range []string{"", "2", "4a\x1e3", "\x1e", "\x1e\x1e4"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		packets := socketio.Packets(payload)
		if got := bytes.Join(packets, []byte{'\x1e'}); !bytes.Equal(got, payload) {
			t.Errorf("%q becomes %q", payload, packets)
		}
	})
}
