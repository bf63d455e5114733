package slacktest

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// https://docs.slack.dev/reference/block-kit/blocks
const (
	maxBlocks    = 50
	maxAllBlocks = 13_200 // characters of all together: https://github.com/slackapi/bolt-js/issues/2509
	maxID        = 255    // of block_id and action_id
)

// checker notes the first thing that is wrong with the blocks of a message.
type checker struct {
	wrong    string
	blockIDs []string
}

// checkBlocks returns Slack's refusal of blocks, nil when they are right. Then each block and
// each element has an id: Slack makes up those that the call leaves out.
func checkBlocks(blocks []object) *answer {
	c := checker{}
	if len(blocks) > maxBlocks {
		c.say("/blocks", "no more than %d items allowed", maxBlocks)
	}
	total := 0
	for i, b := range blocks {
		at := fmt.Sprintf("/blocks/%d", i)
		c.block(b, at)
		total += size(b)
	}
	if c.wrong != "" {
		a := explain("invalid_blocks", c.wrong)
		a.object["errors"] = []string{c.wrong}
		return &a
	}
	if total > maxAllBlocks {
		a := refuse("msg_blocks_too_long")
		return &a
	}
	for i, b := range blocks {
		identify(b, "block_id", fmt.Sprintf("b%d", i))
		for j, e := range elements(b) {
			identify(e, "action_id", fmt.Sprintf("a%d.%d", i, j))
		}
	}
	return nil
}

// identify gives a block or an element an id, unless it has one.
func identify(o object, field, id string) {
	if given, _ := o[field].(string); given == "" {
		o[field] = id
	}
}

// say notes what is wrong, unless something is already, in Slack's words as its clients print them.
func (c *checker) say(at, format string, values ...any) {
	if c.wrong == "" {
		c.wrong = fmt.Sprintf(format, values...) + " [json-pointer:" + at + "]"
	}
}

// most checks how long a text is. It may be empty only where least is 0.
func (c *checker) most(at, text string, least, most int) {
	switch n := utf8.RuneCountInString(text); {
	case n > most:
		c.say(at, "must be less than %d characters", most+1)
	case n < least:
		c.say(at, "must be more than %d characters", least-1)
	}
}

// id checks a block_id or action_id, which need not be there.
func (c *checker) id(at string, o object, field string) string {
	id, _ := o[field].(string)
	c.most(at+"/"+field, id, 0, maxID)
	return id
}

// text checks a text object.
func (c *checker) text(at string, o object, field string, most int, kinds ...string) {
	text, ok := o[field].(object)
	if !ok {
		c.say(at, "missing required field: %s", field)
		return
	}
	if kind, _ := text["type"].(string); !slices.Contains(kinds, kind) {
		c.say(at+"/"+field+"/type", "unsupported type: %s", kind)
	}
	value, _ := text["text"].(string)
	c.most(at+"/"+field+"/text", value, 1, most)
}

// block checks one block of a message.
func (c *checker) block(b object, at string) {
	if id := c.id(at, b, "block_id"); id != "" {
		if slices.Contains(c.blockIDs, id) {
			c.say(at+"/block_id", "`block_id` %q already exists", id)
		}
		c.blockIDs = append(c.blockIDs, id)
	}
	switch kind, _ := b["type"].(string); kind {
	case "section":
		c.section(b, at)
	case "header":
		c.text(at, b, "text", 150, "plain_text")
	case "markdown":
		text, _ := b["text"].(string)
		c.most(at+"/text", text, 1, maxMarkdown)
	case "image":
		c.image(b, at)
	case "actions":
		c.actions(b, at)
	case "context":
		c.context(b, at)
	// These are taken as they are: the channel passes them on where an assistant sends them.
	case "divider", "rich_text", "video", "file", "input", "table", "context_actions", "card", "carousel", "alert", "plan", "task_card":
	default:
		c.say(at+"/type", "unsupported type: %s", kind)
	}
}

// section checks a text with its fields and what stands beside it.
// https://docs.slack.dev/reference/block-kit/blocks/section-block
func (c *checker) section(b object, at string) {
	fields, _ := b["fields"].([]any)
	if len(fields) > 10 {
		c.say(at+"/fields", "no more than 10 items allowed")
	}
	for i, f := range fields {
		c.text(fmt.Sprintf("%s/fields/%d", at, i), object{"field": f}, "field", 2000, "mrkdwn", "plain_text")
	}
	// A section has a text, or fields, or both.
	if b["text"] != nil || len(fields) == 0 {
		c.text(at, b, "text", 3000, "mrkdwn", "plain_text")
	}
	if one, ok := b["accessory"].(object); ok {
		c.element(one, at+"/accessory")
	}
}

// image checks an image, which needs a text for those who do not see it.
// https://docs.slack.dev/reference/block-kit/blocks/image-block
func (c *checker) image(b object, at string) {
	url, _ := b["image_url"].(string)
	if url == "" && b["slack_file"] == nil {
		c.say(at, "missing required field: image_url")
	}
	c.most(at+"/image_url", url, 0, 3000)
	alt, _ := b["alt_text"].(string)
	c.most(at+"/alt_text", alt, 1, 2000)
}

// actions checks a row of buttons and menus.
// https://docs.slack.dev/reference/block-kit/blocks/actions-block
func (c *checker) actions(b object, at string) {
	elements := objects(b["elements"])
	switch {
	case len(elements) == 0:
		c.say(at+"/elements", "no fewer than 1 items allowed")
	case len(elements) > 25:
		c.say(at+"/elements", "no more than 25 items allowed")
	}
	var ids []string
	for i, e := range elements {
		where := fmt.Sprintf("%s/elements/%d", at, i)
		c.element(e, where)
		id, _ := e["action_id"].(string)
		if id != "" && slices.Contains(ids, id) {
			c.say(where+"/action_id", "`action_id` %q already exists", id)
		}
		ids = append(ids, id)
	}
}

// context checks texts and images in small.
// https://docs.slack.dev/reference/block-kit/blocks/context-block
func (c *checker) context(b object, at string) {
	elements := objects(b["elements"])
	if len(elements) == 0 || len(elements) > 10 {
		c.say(at+"/elements", "between 1 and 10 items allowed")
	}
	for i, e := range elements {
		where := fmt.Sprintf("%s/elements/%d", at, i)
		if e["type"] == "image" {
			c.image(e, where)
			continue
		}
		c.text(where, object{"text": e}, "text", 2000, "mrkdwn", "plain_text")
	}
}
