package socketio_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"
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
			subject, err := socketio.VerifyToken(c.key, c.method, c.auth)
			if subject != c.subject || (err == nil) != c.ok {
				t.Errorf("%q, %v, want %q, %v", subject, err, c.subject, c.ok)
			}
		})
	}
}
