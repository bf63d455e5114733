// Package rpc is the typed API: ChannelService, ConversationService and the standard
// gRPC services, over Connect, gRPC and gRPC-Web. It converts between the messages of
// the API and the nouns of package channels, and decides nothing: messages enter by the
// door as all others do.
package rpc
