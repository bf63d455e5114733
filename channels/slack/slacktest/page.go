package slacktest

import "net/http"

func (s *Server) servePage(http.ResponseWriter, *http.Request) bool { return false }
