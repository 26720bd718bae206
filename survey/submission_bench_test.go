package survey

import (
	"encoding/json"
	"net/url"
	"strconv"
	"testing"
)

// benchmarkDocument is a complete submission of the built-in questionnaire, as
// JSON and as a form.
func benchmarkDocument(b *testing.B) (document, body []byte) {
	b.Helper()
	answers, form := map[string]any{"role": "manager"}, url.Values{"role": {"manager"}, "key": {"0123456789abcdef"}}
	for i, f := range Builtin().Fields() {
		switch {
		case f.Key == "role":
		case f.Kind == Likert:
			answers[f.Key] = strconv.Itoa(1 + i%7)
			form.Set(f.Key, f.formValue(Answer{State: Valid, Code: 1 + i%7}))
		case f.Kind == SingleChoice:
			answers[f.Key] = f.Item.Options[i%len(f.Item.Options)].Code
			form.Set(f.Key, f.Item.Options[i%len(f.Item.Options)].Code)
		case f.Kind == Number:
			answers[f.Key] = "20"
			form.Set(f.Key, "20")
		case f.Kind == LongText:
			answers[f.Key] = "They listen, and they come along to the customer."
			form.Set(f.Key, "They listen, and they come along to the customer.")
		}
	}
	document, err := json.Marshal(map[string]any{"key": "0123456789abcdef", "language": "en", "answers": answers})
	if err != nil {
		b.Fatal(err)
	}
	return document, []byte(form.Encode())
}

// The first of these is the road of the service; the other is what it would
// cost by encoding/json into a map, page by page and CheckAll.
func BenchmarkReadSubmission(b *testing.B) {
	in := Builtin()
	document, body := benchmarkDocument(b)
	b.Run("JSON", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(document)))
		for b.Loop() {
			if _, problems, err := in.ReadSubmission(document); err != nil || len(problems) > 0 {
				b.Fatal(err, problems)
			}
		}
	})
	b.Run("form", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if _, problems, err := in.ReadSubmissionForm(body); err != nil || len(problems) > 0 {
				b.Fatal(err, problems)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, _, accepted := expectedJSON(in, document); !accepted {
				b.Fatal("refused")
			}
		}
	})
	b.Run("map-and-CheckAll", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var got struct{ Answers map[string]any }
			if err := json.Unmarshal(document, &got); err != nil {
				b.Fatal(err)
			}
			values := make(map[string][]string, len(got.Answers))
			for key, v := range got.Answers {
				switch v := v.(type) {
				case string:
					values[key] = []string{v}
				case float64:
					values[key] = []string{formatNumber(v)}
				}
			}
			answers := in.NewAnswers()
			for s := range in.Sections {
				answers, _ = in.CheckSection(s, "manager", values, answers)
			}
			if problems := in.CheckAll("manager", in.Normalize("manager", answers)); len(problems) > 0 {
				b.Fatal(problems)
			}
		}
	})
	got, _, _ := in.ReadSubmission(document)
	answers, err := Unpack(in, got.Packed)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Pack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Pack(in, answers); err != nil {
				b.Fatal(err)
			}
		}
	})
}
