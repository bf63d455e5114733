// Package servicetest is what the tests of the service and of its rooms share: a service
// that runs on loopback or in a synctest bubble, every route by which a message reaches
// it, a fake platform for what it sends, agents that follow a script, and a journal that
// fails on demand. Only tests import it.
package servicetest
