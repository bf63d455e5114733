// Package config reads YAML strictly: every key must be known, and every error names file,
// line and the nearest known key. It expands ${VAR} and ${file:/path}. It never quotes a
// value, which may be a secret, and knows nothing of chat. Types with UnmarshalText decode
// themselves.
package config
