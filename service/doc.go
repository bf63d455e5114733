// Package service is what happens to a message once it is ours: it enters by the
// one door (door.go), waits for its turn (queue.go), is answered by the agent
// (turn.go), and the replies go back the way it came. RPC (rpc.go) and webhooks
// (webhooks.go) are two ways to that door.
package service
