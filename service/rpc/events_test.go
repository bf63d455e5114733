package rpc_test

import (
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// Pages continue where the last ended.
func TestListEventsByPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t)})
		for i := range 1250 {
			appendEvents(t, s.Journal, replyEvent("chat", []string{"ann", "bob"}[i%2], strconv.Itoa(i)))
		}
		for size, want := range map[int32][]int{0: {100, 100, 100, 100, 100, 100, 25}, 400: {400, 225}, 625: {625}, 5000: {625}} {
			var pages []int
			req := &manyvoxv1.ListEventsRequest{Channel: "chat", Sender: "bob", PageSize: size}
			next := 1
			for more := true; more; more = req.GetPageToken() != "" {
				res, err := rpcProtocols()[0].client(s.Running).ListEvents(operatorContext(t), req)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range res.GetEvents() {
					if e.GetMessageId() != strconv.Itoa(next) {
						t.Fatalf("%v, want %d", e, next)
					}
					next += 2
				}
				pages = append(pages, len(res.GetEvents()))
				req.PageToken = res.GetNextPageToken()
			}
			if diff := cmp.Diff(want, pages); diff != "" {
				t.Errorf("pages of %d (-want +got):\n%s", size, diff)
			}
		}
	})
}
