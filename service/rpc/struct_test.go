package rpc

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// randomValue makes a Value of any kind, at most deep levels.
func randomValue(random *rand.Rand, deep int) *structpb.Value {
	kinds := 6
	if deep == 0 {
		kinds = 4
	}
	switch random.IntN(kinds) {
	case 0:
		return structpb.NewNullValue()
	case 1:
		return structpb.NewBoolValue(random.IntN(2) == 0)
	case 2:
		return structpb.NewNumberValue(randomNumber(random))
	case 3:
		return structpb.NewStringValue(randomString(random))
	case 4:
		list := &structpb.ListValue{}
		for range random.IntN(4) {
			list.Values = append(list.Values, randomValue(random, deep-1))
		}
		return structpb.NewListValue(list)
	}
	return structpb.NewStructValue(randomStruct(random, deep-1))
}

func randomStruct(random *rand.Rand, deep int) *structpb.Struct {
	s := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	for range random.IntN(4) {
		s.Fields[randomString(random)] = randomValue(random, deep)
	}
	return s
}

func randomNumber(random *rand.Rand) float64 {
	for {
		if f := math.Float64frombits(random.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	}
}

func randomString(random *rand.Rand) string {
	letters := []rune("ab \"\\/<>&\n\t\x00\x1f\x7fé\u2028\u2029\ufffd😀")
	s := make([]rune, random.IntN(8))
	for i := range s {
		s[i] = letters[random.IntN(len(letters))]
	}
	return string(s)
}

func TestConvertStructAsProtojsonDoes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		s := randomStruct(random, 3)
		got, err := appendStruct(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := protojson.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(decoded(t, theirs), decoded(t, got)); diff != "" {
			t.Fatalf("%s (-protojson +ours):\n%s", got, diff)
		}
		var back structpb.Struct
		if err := protojson.Unmarshal(got, &back); err != nil {
			t.Fatalf("%s: %v", got, err)
		}
	}
}

func decoded(t *testing.T, data []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return v
}

func TestConvertNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number float64
		want   string // its form; what differs only in the form of an exponent is as good
	}{
		{0, "0"},
		{math.Copysign(0, -1), "-0"},
		{1, "1"},
		{-42, "-42"},
		{1 << 53, "9007199254740992"},
		{1e20, "100000000000000000000"},
		{1e21, "1e+21"},
		{0.1, "0.1"},
		{1e-7, "1e-07"},
		{math.MaxFloat64, "1.7976931348623157e+308"},
		{math.SmallestNonzeroFloat64, "5e-324"},
	} {
		got, err := appendNumber(nil, c.number)
		if err != nil || string(got) != c.want {
			t.Errorf("%g becomes %s, %v, want %s", c.number, got, err, c.want)
		}
		var back float64
		if err := json.Unmarshal(got, &back); err != nil || back != c.number || math.Signbit(back) != math.Signbit(c.number) {
			t.Errorf("%s is read as %g, %v", got, back, err)
		}
	}
}

func TestConvertMetadata(t *testing.T) {
	t.Parallel()
	deep := &structpb.Struct{Fields: map[string]*structpb.Value{
		"list": structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{structpb.NewNumberValue(math.NaN())}}),
	}}
	for _, c := range []struct {
		name string
		req  *manyvoxv1.ReceiveRequest
		want string // the metadata, or the error
	}{
		{"none", &manyvoxv1.ReceiveRequest{}, ""},
		{"an empty struct", &manyvoxv1.ReceiveRequest{Metadata: &structpb.Struct{}}, `{}`},
		{
			"sorted keys, a value of no kind", &manyvoxv1.ReceiveRequest{Metadata: &structpb.Struct{
				Fields: map[string]*structpb.Value{"b": {}, "a": structpb.NewBoolValue(true)},
			}}, `{"a":true,"b":null}`,
		},
		{
			"JSON wins and stays as it is", &manyvoxv1.ReceiveRequest{Metadata: deep, MetadataJson: `{"z": 12345678901234567890, "a": "\u00e9"}`},
			`{"z": 12345678901234567890, "a": "\u00e9"}`,
		},
		{"JSON of any kind", &manyvoxv1.ReceiveRequest{MetadataJson: `[1]`}, `[1]`},
		{"no JSON", &manyvoxv1.ReceiveRequest{MetadataJson: `{"a":`}, "metadata_json: not JSON"},
		{"NaN", &manyvoxv1.ReceiveRequest{Metadata: deep}, "metadata: list: NaN has no JSON form"},
		{
			"infinity", &manyvoxv1.ReceiveRequest{Metadata: &structpb.Struct{
				Fields: map[string]*structpb.Value{"up": structpb.NewNumberValue(math.Inf(1))},
			}}, "metadata: up: +Inf has no JSON form",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := messageOf(c.req)
			got := string(m.Metadata)
			if err != nil {
				got = err.Error()
				if e := channels.AsError(err); e.Code != channels.CodeInvalid {
					t.Errorf("code %v", e.Code)
				}
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestConvertMessage(t *testing.T) {
	t.Parallel()
	req := &manyvoxv1.ReceiveStreamRequest{
		Channel: "rest", Sender: "ann", Message: " hi ", InputChannel: "kiosk", MetadataJson: `{"a":1}`, MessageId: "m1",
		Attachments: []*manyvoxv1.Attachment{{Type: "image", Url: "u", Ref: "r", Content: []byte("c"), Mime: "image/png", Name: "n", Size: 7}},
	}
	got, err := messageOf(req)
	want := channels.Message{
		Sender: "ann", Text: " hi ", InputChannel: "kiosk", Metadata: json.RawMessage(`{"a":1}`), ID: "m1",
		Attachments: []channels.Attachment{{Type: "image", URL: "u", Ref: "r", Content: []byte("c"), MIME: "image/png", Name: "n", Size: 7}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
