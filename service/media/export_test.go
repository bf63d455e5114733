package media

import (
	"fmt"

	"github.com/manyvox/manyvox/channels"
)

// Limits returns the limits in the words of docs/media.md.
func Limits() []string {
	return []string{
		fmt.Sprintf("| %d MiB a medium that is read, %d MiB one that is uploaded |", channels.MaxMedium>>20, channels.MaxUpload>>20),
		fmt.Sprintf("| %d media and %d MiB kept of one sender |", senderShare.Count, senderShare.Bytes>>20),
		fmt.Sprintf("| %d,000 media and %d GiB kept of one channel |", channelShare.Count/1000, channelShare.Bytes>>30),
		fmt.Sprintf("| %d uploads, and %d reads by links, at once |", maxUploads, maxReads),
	}
}
