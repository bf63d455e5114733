// Package rasatest runs the real Rasa for tests: it trains the bot of
// agents/rasa/testdata/bot, and starts `rasa run` and the bot's action server. It needs a
// Python that has Rasa, which `make .rasa/3.6.21` installs; see Python.
//
// Rasa takes ten seconds and a gigabyte to start, so that the tests of a package share one
// Server, each with senders of its own.
package rasatest
