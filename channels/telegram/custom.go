package telegram

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// customCall is a call that a custom payload makes when it has all of these keys.
type customCall struct {
	keys   []string
	method string
}

// customCalls are Rasa's, in its order. The first that matches is made, where Rasa makes each.
func customCalls() []customCall {
	return []customCall{
		{[]string{"text"}, "sendMessage"},
		{[]string{"photo"}, "sendPhoto"},
		{[]string{"audio"}, "sendAudio"},
		{[]string{"document"}, "sendDocument"},
		{[]string{"sticker"}, "sendSticker"},
		{[]string{"video"}, "sendVideo"},
		{[]string{"video_note"}, "sendVideoNote"},
		{[]string{"animation"}, "sendAnimation"},
		{[]string{"voice"}, "sendVoice"},
		{[]string{"media"}, "sendMediaGroup"},
		{[]string{"latitude", "longitude", "title", "address"}, "sendVenue"},
		{[]string{"latitude", "longitude"}, "sendLocation"},
		{[]string{"phone_number", "first_name"}, "sendContact"},
		{[]string{"game_short_name"}, "sendGame"},
		{[]string{"action"}, "sendChatAction"},
		{[]string{"title", "description", "payload", "currency", "prices"}, "sendInvoice"},
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
		return channels.Receipt{}, rejected("custom: not an object, so that no call of the Bot API is meant")
	}
	for key, value := range given {
		if string(value) == "null" {
			delete(given, key)
		}
	}
	calls := customCalls()
	i := slices.IndexFunc(calls, func(call customCall) bool {
		return !slices.ContainsFunc(call.keys, func(key string) bool { return given[key] == nil })
	})
	if i < 0 {
		return channels.Receipt{}, rejected("custom: it has the keys of no call of the Bot API, such as text, photo or latitude and longitude")
	}
	send, dropped := params{}, 0
	for key, value := range given {
		if slices.Contains(calls[i].keys, key) || key == "chat_id" || slices.Contains(customParams(), key) {
			send[key] = value
		} else {
			dropped++
		}
	}
	if dropped > 0 {
		c.log.Debug("custom: keys that the Bot API does not have were left out", "method", calls[i].method, "count", dropped)
	}
	result, err := c.call(ctx, p.Sender, calls[i].method, send)
	if err != nil {
		return channels.Receipt{}, err
	}
	return receiptOf(result), nil
}
