package main

import (
	"cmp"
	"maps"

	"github.com/manyvox/manyvox/channels"
)

// route is a route that no .proto file describes.
type route struct {
	method, path, id     string
	summary, description string
	public               bool
	parameters           []object
	body                 object
	status               string // of what is right; "" is 200
	ok                   object // its content
	others               map[string]object
}

const webhooksTag = "Webhooks"

// webhookFailures are the codes with which any route below /webhooks may answer.
func webhookFailures(more ...channels.Code) map[string]object {
	return webhookErrors(append(more, channels.CodeInternal, channels.CodeUnauthenticated, channels.CodeNotFound, channels.CodeMethodNotAllowed)...)
}

// routes is the table of these routes.
func routes() []route { return append(programRoutes(), channelRoutes()...) }

// programRoutes are those of the program itself.
func programRoutes() []route {
	text := content("text/plain", object{"type": "string"})
	return []route{
		{
			method: "get", path: "/", id: "hello", public: true, ok: text,
			summary: "Says which version runs. A browser, which takes text/html, is sent to the chat page.",
			others:  map[string]object{"303": {"description": "To the chat page.", "headers": object{"Location": object{"schema": object{"type": "string"}}}}}},
		{method: "get", path: "/healthz", id: "alive", public: true, ok: text, summary: "Says that the program runs."},
		{method: "get", path: "/readyz", id: "ready", public: true, ok: text, summary: "Says whether messages are taken.",
			others: map[string]object{"503": {"description": "Why they are not.", "content": text}}},
		{method: "get", path: "/metrics", id: "metrics", ok: text, summary: "The metrics, in Prometheus' text format.",
			others: webhookErrors(channels.CodeUnauthenticated)},
		{method: "get", path: "/openapi.json", id: "openapi", public: true, ok: content("application/json", object{"type": "object"}), summary: "This description."},
	}
}

// channelRoutes are those of channels and agents.
func channelRoutes() []route {
	name := object{"name": "name", "in": "path", "required": true, "schema": object{"type": "string"}, "example": "rest",
		"description": "The channel's name in credentials.yml."}
	raw := object{"type": "string", "format": "binary"}
	return []route{
		{method: "get", path: "/webhooks/{name}/", id: "channelHealth", public: true, parameters: []object{name},
			summary: "Says that the channel is there, as Rasa's channels do.",
			ok:      content("application/json", object{"type": "object", "required": []string{"status"}, "properties": object{"status": object{"const": "ok"}}}),
			others:  webhookErrors(channels.CodeNotFound)},
		{method: "post", path: "/webhooks/{name}/webhook", id: "webhook", parameters: []object{name,
			{"name": "stream", "in": "query", "schema": object{"type": "boolean"}, "description": "Answers with one line for each reply, as it comes."}},
			summary:     "Takes a message in and answers with the assistant's replies.",
			description: "The bodies are those of the types rest and callback. A channel of a platform takes that platform's own.",
			body:        object{"required": true, "content": content("application/json", ref("RasaMessage"))},
			ok: object{
				"application/json":     object{"schema": object{"type": "array", "items": ref("RasaReply")}},
				"application/x-ndjson": object{"schema": raw},
				"text/event-stream":    object{"schema": raw},
			},
			others: webhookFailures(channels.CodeInvalid, channels.CodePermissionDenied, channels.CodeTooLarge, channels.CodeAborted,
				channels.CodeOverloaded, channels.CodeRateLimited, channels.CodeAgentFailed, channels.CodeDeadlineExceeded, channels.CodeCanceled)},
		{method: "post", path: "/webhooks/{name}/media", id: "upload", parameters: []object{name,
			{"name": "sender", "in": "query", "schema": object{"type": "string"}, "description": "Whose messages alone may use it."},
			{"name": "name", "in": "query", "schema": object{"type": "string"}, "description": "The file's name."}},
			summary: "Stores a medium, for an attachment of a message that follows.",
			body:    object{"required": true, "content": content("application/octet-stream", raw), "description": "The bytes. The Content-Type is their media type."},
			ok:      content("application/json", object{"type": "object", "required": []string{"ref"}, "properties": object{"ref": object{"type": "string"}}}),
			others: webhookFailures(channels.CodeInvalid, channels.CodePermissionDenied, channels.CodeTooLarge, channels.CodeFailedPrecondition,
				channels.CodeOverloaded, channels.CodeRateLimited)},
		{method: "get", path: "/webhooks/{name}/media/{id}", id: "medium", public: true, parameters: []object{name,
			{"name": "id", "in": "path", "required": true, "schema": object{"type": "string"}}},
			summary:     "A medium, at the signed link that an agent was given.",
			description: "The link's query is its signature and its end.",
			ok:          object{"*/*": object{"schema": raw}},
			others:      webhookErrors(channels.CodeInternal, channels.CodePermissionDenied, channels.CodeNotFound, channels.CodeGone, channels.CodeOverloaded)},
		{method: "post", path: "/agents/{name}/messages", id: "agentMessage", parameters: []object{
			{"name": "name", "in": "path", "required": true, "schema": object{"type": "string"}, "description": "The agent's name in endpoints.yml."}},
			summary:     "Takes what an agent says outside a turn, and sends it to the conversation that the agent names.",
			description: "Signed by Standard Webhooks with the agent's secret.",
			body:        object{"required": true, "content": content("application/json", ref("AgentMessage"))},
			status:      "202",
			ok:          content("application/json", object{"type": "object", "required": []string{"message_id"}, "properties": object{"message_id": object{"type": "string"}}}),
			others: webhookFailures(channels.CodeInvalid, channels.CodeTooLarge, channels.CodeFailedPrecondition, channels.CodeAlreadyExists,
				channels.CodeOverloaded, channels.CodeRateLimited)},
	}
}

// addRoutes describes the routes, and the JSON of Rasa's REST channel.
func (d *document) addRoutes() {
	d.Tags = append(d.Tags, tag{webhooksTag, "What Rasa's channels and probes call. Errors are {\"error\": {\"code\", \"message\"}}."})
	for _, r := range routes() {
		security := []object{{"bearer": []string{}}, {"query": []string{}}}
		if r.public {
			security = []object{{}}
		}
		o := &operation{
			ID: r.id, Tags: []string{webhooksTag}, Summary: r.summary, Description: r.description, Security: security,
			Parameters: r.parameters, Body: r.body, Responses: map[string]object{cmp.Or(r.status, "200"): {"description": "The answer.", "content": r.ok}},
		}
		maps.Copy(o.Responses, r.others)
		d.add(r.method, r.path, o)
	}
	maps.Copy(d.Components.Schemas, rasaSchemas())
}
