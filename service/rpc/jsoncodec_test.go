package rpc

import (
	"encoding/json"
	"reflect"
	"testing"
)

// Whatever encoding/json reads, it reads the same once no half of a surrogate pair is left.
func FuzzWholeSurrogates(f *testing.F) {
	for _, seed := range []string{
		`"\ud83d"`, `"\ude00\ud83d"`, `"\ud83d\ude00"`, `"\ud83d\ud83d\ude00"`, `"\\ud83d"`, `"\\\ud83d"`, `"\ud83dx\u0041"`,
		`"\uD83D\uDE00"`, `{"\udfff":["\u00e9","\u"]}`, `"\ud83d\`, `"\ud83d\u12"`, `"\`, `\u+800`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		whole := wholeSurrogates(data)
		var want, got any
		if json.Unmarshal(data, &want) != nil {
			return
		}
		if err := json.Unmarshal(whole, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s became %s: %v, %v", data, whole, got, err)
		}
		if again := wholeSurrogates(whole); string(again) != string(whole) {
			t.Errorf("%s still has one: %s", whole, again)
		}
	})
}
