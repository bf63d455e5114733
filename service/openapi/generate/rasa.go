package main

// rasaSchemas returns the schemas of what Rasa's REST channel takes and answers, which
// channels.Webhook and channels.Reply read and write, and of what an agent posts.
func rasaSchemas() map[string]object {
	text, anything := object{"type": "string"}, object{}
	id := object{"type": []string{"string", "number", "boolean", "null"}}
	return map[string]object{
		"RasaMessage": {
			"type": "object", "required": []string{"message"}, "description": "A message from a user.",
			"properties": object{
				"sender":        described(id, `Who writes. Absent means "default".`),
				"message":       described(text, "What the user wrote."),
				"input_channel": described(object{"type": []string{"string", "null"}}, "The channel name that is recorded with the message."),
				"metadata":      described(anything, "Any JSON value, handed to the assistant value for value."),
				"message_id":    described(id, "The caller's id of the message, which makes the call safe to repeat."),
				"attachments":   object{"type": "array", "maxItems": 32, "items": ref("RasaAttachment")},
			},
		},
		"RasaAttachment": {
			"type": "object", "description": "A file or medium that came with a message.",
			"properties": object{
				"type": object{"type": "string", "enum": []string{"image", "audio", "video", "file"}},
				"url":  described(text, "Where its bytes are."), "ref": described(text, "What the upload answered, in place of a url."),
				"mime": described(text, "Its media type."), "name": described(text, "Its file name."),
				"size": described(object{"type": "integer", "minimum": 0}, "Its length in bytes, 0 when unknown."),
			},
		},
		"RasaReply": {
			"type": "object", "description": "A message from the assistant, of one kind.",
			"properties": object{
				"recipient_id": described(text, "The sender of the message."), "text": text, "image": described(text, "A URL."),
				"buttons": object{"type": "array", "items": object{
					"type": "object", "properties": object{"title": text, "payload": text},
				}},
				"attachment": anything, "custom": anything,
			},
		},
		"AgentMessage": {
			"type": "object", "required": []string{"channel", "sender", "reply"}, "description": "What an agent says outside a turn.",
			"properties": object{
				"channel": described(text, "The input_channel of the conversation, or the name of its channel."),
				"sender":  described(text, "What the agent calls the sender."),
				"reply":   ref("RasaReply"),
				"id":      described(text, "One for each message: it is sent once. Absent means the header webhook-id."),
			},
		},
	}
}

// described returns a schema with a description.
func described(schema object, text string) object {
	with := object{"description": text}
	for key, value := range schema {
		with[key] = value
	}
	return with
}
