package stat

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
)

// wantNoNaN walks a result and refuses NaN and infinities, which JSON can not
// carry, and limits in the wrong order.
func wantNoNaN(t *testing.T, what string, result any) {
	t.Helper()
	walkFloats(reflect.ValueOf(result), what, func(path string, v float64) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s is %v", path, v)
		}
	})
	if _, err := json.Marshal(result); err != nil {
		t.Errorf("%s: %v", what, err)
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
