package survey

import (
	"bytes"
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// ParseError says where a document is wrong: line and column (in characters,
// from 1; 0 where only the line is known) and the path of the field, such as
// sections[2].items[0].kind.
type ParseError struct {
	Line    int
	Column  int
	Path    string
	Message string
}

func (e *ParseError) Error() string {
	where := fmt.Sprintf("line %d", e.Line)
	if e.Column > 0 {
		where += fmt.Sprintf(", column %d", e.Column)
	}
	if e.Path != "" {
		where += ", " + e.Path
	}
	return where + ": " + e.Message
}

// Unwrap classifies every ParseError as Invalid.
func (e *ParseError) Unwrap() error { return &Error{Kind: Invalid, Message: e.Error()} }

// utf8Mark is the byte order mark some editors put before UTF-8.
var utf8Mark = []byte("\xef\xbb\xbf")

// DecodeDocument reads a JSON document into a struct and refuses everything
// encoding/json lets pass: an unknown field, a field given twice, null, a value
// of another type, broken UTF-8, anything after the end. The error is a
// *ParseError. Field names are those of the json tags, in exact case.
func DecodeDocument(data []byte, into any) error {
	_, err := decodeDocument(data, into)
	return err
}

// decodeDocument also returns the tree, for whoever wants lines later.
func decodeDocument(data []byte, into any) (*node, error) {
	data = bytes.TrimPrefix(data, utf8Mark)
	s := &scanner{data: data}
	root, err := s.document()
	if err != nil {
		return nil, err
	}
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		panic("survey: DecodeDocument needs a pointer")
	}
	d := decoder{scanner: s}
	if err := d.value(root, target.Elem(), ""); err != nil {
		return nil, err
	}
	return root, nil
}

type decoder struct{ scanner *scanner }

func (d decoder) fail(n *node, path, format string, args ...any) error {
	return d.scanner.errorAt(n.offset, path, fmt.Sprintf(format, args...))
}

func (d decoder) value(n *node, into reflect.Value, path string) error {
	if n.kind == jsonNull {
		return d.fail(n, path, "null is not allowed; leave the field out instead")
	}
	if into.CanAddr() {
		if u, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
			return d.unmarshaler(n, u, path)
		}
	}
	switch into.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(into.Type().Elem())
		if err := d.value(n, fresh.Elem(), path); err != nil {
			return err
		}
		into.Set(fresh)
		return nil
	case reflect.Struct:
		return d.object(n, into, path)
	case reflect.Map:
		return d.table(n, into, path)
	case reflect.Slice:
		return d.list(n, into, path)
	default:
		return d.scalar(n, into, path)
	}
}

func (d decoder) unmarshaler(n *node, u encoding.TextUnmarshaler, path string) error {
	if n.kind != jsonString {
		return d.fail(n, path, "must be a text, not %s", n.kind)
	}
	if err := u.UnmarshalText([]byte(n.text)); err != nil {
		return d.fail(n, path, "%v", err)
	}
	return nil
}

func (d decoder) object(n *node, into reflect.Value, path string) error {
	if n.kind != jsonObject {
		return d.fail(n, path, "must be an object, not %s", n.kind)
	}
	for _, m := range n.members {
		field := fieldByTag(into, m.key)
		if !field.IsValid() {
			return d.scanner.errorAt(m.offset, path, unknownField(into.Type(), m.key))
		}
		if err := d.value(m.value, field, joinPath(path, m.key)); err != nil {
			return err
		}
	}
	return nil
}

func (d decoder) table(n *node, into reflect.Value, path string) error {
	if n.kind != jsonObject {
		return d.fail(n, path, "must be an object, not %s", n.kind)
	}
	into.Set(reflect.MakeMapWithSize(into.Type(), len(n.members)))
	for _, m := range n.members {
		v := reflect.New(into.Type().Elem()).Elem()
		if err := d.value(m.value, v, joinPath(path, m.key)); err != nil {
			return err
		}
		into.SetMapIndex(reflect.ValueOf(m.key).Convert(into.Type().Key()), v)
	}
	return nil
}

func (d decoder) list(n *node, into reflect.Value, path string) error {
	if n.kind != jsonArray {
		return d.fail(n, path, "must be a list, not %s", n.kind)
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.elements), len(n.elements)))
	for i, e := range n.elements {
		if err := d.value(e, into.Index(i), path+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
	}
	return nil
}

func (d decoder) scalar(n *node, into reflect.Value, path string) error {
	switch into.Kind() {
	case reflect.String:
		if n.kind != jsonString {
			return d.fail(n, path, "must be a text, not %s", n.kind)
		}
		into.SetString(n.text)
	case reflect.Bool:
		if n.kind != jsonBool {
			return d.fail(n, path, "must be true or false, not %s", n.kind)
		}
		into.SetBool(n.text == "true")
	case reflect.Int:
		v, err := strconv.Atoi(n.text)
		if n.kind != jsonNumber || err != nil {
			return d.fail(n, path, "must be a whole number, not %s", n.describe())
		}
		into.SetInt(int64(v))
	case reflect.Float64:
		v, err := strconv.ParseFloat(n.text, 64)
		if n.kind != jsonNumber || err != nil {
			return d.fail(n, path, "must be a number, not %s", n.describe())
		}
		into.SetFloat(v)
	default:
		panic("survey: DecodeDocument can not fill a " + into.Type().String())
	}
	return nil
}

// fieldByTag finds the exported field whose json name is key.
func fieldByTag(v reflect.Value, key string) reflect.Value {
	for i := range v.NumField() {
		if name := tagName(v.Type().Field(i)); name != "" && name == key {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

func tagName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if !f.IsExported() || name == "-" {
		return ""
	}
	return name
}

func unknownField(t reflect.Type, key string) string {
	message := fmt.Sprintf("unknown field %q", excerpt(key, 40))
	best, least := "", 3
	for i := range t.NumField() {
		name := tagName(t.Field(i))
		if d := distance(key, name); name != "" && d < least {
			best, least = name, d
		}
	}
	if best != "" {
		message += fmt.Sprintf("; did you mean %q?", best)
	}
	return message
}

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// distance is the number of letters to change, add or leave out to get from a
// to b; words of very different length count as far apart.
func distance(a, b string) int {
	if len(a) > len(b)+3 || len(b) > len(a)+3 {
		return 1 << 20
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// excerpt shortens foreign text for a message.
func excerpt(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	runes := 0
	for i := range s {
		if runes == limit {
			return s[:i] + "..."
		}
		runes++
	}
	return s
}
