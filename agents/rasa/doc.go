// Package rasa is the agent that lets a Rasa server answer: each turn is posted to
// the server's REST channel, and what Rasa says is passed on as it comes. Rasa does
// not know a message twice, so nothing is sent again that it may have seen:
// https://rasa.com/docs/rasa/connectors/your-own-website/#restinput
package rasa
