// Package rasa is the agent that lets a Rasa server answer: each turn is posted to
// the server's REST channel, and Rasa's replies are forwarded as they come. Rasa
// does not recognize a repeated message, so nothing is sent again that it may have seen:
// https://rasa.com/docs/rasa/connectors/your-own-website/#restinput
package rasa
