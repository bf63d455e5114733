// Package auth asks callers for tokens: a channel's own, or the program's (--auth-token).
// TakeToken moves the token out of the request before anything logs its URL.
package auth
