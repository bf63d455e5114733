package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// connectCodes are Connect's codes by the status that each has:
// https://connectrpc.com/docs/protocol#error-codes
var connectCodes = map[int][]string{
	400: {"invalid_argument", "failed_precondition", "out_of_range"},
	401: {"unauthenticated"},
	403: {"permission_denied"},
	404: {"not_found", "unimplemented"},
	409: {"already_exists", "aborted"},
	429: {"resource_exhausted"},
	499: {"canceled"},
	500: {"unknown", "internal", "data_loss"},
	501: {"unimplemented"},
	503: {"unavailable"},
	504: {"deadline_exceeded"},
}

// connectStatuses are what has no code, since Connect is not reached.
var connectStatuses = map[string]object{
	"405": {"description": "Another method than the call's."},
	"415": {"description": "A Content-Type, or an encoding, that is not served: Accept-Post names those that are."},
}

// response refers to a response of the components.
func response(name string) object { return object{"$ref": "#/components/responses/" + name} }

// connectErrors returns the responses of a call that failed, by their statuses.
func connectErrors() map[string]object {
	all := maps.Clone(connectStatuses)
	for status := range connectCodes {
		all[strconv.Itoa(status)] = response("connect" + strconv.Itoa(status))
	}
	return all
}

// webhookErrors returns the responses of a webhook that failed with one of these codes.
func webhookErrors(codes ...channels.Code) map[string]object {
	all := map[string]object{}
	for _, c := range codes {
		all[strconv.Itoa(c.HTTP())] = response("webhook" + strconv.Itoa(c.HTTP()))
	}
	return all
}

// addErrors adds the schemas of errors, and a response for each status that they have.
func (d *document) addErrors() {
	d.Components.Schemas["ConnectError"] = object{
		"type": "object", "required": []string{"code"}, "description": "An error of the typed API. " +
			"docs/api.md says which codes may be asked again; the details have the reasons that ChannelService lists.",
		"properties": object{
			"code":    object{"type": "string", "enum": slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(connectCodes))...)))},
			"message": object{"type": "string"},
			"details": object{"type": "array", "items": object{
				"type": "object", "required": []string{"type", "value"}, "properties": object{
					"type":  object{"type": "string", "description": "The name of a protobuf message, such as google.rpc.ErrorInfo."},
					"value": object{"type": "string", "description": "The message, as unpadded base64."},
					"debug": object{"description": "The same as JSON, for people."},
				},
			}},
		},
	}
	for status, codes := range connectCodes {
		d.Components.Responses["connect"+strconv.Itoa(status)] = object{
			"description": "The code " + strings.Join(codes, ", ") + ".",
			"content":     content("application/json", ref("ConnectError")),
		}
	}
	d.Components.Schemas["WebhookError"] = object{
		"type": "object", "required": []string{"error"}, "properties": object{
			"error": object{"type": "object", "required": []string{"code", "message"}, "properties": object{
				"code": object{"type": "string"}, "message": object{"type": "string"},
			}},
			"recipient_id": object{"type": "string", "description": "In a stream alone."},
			"replies":      object{"type": "array", "items": ref("RasaReply"), "description": "What was said before the failure."},
		},
	}
	for status, names := range webhookCodes() {
		d.Components.Responses[fmt.Sprintf("webhook%d", status)] = object{
			"description": "The code " + strings.Join(names, ", ") + ".",
			"content":     content("application/json", ref("WebhookError")),
		}
	}
}

// webhookCodes returns the names of the codes of webhooks by their statuses.
func webhookCodes() map[int][]string {
	all := map[int][]string{}
	for c := channels.CodeInternal; c <= channels.CodeGone; c++ {
		all[c.HTTP()] = append(all[c.HTTP()], c.String())
	}
	for status := range all {
		slices.Sort(all[status])
		all[status] = slices.Compact(all[status])
	}
	return all
}
