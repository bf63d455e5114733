package telegram

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// customCalls are Rasa's, in its order: the method, and the keys of which a custom payload has all.
// The first that matches is made, where Rasa makes each.
func customCalls() []string {
	return []string{
		"sendMessage text", "sendPhoto photo", "sendAudio audio", "sendDocument document", "sendSticker sticker",
		"sendVideo video", "sendVideoNote video_note", "sendAnimation animation", "sendVoice voice", "sendMediaGroup media",
		"sendVenue latitude longitude title address", "sendLocation latitude longitude", "sendContact phone_number first_name",
		"sendGame game_short_name", "sendChatAction action", "sendInvoice title description payload currency prices",
	}
}

// customParams are the parameters that go along, of all methods. Telegram ignores those that
// a method does not have.
func customParams() []string {
	return strings.Fields(`parse_mode entities caption caption_entities caption_parse_mode reply_markup reply_parameters
		reply_to_message_id link_preview_options disable_web_page_preview disable_notification protect_content
		message_effect_id message_thread_id show_caption_above_media has_spoiler duration performer thumbnail emoji
		width height length supports_streaming cover start_timestamp disable_content_type_detection
		horizontal_accuracy live_period heading proximity_alert_radius foursquare_id foursquare_type
		google_place_id google_place_type last_name vcard provider_token start_parameter max_tip_amount
		suggested_tip_amounts provider_data photo_url photo_size photo_width photo_height need_name
		need_phone_number need_email need_shipping_address is_flexible allow_paid_broadcast`)
}

// sendCustom makes the call that a custom payload is about. Its chat_id is whom it is sent to.
func (c *Channel) sendCustom(ctx context.Context, p *channels.Part) (channels.Receipt, error) {
	var given map[string]json.RawMessage
	if json.Unmarshal(p.Reply.Custom, &given) != nil {
		return channels.Receipt{}, channels.Rejected("custom: not an object, so that no call of the Bot API is meant")
	}
	maps.DeleteFunc(given, func(_ string, value json.RawMessage) bool { return string(value) == "null" })
	for _, call := range customCalls() {
		keys := strings.Fields(call)
		method, keys := keys[0], keys[1:]
		if slices.ContainsFunc(keys, func(key string) bool { return given[key] == nil }) {
			continue
		}
		keys = slices.Concat(keys, customParams(), []string{"chat_id"})
		send := params{}
		for key, value := range given {
			if slices.Contains(keys, key) {
				send[key] = value
			}
		}
		if dropped := len(given) - len(send); dropped > 0 {
			c.log.Debug("custom: keys that the Bot API does not have were left out", "method", method, "count", dropped)
		}
		return c.send(ctx, p.Sender, method, send)
	}
	return channels.Receipt{}, channels.Rejected("custom: it has the keys of no call of the Bot API, such as text, photo or latitude and longitude")
}
