// Package wire compares Manyvox with the Rasa that it stands in front of, as a client sees
// the two: the same requests, Socket.IO packets and callbacks go to a real Rasa and to
// Manyvox whose agent is that Rasa. The cases are in testdata. What differs on purpose is
// listed in testdata/differences.yml, of which the table in docs is made; anything else that
// differs fails the test.
package wire
