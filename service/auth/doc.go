// Package auth asks callers for tokens: a channel's own, the program's (--auth-token), or the
// operator's.
// TakeToken moves the token out of the request before anything logs its URL.
package auth
