package survey

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// hostileDocuments are what a decoder is attacked with; the fuzzers start there.
var hostileDocuments = []string{
	``, ` `, `{`, `}`, `null`, `[]`, `"x"`, `{}`, `{}{}`, `{} x`, `{"answers":{}}`, "\xff\xfe{", "\xef\xbb\xbf{}",
	`{"answers":{"role":"boss","helps":5,"t_coach":40,"t_other":60}}`,
	`{"answers":{"role":"boss","helps":"5","hinders":null,"share":12.5,"minutes":1200,"t_coach":"40 %","t_other":"60"}}`,
	`{"answers":{"role":"boss","helps":5.0}}`, `{"answers":{"role":"boss","helps":05}}`, `{"answers":{"role":"boss","helps":-0}}`,
	`{"answers":{"role":"boss","helps":1e0,"share":1E1,"minutes":-0.0}}`, `{"answers":{"role":"boss","share":1e999}}`,
	`{"answers":{"role":"boss","share":0.1e-400}}`, `{"answers":{"role":"boss","helps":5,"helps":4}}`,
	`{"answers":{"role":"boss","h\u0065lps":5,"helps":4}}`, `{"answers":{"role":"boss"},"answers":{"role":"seller"}}`,
	`{"answers":{"role":["boss"]}}`, `{"answers":{"role":{"role":"boss"}}}`, `{"answers":{"role":true}}`, `{"answers":[["role","boss"]]}`,
	`{"answers":{"confirm_minutes":"1"}}`, `{"answers":{"":"x"}}`, `{"answers":{"\u0000":"x"}}`, `{"answers":{"why":"\ud800"}}`,
	`{"answers":{"role":"seller","helps":1,"why":"\ud83d\ude00\u0000\r\n x"}}`, `{"answers":{"role":"seller","helps":"dont_know","share":"na"}}`,
	`{"answers":{"role":"seller","helps":"dk","share":"not_applicable","time":"dk"}}`, `{"answers":{"time":5,"role":"boss"}}`,
	`{"key":"k","key":"k"}`, `{"key":5}`, `{"language":"xx"}`, `{"started_at":"yesterday"}`, `{"started_at":"2026-03-01T09:30:00+14:00"}`,
	`{"answers":{"role":"boss",}}`, `{"answers":{"role" "boss"}}`, `{"answers":{'role':"boss"}}`, "{\"answers\":{\"role\":\"bo\nss\"}}",
	`{"answers":` + strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000) + `}`, `{"x":` + strings.Repeat(`{"a":`, 400) + `1` + strings.Repeat(`}`, 400) + `}`,
	`{"answers":{"why":"` + strings.Repeat(`\u0041`, 3000) + `"}}`, `{"answers":{"share":` + strings.Repeat("9", 4000) + `}}`,
}

func FuzzReadSubmission(f *testing.F) {
	in := small(f)
	for _, document := range hostileDocuments {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		got, problems, err := in.ReadSubmission(document)
		role, answers, wellFormed, accepted := expectedJSON(in, document)
		if taken := err == nil && len(problems) == 0; taken != accepted {
			t.Fatalf("taken %v, expected %v: %v, %+v", taken, accepted, err, problems)
		}
		if !wellFormed && err == nil && len(problems) < maxSubmissionProblems {
			t.Fatalf("what is no JSON has only problems: %+v", problems)
		}
		mustBeSubmitted(t, in, got, problems, err)
		if accepted && (got.Role != role || !reflect.DeepEqual(answersOf(t, in, got), answers)) {
			t.Fatalf("%q %+v\nwant %q %+v", got.Role, got.Packed, role, answers)
		}
	})
}

func FuzzReadSubmissionForm(f *testing.F) {
	in := small(f)
	for _, body := range []string{"", "&", "=", "role=boss&helps=5&t_coach=40&t_other=60", "role=boss&helps=5&helps=&t_coach=40&t_coach=&t_other=60",
		"role=boss&role=seller", "role=boss&helps=5&minutes=1200&confirm_minutes=1.200,0&share=%D9%A1%D9%A2", "a;b=1", "%zz=1", "role=%", "role=boss&helps=+5+",
		"role=seller&helps=1&why=a%0D%0Ab%00c%FF", "key=a&key=b", "language=xx&started_at=x&go=next&seen=1&shown_at=0", "time=dk&time=&role=boss&helps=dk",
		"minutes=1,234&role=boss", "t_coach=33.3&t_other=66.7&role=boss&helps=4", strings.Repeat("x=1&", 500), "role=boss&share=1.500", "time=no&role=boss&helps=3"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, problems, err := in.ReadSubmissionForm(body)
		mustBeSubmitted(t, in, got, problems, err)
		role, answers, accepted := expectedForm(in, string(body))
		if taken := err == nil && len(problems) == 0; taken != accepted {
			t.Fatalf("taken %v, expected %v: %v, %+v", taken, accepted, err, problems)
		}
		if accepted && (got.Role != role || !reflect.DeepEqual(answersOf(t, in, got), answers)) {
			t.Fatalf("%q %+v\nwant %q %+v", got.Role, got.Packed, role, answers)
		}
	})
}

// expectedForm reads a form by net/url.
func expectedForm(in *Instrument, body string) (string, Answers, bool) {
	values, err := url.ParseQuery(body)
	if err != nil {
		return "", nil, false
	}
	for name, given := range values {
		field, known := in.FieldByKey(strings.TrimPrefix(name, ConfirmPrefix))
		switch {
		case in.ItemByKey(name) != nil, known && !strings.HasPrefix(name, ConfirmPrefix), known && field.Kind == Number:
		case name == "key":
			distinct := map[string]bool{}
			for _, v := range given {
				distinct[strings.TrimSpace(v)] = true
			}
			delete(distinct, "")
			if len(distinct) > 1 {
				return "", nil, false
			}
		case name == "language":
			if slices.ContainsFunc(given, func(v string) bool { v = strings.TrimSpace(v); return v != "" && !slices.Contains(in.Languages, v) }) {
				return "", nil, false
			}
		case name == "started_at":
			if slices.ContainsFunc(given, func(v string) bool { return !isTime(strings.TrimSpace(v)) }) {
				return "", nil, false
			}
		case !pageControls[name]:
			return "", nil, false
		}
	}
	role, answers, problems := expected(in, values, nil)
	return role, answers, len(problems) == 0
}

// mustBeSubmitted holds for whatever was read.
func mustBeSubmitted(t *testing.T, in *Instrument, got Submitted, problems []Problem, err error) {
	t.Helper()
	for _, p := range problems {
		if p.Code == "" || p.Message == "" || len(p.Message) > 500 || len(p.Field) > 300 {
			t.Fatalf("problem %+v", p)
		}
	}
	if len(problems) > maxSubmissionProblems+len(in.Fields()) {
		t.Fatalf("%d problems", len(problems))
	}
	if err != nil {
		if KindOf(err) != Invalid || len(err.Error()) > 500 {
			t.Fatalf("error %v", err)
		}
		return
	}
	if len(problems) > 0 {
		return
	}
	answers := answersOf(t, in, got)
	if again := in.CheckAll(got.Role, answers); len(again) > 0 || !reflect.DeepEqual(in.Normalize(got.Role, answers), answers) {
		t.Fatalf("CheckAll says %+v of %+v", again, answers)
	}
}

// answersOf are the answers of a submission, which packed once more are the same.
func answersOf(t rapid.TB, in *Instrument, s Submitted) Answers {
	t.Helper()
	answers, err := Unpack(in, s.Packed)
	if err != nil {
		t.Fatalf("what was read can not be read again: %v", err)
	}
	if packed, err := Pack(in, answers); err != nil || packed != s.Packed {
		t.Fatalf("packed %+v, and once more %+v, %v", s.Packed, packed, err)
	}
	return answers
}
