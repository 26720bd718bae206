package survey

import (
	"bytes"
	"encoding/json"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// expected reads the answers of a submission the long way: what was typed goes
// through CheckSection page by page, numbers of JSON are put in their place, and
// CheckAll has the last word.
func expected(in *Instrument, values map[string][]string, numbers map[string]float64) (string, Answers, []Problem) {
	x := in.compiled()
	role := ""
	if x.role >= 0 {
		for _, v := range values[in.RoleItem] {
			if v = strings.TrimSpace(v); v != "" {
				if _, known := x.texters[v]; known {
					role = v
				}
				break
			}
		}
	}
	posted := map[string][]string{}
	for _, f := range in.Fields() { // whatever was not sent was seen and left empty
		posted[f.Item.Key] = []string{""}
	}
	for key, given := range values {
		posted[key] = given
	}
	answers := in.NewAnswers()
	for key, v := range numbers {
		f, _ := in.FieldByKey(key)
		answers[f.Index] = Answer{State: Valid, Number: v}
	}
	var problems []Problem
	for s := range in.Sections {
		before := append(Answers(nil), answers...)
		var found []Problem
		answers, found = in.CheckSection(s, role, posted, answers)
		for key := range numbers {
			f, _ := in.FieldByKey(key)
			if f.Section == s && f.Kind == Number {
				answers[f.Index] = before[f.Index]
				found = slices.DeleteFunc(found, func(p Problem) bool { return p.Field == key })
			}
		}
		problems = append(problems, found...)
	}
	final := in.Normalize(role, answers)
	return role, final, append(problems, in.CheckAll(role, final)...)
}

// expectedJSON reads a document by encoding/json and refuses what it lets pass.
// The second result says whether it is a submission at all.
func expectedJSON(in *Instrument, document []byte) (role string, answers Answers, wellFormed, accepted bool) {
	if !utf8.Valid(document) || !json.Valid(document) {
		return "", nil, false, false
	}
	if _, err := (&scanner{data: document}).document(); err != nil {
		return "", nil, true, false // a name twice, half a surrogate pair
	}
	var top map[string]json.RawMessage
	if json.Unmarshal(document, &top) != nil || top == nil {
		return "", nil, true, false
	}
	ok := true
	for name, raw := range top {
		switch name {
		case "key", "language", "started_at":
			var text *string
			ok = ok && json.Unmarshal(raw, &text) == nil && text != nil
			if ok && name == "language" && *text != "" {
				ok = slices.Contains(in.Languages, *text)
			}
			if ok && name == "started_at" && *text != "" {
				ok = isTime(*text)
			}
		case "answers":
		default:
			ok = false
		}
	}
	given := map[string]any{}
	if raw, sent := top["answers"]; sent && ok {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var object any
		if d.Decode(&object) != nil {
			return "", nil, true, false
		}
		given, ok = object.(map[string]any)
	}
	if !ok {
		return "", nil, true, false
	}
	role, answers, accepted = expectedAnswers(in, given)
	return role, answers, true, accepted
}

func expectedAnswers(in *Instrument, given map[string]any) (string, Answers, bool) {
	values, numbers, whole := map[string][]string{}, map[string]float64{}, map[string]bool{}
	for name, v := range given {
		field, known := in.FieldByKey(name)
		item := in.ItemByKey(name)
		if !known && item == nil {
			return "", nil, false
		}
		if item == nil {
			item = field.Item
		}
		switch v := v.(type) {
		case nil:
		case string:
			text := strings.TrimSpace(v)
			if state, ok := map[string]State{"dont_know": DontKnow, "not_applicable": NotApplicable}[text]; ok && slices.Contains(item.Missing, state) {
				text = state.FormCode()
			}
			values[name] = []string{text}
			values[ConfirmPrefix+name] = []string{text}
			whole[name] = item.Kind == Allocation && item.Key == name && text != "" && !slices.Contains(item.Missing, stateCodes[text])
		case json.Number:
			if known && item.Kind == Number {
				if n, err := v.Float64(); err == nil {
					numbers[name] = n + 0 // -0 becomes 0
					continue
				}
				return "", nil, false
			}
			values[name] = []string{v.String()}
			if n, err := v.Float64(); known && item.Kind == Likert && err == nil && n == math.Trunc(n) && n >= 1 {
				values[name] = []string{formatNumber(n)}
			}
			if n, err := v.Float64(); known && item.Kind == Allocation && err == nil && n == n+0 {
				values[name] = []string{formatNumber(n + 0)}
			}
			whole[name] = item.Kind == Allocation && item.Key == name
		default:
			return "", nil, false
		}
	}
	role, answers, problems := expected(in, values, numbers)
	for key, bad := range whole { // counts where the question is shown
		at := in.compiled().ranges[in.ItemByKey(key)]
		if bad && answers[at.first].State != NotShown {
			return role, nil, false
		}
	}
	return role, answers, len(problems) == 0
}

func isTime(text string) bool {
	var r submissionReader
	return r.startedAt(text)
}

func TestASubmissionIsReadAsThePagesReadIt(t *testing.T) {
	for _, in := range []*Instrument{small(t), Builtin()} {
		rapid.Check(t, func(t *rapid.T) {
			role := in.Roles[rapid.IntRange(0, len(in.Roles)-1).Draw(t, "role")].Key
			drawn := drawHonest(t, in)
			values := url.Values{"key": {"0123456789abcdef"}}
			answers := map[string]any{}
			for _, f := range in.Fields() {
				key := f.Key
				if f.Part != nil && drawn[f.Index].State != Valid {
					key = f.Item.Key
				}
				v := f.formValue(drawn[f.Index])
				if f.Index == in.compiled().role {
					v = role
				}
				if v == "" {
					continue
				}
				values.Set(key, v)
				answers[key] = v
				if drawn[f.Index].State == Valid && (f.Kind == Number || f.Part != nil) {
					answers[key] = json.Number(v)
				}
				if f.Kind == Number {
					values.Set(ConfirmPrefix+key, v)
				}
			}
			want := in.Normalize(role, drawn)
			f, _ := in.FieldByKey(in.RoleItem)
			want[f.Index] = Answer{State: Valid, Code: 1 + slices.IndexFunc(f.Item.Options, func(o Option) bool { return o.Code == role })}
			document, err := json.Marshal(map[string]any{"key": "0123456789abcdef", "answers": answers})
			if err != nil {
				t.Fatal(err)
			}
			got, problems, err := in.ReadSubmission(document)
			if err != nil || len(problems) > 0 || got.Role != role || !reflect.DeepEqual(answersOf(t, in, got), want) {
				t.Fatalf("JSON %s: %v, %+v\n%+v\nwant %+v", document, err, problems, got, want)
			}
			typed, problems, err := in.ReadSubmissionForm([]byte(values.Encode()))
			if err != nil || len(problems) > 0 || !reflect.DeepEqual(typed, got) {
				t.Fatalf("form %s: %v, %+v\n%+v\nwant %+v", values.Encode(), err, problems, typed, got)
			}
		})
	}
}
