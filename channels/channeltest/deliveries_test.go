package channeltest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// sealedConfig is a channel whose platform signs the time and the body, and posts events in
// batches. Its faults are those that a test wants.
type sealedConfig struct {
	Secret channels.Secret `yaml:"signing_secret"`

	flaw  string // what it does wrong, "" for nothing
	env   channels.Env
	taken *atomic.Int32
}

// fresh is how old a signature may be.
const fresh = 5 * time.Minute

func (c *sealedConfig) Validate() error { return nil }
func (c *sealedConfig) Signed() bool    { return true }

func (c *sealedConfig) Open(env channels.Env) (channels.Channel, error) {
	c.env = env
	return c, nil
}

func (c *sealedConfig) Inbound(in channels.Inbox) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/webhook" {
			channels.WriteError(w, channels.Errorf(channels.CodeNotFound, "no such route"))
			return
		}
		body, err := channels.ReadRaw(r)
		if err == nil {
			err = c.verify(r.Header, body)
		}
		if err == nil {
			err = c.take(r.Context(), in, body)
		}
		if err != nil {
			channels.WriteError(w, err)
		}
	})
}

// macOf signs a body at a time, in seconds.
func macOf(secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func (c *sealedConfig) verify(h http.Header, body []byte) error {
	key := "signing_secret"
	if c.flaw == "noKey" {
		key = "something"
	}
	at, signature := h.Get("X-Time"), h.Get("X-Signature")
	if c.flaw == "noTime" && at == "" {
		return nil
	}
	if c.flaw == "noSignature" && signature == "" {
		return nil
	}
	if c.flaw == "noBody" {
		body = []byte(sent.Body)
	}
	if !hmac.Equal([]byte(signature), []byte(macOf(c.Secret.Reveal(), at, body))) {
		return channels.WrongSignature(key, "it is another")
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return channels.WrongSignature(key, "it has no time")
	}
	age, limit := time.Since(time.Unix(seconds, 0)), fresh
	if c.flaw == "strict" {
		limit = time.Minute
	}
	if age > limit && c.flaw != "oldTaken" || age < -limit && c.flaw != "futureTaken" {
		return channels.WrongSignature(key, "it is too old")
	}
	return nil
}

// event is what the platform tells.
type event struct {
	ID, Kind, Text, File string
}

func (c *sealedConfig) take(ctx context.Context, in channels.Inbox, body []byte) error {
	var batch struct{ Events []event }
	if err := json.Unmarshal(body, &batch); err != nil || len(batch.Events) == 0 {
		return channels.Errorf(channels.CodeInvalid, "no events")
	}
	var ms []channels.Message
	for _, e := range batch.Events {
		m, err := c.message(ctx, e)
		if err != nil {
			return err
		}
		if m.ID != "" || m.Text != "" {
			ms = append(ms, m)
		}
	}
	switch n := len(ms); {
	case n == 0:
		return nil
	case c.flaw == "lastOnly":
		ms = ms[n-1:]
	case c.flaw == "backwards" && n > 1:
		ms[0], ms[n-1] = ms[n-1], ms[0]
	case c.flaw == "oneID":
		for i := range ms {
			ms[i].ID = "1"
		}
	}
	return in.Post(ctx, ms...)
}

func (c *sealedConfig) message(ctx context.Context, e event) (m channels.Message, err error) {
	switch {
	case e.Kind == "own" && c.flaw == "answersItself", e.Kind == "":
	case c.flaw == "nags":
		return m, channels.Errorf(channels.CodeInternal, "what is that?")
	default:
		if c.flaw != "silent" {
			c.env.Record(ctx, channels.Exchange{Verdict: channels.VerdictIgnored, Text: e.Kind})
		}
		return m, nil
	}
	m = channels.Message{ID: e.ID, Sender: "ann", Text: e.Text}
	if n := c.taken.Add(1); c.flaw == "numbers" {
		m.ID += strconv.Itoa(int(n))
	}
	if c.flaw == "noID" {
		m.ID = ""
	}
	if e.File != "" && c.flaw != "noFiles" {
		m.Attachments = []channels.Attachment{{Ref: e.File}}
	}
	return m, nil
}

// sent is a request before it is signed.
var sent = channeltest.Case{Header: map[string]string{"Content-Type": "application/json"}, Body: `{"events":[{"id":"1","text":"hi, how are you?"}]}`}

func sealedType(flaw string) channels.Type {
	taken := new(atomic.Int32)
	return channels.Type{
		Name: "signed", Example: "signing_secret: s3cr3t", Takes: []channels.Kind{channels.KindText, channels.KindAttachment},
		New: func() channels.Config { return &sealedConfig{flaw: flaw, taken: taken} },
	}
}

// signing is the platform of the channel.
func signing() channeltest.Platform {
	return channeltest.Platform{
		Ignored: map[string]string{"a reaction": `{"events":[{"id":"9","kind":"reaction"}]}`},
		Delivers: channeltest.Deliveries{
			Fresh: fresh, Own: `{"events":[{"id":"8","kind":"own","text":"hello"}]}`,
			Batch: `{"events":[{"id":"1","text":"a"},{"id":"2","text":"b"},{"id":"3","text":"c"}]}`, Texts: []string{"a", "b", "c"},
			Kinds: map[channels.Kind]string{channels.KindAttachment: `{"events":[{"id":"1","file":"f1"}]}`},
			Sign: func(c channeltest.Case, at time.Time) channeltest.Case {
				seconds := strconv.FormatInt(at.Unix(), 10)
				c.Header = maps.Clone(c.Header)
				c.Header["X-Time"], c.Header["X-Signature"] = seconds, macOf("s3cr3t", seconds, []byte(c.Body))
				return c
			},
		},
	}
}

func TestContractOfASignedChannel(t *testing.T) {
	t.Parallel()
	channeltest.Contract(t, sealedType(""), sent, signing())
}

func TestContractFindsFaultsOfASignedChannel(t *testing.T) {
	t.Parallel()
	const (
		unsigned, changed, stale, again = "refuses what is not signed", "refuses a body that was changed", "refuses a signature that is stale", "knows a redelivery"
		told, own, counted, batch       = "tells its log which key a signature does not match", "ignores what it has said itself", "counts what it ignores", "takes a batch in order"
		ignored, kinds                  = "acknowledges what is no message", "takes each kind that its type names"
	)
	for name, c := range map[string]struct {
		flaw string // what it does wrong, "" for nothing
		want []string
	}{
		"a missing time is taken":      {"noTime", []string{unsigned}},
		"a missing signature is taken": {"noSignature", []string{unsigned}},
		"an old signature is taken":    {"oldTaken", []string{stale}},
		"a future one is taken":        {"futureTaken", []string{stale}},
		"a late delivery is refused":   {"strict", []string{stale}},
		"no key is named":              {"noKey", []string{told}},
		"each delivery is another":     {"numbers", []string{again}},
		"no ids":                       {"noID", []string{again, batch, kinds}},
		"the last event alone":         {"lastOnly", []string{batch}},
		"backwards":                    {"backwards", []string{batch}},
		"one id for all":               {"oneID", []string{batch}},
		"it answers itself":            {"answersItself", []string{own}},
		"it tells nobody":              {"silent", []string{counted}},
		"what it does not know fails":  {"nags", []string{ignored, counted, own}},
		"it loses files":               {"noFiles", []string{kinds}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, channeltest.Failed(sealedType(c.flaw), sent, signing())); diff != "" {
				t.Errorf("failed checks (-want +got):\n%s", diff)
			}
		})
	}
}

// TestContractChangesBytes has a channel that verifies another body than the one that came.
func TestContractChangesBytes(t *testing.T) {
	t.Parallel()
	err := channeltest.Check("refuses a body that was changed", sealedType("noBody"), sent, signing())
	if err == nil || !strings.Contains(err.Error(), "with byte 0 changed") || !strings.Contains(err.Error(), fmt.Sprintf("with byte %d changed", len(sent.Body)-1)) {
		t.Errorf("%v", err)
	}
}

// TestContractWantsEachKind names the kinds that were not tried, and those that the type lacks.
func TestContractWantsEachKind(t *testing.T) {
	t.Parallel()
	p := signing()
	p.Delivers.Kinds = map[channels.Kind]string{channels.KindButtons: "{}"}
	err := channeltest.Check("takes each kind that its type names", sealedType(""), sent, p)
	if err == nil || !strings.Contains(err.Error(), `lacks "buttons"`) || !strings.Contains(err.Error(), `has "attachment"`) {
		t.Errorf("%v", err)
	}
}
