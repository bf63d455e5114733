// Package clients is the interop matrix: programs in several languages, each with the client that
// its users would take, call Manyvox in many ways, and docs/clients/matrix.md tells what was seen.
// `make clients` runs it.
//
// A folder has a language. Its hello program is the one that docs/clients shows and a person
// copies; its matrix program speaks the protocol below, in which the tests here lead it.
//
// The matrix program reads one JSON object per line from its standard input and answers each with
// one line, in order. It ends with its input. Keys that are zero are left out. It makes a new
// connection for each object. The keys of a command:
//
//	do             what to call: health, receive, stream, many, list, watch or subscribe
//	at             host:port, without TLS
//	protocol       connect, grpc or grpc-web
//	token          sent as "Authorization: Bearer <token>"
//	sender, text, message_id, metadata_json
//	               of the request; the channel is "rest"
//	timeout_ms     the deadline of the call
//	gzip           the request is compressed
//	retry          a call that is unavailable is made up to five times: by the retry policy where
//	               the client has one, else by a loop
//	keepalive_ms   how often the client pings while a call is under way
//	cancel_after   after so many events of a stream the client cancels it
//	count          many: how many streams are opened at once, after a call of health, each for
//	               sender-0, sender-1, ...
//	page_size      list: of a page; all pages are read
//	after, take    watch, subscribe: the cursor to begin behind, and after how many events to end
//
// The keys of an answer:
//
//	events         a list of {"kind", "text", "json"}: channel (name), started (message id), delta,
//	               reply (text and custom_json), event (cursor), said (text of a reply)
//	count          many: streams that ended well; list: pages
//	cursor         watch, subscribe: the last one
//	error          {"code", "reason", "field", "retry_after"}: the code in lower case as
//	               "deadline_exceeded", the reason of ErrorInfo, the field of BadRequest, and
//	               the seconds of RetryInfo
package clients
