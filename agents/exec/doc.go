// Package exec is the agent that lets a program of the operator's answer: it is handed each
// message as JSON on its standard input, and writes a reply per line.
package exec
