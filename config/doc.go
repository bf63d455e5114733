// Package config reads YAML strictly: every key must be known to somebody, and every
// complaint names file, line and the nearest known key. It expands ${VAR} and
// ${file:/path}, never quotes a value, since it may be a secret, and knows nothing of
// chat. Types with UnmarshalText, such as channels.Secret, decode themselves.
package config
