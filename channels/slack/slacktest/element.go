package slacktest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// https://docs.slack.dev/reference/block-kit/block-elements
const (
	maxButtonText  = 75
	maxButtonValue = 2000
	maxButtonURL   = 3000
	maxOptions     = 100
	maxOptionText  = 75
	maxOptionValue = 150
	maxGroups      = 100
)

// element checks a button, a menu and the like.
func (c *checker) element(e object, at string) {
	c.id(at, e, "action_id")
	switch kind, _ := e["type"].(string); kind {
	case "button":
		c.text(at, e, "text", maxButtonText, "plain_text")
		value, _ := e["value"].(string)
		c.most(at+"/value", value, 0, maxButtonValue)
		url, _ := e["url"].(string)
		c.most(at+"/url", url, 0, maxButtonURL)
	case "static_select", "multi_static_select":
		if p, ok := e["placeholder"].(object); ok {
			c.text(at, object{"placeholder": p}, "placeholder", maxOptionValue, "plain_text")
		}
		c.options(e, at, maxOptions)
	case "overflow":
		c.options(e, at, 5)
	case "checkboxes", "radio_buttons":
		c.options(e, at, 10)
	case "image":
		c.image(e, at)
	// The limits of these are not checked: the channel makes none of them itself.
	case "datepicker", "timepicker", "datetimepicker", "users_select", "conversations_select", "channels_select",
		"external_select", "multi_external_select", "multi_users_select", "multi_conversations_select", "multi_channels_select",
		"plain_text_input", "workflow_button", "icon_button", "feedback_buttons":
	default:
		c.say(at+"/type", "unsupported type: %s", kind)
	}
}

// options checks those of a menu, or of its groups.
func (c *checker) options(e object, at string, most int) {
	options, groups := objects(e["options"]), objects(e["option_groups"])
	switch {
	case len(options) == 0 && len(groups) == 0:
		c.say(at+"/options", "no fewer than 1 items allowed")
	case len(options) > most:
		c.say(at+"/options", "no more than %d items allowed", most)
	case len(groups) > maxGroups:
		c.say(at+"/option_groups", "no more than %d items allowed", maxGroups)
	}
	for _, g := range groups {
		options = append(options, objects(g["options"])...)
	}
	for i, o := range options {
		where := fmt.Sprintf("%s/options/%d", at, i)
		c.text(where, o, "text", maxOptionText, "plain_text", "mrkdwn")
		value, _ := o["value"].(string)
		c.most(where+"/value", value, 1, maxOptionValue)
	}
}

// objects returns the objects of a list.
func objects(v any) (list []object) {
	items, _ := v.([]any)
	for _, one := range items {
		if o, ok := one.(object); ok {
			list = append(list, o)
		}
	}
	return list
}

// elements returns what can be clicked in a block.
func elements(block object) (list []object) {
	if block["type"] == "actions" || block["type"] == "context_actions" {
		list = objects(block["elements"])
	}
	if one, ok := block["accessory"].(object); ok {
		list = append(list, one)
	}
	return list
}

// title returns the text of a text object, or of what has one.
func title(o object) string {
	switch text := o["text"].(type) {
	case string:
		return text
	case object:
		return title(text)
	}
	return ""
}

// textsOf returns what a person reads in a block, without its buttons.
func textsOf(block object) (texts []string) {
	add := func(text string) {
		if text != "" {
			texts = append(texts, text)
		}
	}
	add(title(block))
	for _, f := range objects(block["fields"]) {
		add(title(f))
	}
	switch block["type"] {
	case "context":
		for _, e := range objects(block["elements"]) {
			add(title(e))
		}
	case "image":
		alt, _ := block["alt_text"].(string)
		add("[" + strings.TrimSpace(alt) + "]")
	}
	return texts
}

// size counts the characters of a block, those of buttons too.
func size(v any) (n int) {
	switch v := v.(type) {
	case object:
		// What is shown counts, ids and values do not.
		for name, one := range v {
			if name == "text" || name == "alt_text" || name == "fields" || name == "elements" || name == "accessory" || name == "options" {
				n += size(one)
			}
		}
	case []any:
		for _, one := range v {
			n += size(one)
		}
	case string:
		n = utf8.RuneCountInString(v)
	}
	return n
}
