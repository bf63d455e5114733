package channels_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

func TestRate(t *testing.T) {
	t.Parallel()
	const wrong = `f.yml:2: channel x: rate: expected a count and a time such as "30/1m"`
	for _, c := range []struct {
		text  string
		want  channels.Rate
		every time.Duration
		err   string
	}{
		{text: "30/1m", want: channels.Rate{Count: 30, Per: time.Minute}, every: 2 * time.Second},
		{text: `"1/500ms"`, want: channels.Rate{Count: 1, Per: 500 * time.Millisecond}, every: 500 * time.Millisecond},
		{text: "5/1h30m", want: channels.Rate{Count: 5, Per: 90 * time.Minute}, every: 18 * time.Minute},
		{text: ""}, // a key without a value
		{text: "30", err: wrong},
		{text: "30/", err: wrong},
		{text: "/1m", err: wrong},
		{text: "30/m", err: wrong},
		{text: "30/60", err: wrong},
		{text: "0/1m", err: wrong},
		{text: "-1/1m", err: wrong},
		{text: "+1/1m", err: wrong},
		{text: "1.5/1m", err: wrong},
		{text: "30/0s", err: wrong},
		{text: "30/-1m", err: wrong},
		{text: "30 / 1m", err: wrong},
		{text: "30/1m/2", err: wrong},
		{text: "99999999999/1m", err: wrong},
		{text: "[30, 1m]", err: wrong + ": found a list in brackets"},
		{text: "{count: 30}", err: wrong + ": found keys under it"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			file, err := config.Parse("f.yml", []byte("x: 1\nrate: "+c.text+"\n"), nil)
			if err != nil {
				t.Fatal(err)
			}
			var keys struct {
				X    int           `yaml:"x"`
				Rate channels.Rate `yaml:"rate"`
			}
			message := ""
			if err := file.Named("channel x").Decode(&keys); err != nil {
				message = err.Error()
			}
			if message != c.err {
				t.Errorf("the error is %q, want %q", message, c.err)
			}
			if diff := cmp.Diff(c.want, keys.Rate); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if keys.Rate.Every() != c.every || keys.Rate.IsZero() != (c.every == 0) {
				t.Errorf("every %v, zero %v", keys.Rate.Every(), keys.Rate.IsZero())
			}
		})
	}
}
