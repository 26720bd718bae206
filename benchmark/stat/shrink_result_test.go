package stat

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
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

// Field names in JSON are the contract with pages, exports and other programs.
func TestFieldNamesInJSONAreSnakeCase(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	snake := regexp.MustCompile(`^(-|[a-z][a-z0-9]*(_[a-z0-9]+)*)$`)
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			f, ok := n.(*ast.Field)
			if !ok || f.Tag == nil {
				return true
			}
			tag, err := strconv.Unquote(f.Tag.Value)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			field, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
			if !snake.MatchString(field) {
				t.Errorf("%s: field name %q", name, field)
			}
			return true
		})
	}
	if seen < 300 {
		t.Errorf("only %d tagged fields found", seen)
	}
}
