package socketio

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/manyvox/manyvox/channels"
)

// verifier checks the JSON Web Tokens of clients. The nil verifier admits everybody.
type verifier struct {
	parser *jwt.Parser
	key    any
}

// methods are the values of jwt_method. Those of "HS" have a secret that both sides
// know, the others a public key in PEM.
var methods = []string{
	"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
}

func newVerifier(key channels.Secret, method string) (*verifier, error) {
	if !slices.Contains(methods, method) {
		return nil, fmt.Errorf("jwt_method: expected one of %s", strings.Join(methods, ", "))
	}
	if key == "" {
		return nil, nil
	}
	k, err := keyOf([]byte(key.Reveal()), method)
	if err != nil {
		return nil, fmt.Errorf("jwt_key: expected a public key in PEM form that fits jwt_method %s", method) // the cause may quote it
	}
	return &verifier{jwt.NewParser(jwt.WithValidMethods([]string{method})), k}, nil
}

func keyOf(key []byte, method string) (any, error) {
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

// verify checks the token in the data with which a client connects, and returns the
// token's subject, "" when it has none. The error is sent to the client.
func (g *verifier) verify(auth json.RawMessage) (subject string, err error) {
	if g == nil {
		return "", nil
	}
	var shown struct {
		Token string `json:"token"`
	}
	if json.Unmarshal(auth, &shown) != nil || shown.Token == "" {
		return "", errors.New(`a token is needed: connect with auth: {token: "..."}`)
	}
	claims := jwt.MapClaims{}
	token := strings.TrimPrefix(shown.Token, "Bearer ")
	_, err = g.parser.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return g.key, nil })
	if err != nil || len(claims) == 0 {
		return "", errors.New("the token is wrong or has expired")
	}
	subject, _ = claims["sub"].(string)
	return subject, nil
}
