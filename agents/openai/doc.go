// Package openai is the agent that lets a model answer behind the Chat Completions API, which
// OpenAI made and many servers speak: each turn is one request with the conversation so far,
// and the text is handed on while the model writes it.
// https://platform.openai.com/docs/api-reference/chat/create
package openai
