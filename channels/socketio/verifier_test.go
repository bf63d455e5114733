package socketio_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/socketio"
)

const jwtKey = "a-secret-of-both-sides-with-32-bytes"

// token returns a signed token.
func token(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	s, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := channels.Secret(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	ann := jwt.MapClaims{"sub": "ann"}
	good := token(t, jwt.SigningMethodHS256, []byte(jwtKey), ann)
	old := token(t, jwt.SigningMethodHS256, []byte(jwtKey), jwt.MapClaims{"sub": "ann", "exp": time.Now().Add(-time.Minute).Unix()})
	for _, c := range []struct {
		name         string
		key          channels.Secret
		method, auth string
		subject      string
		ok           bool
	}{
		{"no key asks for nothing", "", "HS256", "", "", true},
		{"good", jwtKey, "HS256", `{"token":"` + good + `"}`, "ann", true},
		{"good after Bearer", jwtKey, "HS256", `{"token":"Bearer ` + good + `"}`, "ann", true},
		{"no subject", jwtKey, "HS256", `{"token":"` + token(t, jwt.SigningMethodHS256, []byte(jwtKey), jwt.MapClaims{"user": "ann"}) + `"}`, "", true},
		{"a public key", public, "ES256", `{"token":"` + token(t, jwt.SigningMethodES256, key, ann) + `"}`, "ann", true},
		{"no auth", jwtKey, "HS256", "", "", false},
		{"null", jwtKey, "HS256", "null", "", false},
		{"no token", jwtKey, "HS256", `{}`, "", false},
		{"no text", jwtKey, "HS256", `{"token":7}`, "", false},
		{"junk", jwtKey, "HS256", `{"token":"a.b.c"}`, "", false},
		{"no claims", jwtKey, "HS256", `{"token":"` + token(t, jwt.SigningMethodHS256, []byte(jwtKey), jwt.MapClaims{}) + `"}`, "", false},
		{"expired", jwtKey, "HS256", `{"token":"` + old + `"}`, "", false},
		{"another key", "other", "HS256", `{"token":"` + good + `"}`, "", false},
		{"another method", jwtKey, "HS512", `{"token":"` + good + `"}`, "", false},
		{"a public key used as a secret", public, "ES256", `{"token":"` + token(t, jwt.SigningMethodHS256, []byte(public.Reveal()), ann) + `"}`, "", false},
		{"no signature", jwtKey, "HS256", `{"token":"` + token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, ann) + `"}`, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			subject, _, err := socketio.VerifyToken(c.key, c.method, false, c.auth)
			if subject != c.subject || (err == nil) != c.ok {
				t.Errorf("%q, %v, want %q, %v", subject, err, c.subject, c.ok)
			}
		})
	}
}

// signedWith returns the auth of a token with an exp, and with a header more if there is one.
func signedWith(t *testing.T, exp any, header string) string {
	t.Helper()
	claims := jwt.MapClaims{"sub": "ann"}
	if exp != nil {
		claims["exp"] = exp
	}
	signed := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	if header != "" {
		signed.Header[header] = []string{"exp"}
	}
	s, err := signed.SignedString([]byte(jwtKey))
	if err != nil {
		t.Fatal(err)
	}
	return `{"token":"` + s + `"}`
}

func TestVerifyExpiry(t *testing.T) {
	t.Parallel()
	hour := time.Now().Add(time.Hour).Truncate(time.Second)
	for _, c := range []struct {
		name       string
		exp        any // nil for none
		header     string
		requireExp bool
		expires    time.Time
		ok         bool
	}{
		{"in an hour", hour.Unix(), "", false, hour, true},
		{"in an hour, and required", hour.Unix(), "", true, hour, true},
		{"none", nil, "", false, time.Time{}, true},
		{"none, and required", nil, "", true, time.Time{}, false},
		{"zero", 0, "", false, time.Time{}, false},
		{"zero, and required", 0, "", true, time.Time{}, false},
		{"less than zero", -1, "", false, time.Time{}, false},
		{"text", "2099-01-01", "", false, time.Time{}, false},
		{"more than a date can be", 1e30, "", false, time.Time{}, false},
		{"another header", hour.Unix(), "kid", false, hour, true},
		{"the header crit", hour.Unix(), "crit", false, time.Time{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, expires, err := socketio.VerifyToken(jwtKey, "HS256", c.requireExp, signedWith(t, c.exp, c.header))
			if !expires.Equal(c.expires) || (err == nil) != c.ok {
				t.Errorf("expires %v, %v, want %v, %v", expires, err, c.expires, c.ok)
			}
		})
	}
}

// The start warns once of tokens that never expire, if they are taken.
func TestWarnsOfTokensWithoutExp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		block string
		want  int
	}{{"", 0}, {"jwt_key: " + jwtKey, 1}, {"jwt_require_exp: true\njwt_key: " + jwtKey, 0}} {
		t.Run(c.block, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			if _, err := decode(t, c.block).Open(channels.Env{Log: slog.New(slog.NewTextHandler(&log, nil))}); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(log.String(), "level=WARN"); n != c.want || strings.Count(log.String(), "jwt_require_exp") != c.want {
				t.Errorf("%d warnings, want %d: %s", n, c.want, &log)
			}
		})
	}
}

// A client is taken out of the namespace when its token expires, by polling and by
// WebSocket, and its conversation waits for it. With a new token it goes on.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, *pipeListener) *client{
		"polling":   func(t *testing.T, l *pipeListener) *client { return onPipe(t, l).poller(t) },
		"websocket": func(t *testing.T, l *pipeListener) *client { return onPipe(t, l).dial(t, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				p := run(t, programOptions{listener: l, block: "  " + persistent + "  jwt_key: " + jwtKey + "\n"})
				c := open(t, l)
				c.connectWith(signedWith(t, time.Now().Add(time.Minute).Unix(), ""))
				id := c.confirmed("null")
				c.wantsExpiry(time.Minute)
				c.send(`42["user_uttered",{"message":"late","session_id":"` + id + `"}]`)
				synctest.Wait()
				if n := p.channel.Senders(); n != 0 {
					t.Errorf("%d senders are connected, want none", n)
				}
				c.connectWith(signedWith(t, time.Now().Add(time.Minute).Unix(), ""))
				if again := c.confirmed(`{"session_id":"` + id + `"}`); again != id {
					t.Errorf("another session is confirmed")
				}
				c.send(`42["user_uttered",{"message":"in time","session_id":"` + id + `"}]`)
				c.wants(`42["bot_uttered",{"text":"in time"}]`)
				c.send("1") // its end ends the wait for the second token
			})
		})
	}
}

// connectWith joins the default namespace with a token.
func (c *client) connectWith(auth string) {
	c.t.Helper()
	c.send("40" + auth)
	if got := c.next(); !strings.HasPrefix(got, `40{"sid":"`) {
		c.t.Fatalf("not connected but %q", got)
	}
}

// wantsExpiry answers pings for so long, and reads then that the client has left.
func (c *client) wantsExpiry(after time.Duration) {
	c.t.Helper()
	began := time.Now()
	packet := "2"
	for packet == "2" && time.Since(began) <= after {
		var err error
		if packet, err = c.read(); err != nil {
			c.t.Fatalf("the connection has ended: %v", err)
		}
		if packet == "2" {
			c.send("3")
		}
	}
	if lasted := time.Since(began); packet != "41" || lasted != after {
		c.t.Fatalf("packet %q after %v, want the end after %v", packet, lasted, after)
	}
}

// A second token on the same connection is what counts, whatever the first one's end was.
func TestTokenReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		run(t, programOptions{listener: l, block: "  jwt_key: " + jwtKey + "\n"})
		c := onPipe(t, l).poller(t)
		c.connectWith(signedWith(t, time.Now().Add(time.Minute).Unix(), ""))
		c.send("41")
		const lifetime = time.Hour + 10*time.Second // no multiple of ping_interval
		c.connectWith(signedWith(t, time.Now().Add(lifetime).Unix(), ""))
		c.wantsExpiry(lifetime)
	})
}
