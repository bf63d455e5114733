package rpc

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/channels"
)

// appendStruct appends a Struct as JSON, its keys sorted. protojson would do, at
// five times the cost, on the hottest path there is.
func appendStruct(dst []byte, s *structpb.Struct) (_ []byte, err error) {
	dst = append(dst, '{')
	for i, key := range slices.Sorted(maps.Keys(s.GetFields())) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(channels.AppendString(dst, key), ':')
		if dst, err = appendValue(dst, s.GetFields()[key]); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return append(dst, '}'), nil
}

// appendValue appends a value. One without a kind is null, as protojson has it.
func appendValue(dst []byte, v *structpb.Value) (_ []byte, err error) {
	switch v := v.GetKind().(type) {
	case *structpb.Value_StringValue:
		return channels.AppendString(dst, v.StringValue), nil
	case *structpb.Value_NumberValue:
		return appendNumber(dst, v.NumberValue)
	case *structpb.Value_BoolValue:
		return strconv.AppendBool(dst, v.BoolValue), nil
	case *structpb.Value_StructValue:
		return appendStruct(dst, v.StructValue)
	case *structpb.Value_ListValue:
		dst = append(dst, '[')
		for i, item := range v.ListValue.GetValues() {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendValue(dst, item); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	}
	return append(dst, "null"...), nil
}

// appendNumber writes whole numbers without an exponent, as people and Rasa write them.
// Above 1e21 the digits would say more than a double knows.
func appendNumber(dst []byte, f float64) ([]byte, error) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return nil, fmt.Errorf("%v has no JSON form", f)
	case f == math.Trunc(f) && math.Abs(f) < 1e21:
		return strconv.AppendFloat(dst, f, 'f', -1, 64), nil
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64), nil
}
