package journal

import "github.com/manyvox/manyvox/channels"

// ReflectedForm is the stored form of the events of one row as encoding/json writes the
// records that are read.
func ReflectedForm(row []channels.Event) ([]byte, error) {
	if len(row) == 1 {
		return channels.Marshal(recordOfEvent(&row[0]))
	}
	r := groupRecord{eventRecord: recordOfEvent(&row[0])}
	for i := range row[1:] {
		e := &row[1+i]
		r.Further = append(r.Further, furtherRecord{Kind: e.Kind, Time: e.Time.UnixMicro(), eventRecord: recordOfEvent(e)})
	}
	return channels.Marshal(r)
}

func recordOfEvent(e *channels.Event) eventRecord {
	r := eventRecord{Part: e.Part, Receipt: e.Receipt, Reason: e.Reason}
	if e.Message != nil {
		r.Message = recordOf(e.Message)
	}
	for _, reply := range e.Replies {
		r.Replies = append(r.Replies, recordOfReply(reply))
	}
	return r
}

// EncodeEventRow is the stored form of the events of one row.
func EncodeEventRow(row []channels.Event) ([]byte, error) { return appendForm(nil, row) }
