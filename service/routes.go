package service

import (
	"github.com/manyvox/manyvox/service/auth"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/rpc"
	"github.com/manyvox/manyvox/service/server"
)

// CheckRoutes reports each route of the channels that the service, or another of them,
// serves too. New wants none. The channels are mounted.
func CheckRoutes(list []*instance.Config) error {
	return server.CheckRoutes(server.Config{RPC: rpc.Services{}.Handlers(auth.Guard{}, 0)}, list)
}
