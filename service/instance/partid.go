package instance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// PartID is the id of a part of a message's answer: 32 hex digits, the same whenever it is
// computed. The place tells the parts of one message apart and holds no stranger's text.
func PartID(c channels.Conversation, messageID, place string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", c.Channel, noNUL.Replace(c.Sender), noNUL.Replace(messageID), place))
	return hex.EncodeToString(sum[:16])
}

// noNUL writes a text without NUL, so that a NUL can stand between two of them: no two
// pairs of texts look the same then.
var noNUL = strings.NewReplacer(`\`, `\\`, "\x00", `\0`)
