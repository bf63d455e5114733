package socketio

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/manyvox/manyvox/channels"
)

// verifier checks the JSON Web Tokens of clients. The nil verifier admits everybody.
type verifier struct {
	parser *jwt.Parser
	key    any
}

// grant is what a token says of the client that shows it.
type grant struct {
	// subject is "" when the token has none.
	subject string
	// expires is when the grant ends, zero for never.
	expires time.Time
}

// methods are the values of jwt_method. Those of "HS" have a secret that both sides
// know, the others a public key in PEM.
var methods = []string{
	"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
}

// newVerifier returns a verifier of tokens that are signed by a method of methods. With
// requireExp it refuses those that never expire. Without a key it returns nil.
func newVerifier(key channels.Secret, method string, requireExp bool) (*verifier, error) {
	if !slices.Contains(methods, method) {
		return nil, fmt.Errorf("jwt_method: expected one of %s", strings.Join(methods, ", "))
	}
	if key == "" {
		return nil, nil
	}
	k, err := parseKey([]byte(key.Reveal()), method)
	if err != nil {
		return nil, fmt.Errorf("jwt_key: expected a public key in PEM form that fits jwt_method %s", method) // the cause may quote it
	}
	options := []jwt.ParserOption{jwt.WithValidMethods([]string{method})}
	if requireExp {
		options = append(options, jwt.WithExpirationRequired())
	}
	return &verifier{jwt.NewParser(options...), k}, nil
}

func parseKey(key []byte, method string) (any, error) {
	switch method[:2] { // of methods
	case "RS", "PS":
		return jwt.ParseRSAPublicKeyFromPEM(key)
	case "ES":
		return jwt.ParseECPublicKeyFromPEM(key)
	case "Ed":
		return jwt.ParseEdPublicKeyFromPEM(key)
	}
	return key, nil
}

// verify checks the token in the data with which a client connects. The error is sent to
// the client.
func (g *verifier) verify(auth json.RawMessage) (grant, error) {
	if g == nil {
		return grant{}, nil
	}
	var shown struct {
		Token string `json:"token"`
	}
	if json.Unmarshal(auth, &shown) != nil || shown.Token == "" {
		return grant{}, errors.New(`a token is needed: connect with auth: {token: "..."}`)
	}
	claims := jwt.MapClaims{}
	_, err := g.parser.ParseWithClaims(strings.TrimPrefix(shown.Token, "Bearer "), claims, g.keyOf)
	expires, inTime := expiry(claims)
	if err != nil || len(claims) == 0 || !inTime {
		return grant{}, errors.New("the token is wrong or has expired")
	}
	subject, _ := claims["sub"].(string)
	return grant{subject: subject, expires: expires}, nil
}

// keyOf returns the key that a token must be signed with. It refuses a token that wants
// extensions to be understood, since we know none:
// https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
func (g *verifier) keyOf(token *jwt.Token) (any, error) {
	if _, critical := token.Header["crit"]; critical {
		return nil, errors.New("the header crit is not understood")
	}
	return g.key, nil
}

// expiry returns the claim exp, zero when there is none. The library counts an exp of 0 as
// none: here it is the second that it says, which has passed.
func expiry(claims jwt.MapClaims) (expires time.Time, inTime bool) {
	if _, ok := claims["exp"]; !ok {
		return time.Time{}, true
	}
	date, err := claims.GetExpirationTime()
	if err != nil || date == nil {
		return time.Time{}, false
	}
	return date.Time, true
}
