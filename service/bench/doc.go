// Package bench measures what Manyvox costs on top of the bare library that does the
// same on the wire. Its benchmarks start servers as processes of their own and ask
// the operating system for the time these have used, so that the client's does not
// count; `make bench` runs them.
package bench
