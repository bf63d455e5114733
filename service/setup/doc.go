// Package setup makes of credentials.yml and endpoints.yml what a program runs: the
// channels, the agent, the store and the limits. All that is wrong is reported at once,
// with file, line and the nearest known name.
package setup
