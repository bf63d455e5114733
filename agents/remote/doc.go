// Package remote is the agent that lets a service answer which implements
// manyvox.v1.ChannelService, in any language and over Connect, gRPC or gRPC-Web; another
// Manyvox is one.
package remote
