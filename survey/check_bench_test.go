package survey

import (
	"net/url"
	"testing"
)

// BenchmarkCheckSection reads one posted page of the built-in questionnaire.
func BenchmarkCheckSection(b *testing.B) {
	in := Builtin()
	section := 3
	values := url.Values{}
	for _, f := range in.Fields() {
		if f.Section == section {
			values.Set(f.Key, "5")
		}
	}
	answers := in.NewAnswers()
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := in.CheckSection(section, "manager", values, answers); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

// BenchmarkReview is what the page before sending and the sending itself check.
func BenchmarkReview(b *testing.B) {
	in := Builtin()
	answers := in.NewAnswers()
	b.ReportAllocs()
	for b.Loop() {
		final := in.Normalize("manager", answers)
		in.CheckAll("manager", final)
	}
}
