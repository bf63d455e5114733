// Package bench measures what Manyvox costs on top of the bare library that does the
// same on the wire, what its journal costs, and what it costs beside Rasa. Its benchmarks
// start servers as processes of their own and ask the operating system for the time
// these have used, so that the client's does not count; `make bench` runs them, and
// `make bench-rasa` the one that needs Rasa.
package bench
