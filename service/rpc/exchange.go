package rpc

import (
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/channellog"
)

var directions = map[channels.Direction]manyvoxv1.Exchange_Direction{
	channels.DirectionIn:  manyvoxv1.Exchange_DIRECTION_IN,
	channels.DirectionOut: manyvoxv1.Exchange_DIRECTION_OUT,
}

var verdicts = map[channels.Verdict]manyvoxv1.Exchange_Verdict{
	channels.VerdictAccepted:        manyvoxv1.Exchange_VERDICT_ACCEPTED,
	channels.VerdictDuplicate:       manyvoxv1.Exchange_VERDICT_DUPLICATE,
	channels.VerdictAnswered:        manyvoxv1.Exchange_VERDICT_ANSWERED,
	channels.VerdictIgnored:         manyvoxv1.Exchange_VERDICT_IGNORED,
	channels.VerdictSignatureWrong:  manyvoxv1.Exchange_VERDICT_SIGNATURE_WRONG,
	channels.VerdictUnauthenticated: manyvoxv1.Exchange_VERDICT_UNAUTHENTICATED,
	channels.VerdictRefused:         manyvoxv1.Exchange_VERDICT_REFUSED,
	channels.VerdictFailed:          manyvoxv1.Exchange_VERDICT_FAILED,
}

// exchangeOf converts an entry of a channel's log.
func exchangeOf(n *channellog.Entry) *manyvoxv1.Exchange {
	return &manyvoxv1.Exchange{
		Id: n.ID, Time: timestamppb.New(n.Began), FirstTime: timestamppb.New(n.First), Count: n.Count,
		Direction: directions[n.Direction], Route: valid(n.Route), Status: int32(n.Status), //nolint:gosec // three digits
		Duration: durationpb.New(n.Duration), Bytes: n.Bytes, Verdict: verdicts[n.Verdict],
		Code: valid(n.Code), Text: valid(n.Text), Sender: valid(n.Sender), Message: valid(n.Message),
	}
}

// countsOf converts the counts of a channel's log.
func countsOf(l *channellog.Log) (list []*manyvoxv1.ExchangeCount) {
	for _, c := range l.Counts() {
		list = append(list, &manyvoxv1.ExchangeCount{
			Direction: directions[c.Direction], Verdict: verdicts[c.Verdict], Count: c.Count, Last: exchangeOf(&c.Last),
		})
	}
	return list
}
