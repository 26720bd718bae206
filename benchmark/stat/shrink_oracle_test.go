package stat

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"testing"
)

// wantNoNaN walks a result and refuses NaN and infinities, which JSON can not
// carry, and lists that would come out as null.
func wantNoNaN(t *testing.T, what string, result any) {
	t.Helper()
	walkFloats(reflect.ValueOf(result), what, func(path string, v float64) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s is %v", path, v)
		}
	})
	data, err := json.Marshal(result)
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	for _, list := range []string{"reasons", "notes", "singular_set", "constant_items"} {
		if bytes.Contains(data, []byte(`"`+list+`":null`)) {
			t.Errorf("%s: %s is null, not an empty list", what, list)
		}
	}
}

func walkFloats(v reflect.Value, path string, visit func(string, float64)) {
	switch v.Kind() {
	case reflect.Float64:
		visit(path, v.Float())
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walkFloats(v.Elem(), path, visit)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walkFloats(v.Index(i), path, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walkFloats(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	}
}
