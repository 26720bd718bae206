package survey

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
)

// smallInstrument has every kind of item, two languages, a condition and a role
// that reads the texts of another.
const smallInstrument = `{
  "key": "small", "version": 3,
  "title": {"en": "Small", "de": "Klein"},
  "languages": ["en", "de"],
  "role_item": "role",
  "roles": [
    {"key": "seller", "label": {"en": "Seller", "de": "Verkauf"}},
    {"key": "boss", "label": {"en": "Boss", "de": "Leitung"}},
    {"key": "guest", "label": {"en": "Guest", "de": "Gast"}, "texts_from": "boss"}
  ],
  "areas": [{"key": "a1", "title": {"en": "Area", "de": "Gebiet"}}],
  "scales": [{"key": "s5", "top_box": 2, "points": [
    {"value": 1, "label": {"en": "no", "de": "nein"}}, {"value": 2, "label": {"en": "rather no", "de": "eher nein"}},
    {"value": 3, "label": {"en": "so so", "de": "teils"}}, {"value": 4, "label": {"en": "rather yes", "de": "eher ja"}},
    {"value": 5, "label": {"en": "yes", "de": "ja"}}]}],
  "sections": [
    {"key": "who", "title": {"en": "Who", "de": "Wer"}, "items": [
      {"key": "role", "kind": "single_choice", "required": true, "label": {"en": "Role", "de": "Rolle"},
       "texts": {"*": {"en": "Your role?", "de": "Ihre Rolle?"}},
       "options": [{"code": "seller", "label": {"en": "Seller", "de": "Verkauf"}},
                   {"code": "boss", "label": {"en": "Boss", "de": "Leitung"}},
                   {"code": "guest", "label": {"en": "Guest", "de": "Gast"}}]}]},
    {"key": "what", "title": {"en": "What", "de": "Was"}, "items": [
      {"key": "helps", "kind": "likert", "area": "a1", "scale": "s5", "required": true, "missing": ["dont_know", "not_applicable"],
       "label": {"en": "Helps", "de": "Hilft"},
       "texts": {"seller": {"en": "My boss helps.", "de": "Meine Leitung hilft."}, "boss": {"en": "I help.", "de": "Ich helfe."}}},
      {"key": "hinders", "kind": "likert", "area": "a1", "scale": "s5", "reverse": true,
       "label": {"en": "Hinders", "de": "Hindert"}, "texts": {"*": {"en": "Rules hinder.", "de": "Regeln hindern."}}}]},
    {"key": "numbers", "title": {"en": "Numbers", "de": "Zahlen"}, "items": [
      {"key": "minutes", "kind": "number", "missing": ["dont_know"], "min": 0, "max": 600, "hard_min": 0, "ask_again": true,
       "label": {"en": "Minutes", "de": "Minuten"}, "texts": {"*": {"en": "How many?", "de": "Wie viele?"}}},
      {"key": "share", "kind": "number", "required": true, "min": 0, "max": 100,
       "label": {"en": "Share", "de": "Anteil"}, "texts": {"boss": {"en": "Which share?", "de": "Welcher Anteil?"}}},
      {"key": "time", "kind": "allocation", "sum": 100, "missing": ["dont_know"], "label": {"en": "Time", "de": "Zeit"},
       "texts": {"boss": {"en": "Divide.", "de": "Aufteilen."}},
       "parts": [{"key": "t_coach", "label": {"en": "Coaching", "de": "Coaching"}, "texts": {"*": {"en": "Coaching", "de": "Coaching"}}},
                 {"key": "t_rest", "label": {"en": "Rest", "de": "Rest"}, "texts": {"*": {"en": "Rest", "de": "Rest"}}}]}]},
    {"key": "more", "title": {"en": "More", "de": "Mehr"}, "show_if": {"item": "helps", "at_most": 2}, "items": [
      {"key": "why", "kind": "text_long", "max": 20, "required": true, "label": {"en": "Why", "de": "Warum"},
       "texts": {"*": {"en": "Why not?", "de": "Warum nicht?"}}}]}
  ]
}`

func small(t testing.TB) *Instrument {
	t.Helper()
	in, err := ParseInstrument([]byte(smallInstrument))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestWrongDocumentsNameLineColumnAndField(t *testing.T) {
	edit := func(old, new string) string {
		if !strings.Contains(smallInstrument, old) {
			t.Fatalf("%q is not in the document", old)
		}
		return strings.Replace(smallInstrument, old, new, 1)
	}
	for name, c := range map[string]struct{ document, want string }{
		"an unknown field":             {edit(`"reverse": true`, `"revers": true`), `line 27, column 73, sections[1].items[1]: unknown field "revers"; did you mean "reverse"?`},
		"a field in another case":      {edit(`"version"`, `"Version"`), `line 2, column 19: unknown field "Version"; did you mean "version"?`},
		"a field given twice":          {edit(`"version": 3,`, `"version": 3, "version": 3,`), `line 2, column 33: field "version" is given twice`},
		"a text where a number stands": {edit(`"version": 3`, `"version": "3"`), `line 2, column 30, version: must be a whole number, not a text`},
		"a fraction as version":        {edit(`"version": 3`, `"version": 3.5`), `version: must be a whole number, not 3.5`},
		"a number that is too large":   {edit(`"sum": 100`, `"sum": 1e999`), `sections[2].items[2].sum: must be a number, not 1e999`},
		"an unknown state":             {edit(`"not_applicable"]`, `"n/a"]`), `sections[1].items[0].missing[1]: unknown state "n/a"`},
		"null":                         {edit(`"area": "a1"`, `"area": null`), `sections[1].items[0].area: null is not allowed`},
		"a list where an object is":    {edit(`{"en": "Small", "de": "Klein"}`, `["Small"]`), `title: must be an object, not a list`},
		"something after the end":      {smallInstrument + "\n{}", `line 43, column 1: something follows after the end`},
		"a document that is cut off":   {smallInstrument[:186], `a text is not closed`},
		"no document":                  {" \n ", `line 2, column 2: the document is empty`},
		"broken UTF-8":                 {edit(`Klein`, "Kl\xe4in"), `line 3, column 37: byte 0xe4 is not valid UTF-8`},
		"UTF-16":                       {"\xff\xfe{\x00}\x00", `UTF-16`},
		"a line end inside a text":     {edit(`Klein`, "Kl\nein"), `control character 0x0a inside a text`},
		"half a surrogate":             {edit(`Klein`, `Kl\ud800ein`), `half of a surrogate pair`},
		"a trailing comma":             {edit(`"Klein"}`, `"Klein",}`), `a comma before } is not allowed`},
		"a leading zero":               {edit(`"version": 3`, `"version": 03`), `expected , or } but found '3'`},
		"very deep nesting":            {strings.Repeat("[", 100000), `nested more than 64 deep`},
		"an unknown kind":              {edit(`"text_long"`, `"essay"`), `line 39, sections[3].items[0].kind: unknown kind "essay"`},
		"a duplicate key":              {edit(`"hinders"`, `"helps"`), `sections[1].items[1].key: key "helps" is already used by sections[1].items[0].key`},
	} {
		_, err := ParseInstrument([]byte(c.document))
		var parseErr *ParseError
		if !errors.As(err, &parseErr) {
			t.Errorf("%s: error %v is no ParseError", name, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got  %s\nwant %s", name, err, c.want)
		}
		if KindOf(err) != Invalid {
			t.Errorf("%s: kind %s, want invalid", name, KindOf(err))
		}
	}
}

func TestHashDoesNotDependOnFormatting(t *testing.T) {
	in := small(t)
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(smallInstrument)); err != nil {
		t.Fatal(err)
	}
	marked := "\xef\xbb\xbf" + strings.ReplaceAll(smallInstrument, "\n", "\r\n")
	reordered := strings.Replace(smallInstrument, `"key": "small", "version": 3,`, `"version": 3, "key": "sm\u0061ll",`, 1)
	for name, document := range map[string]string{"compact": compact.String(), "other line ends": marked, "other order": reordered, "canonical": string(in.Canonical())} {
		other, err := ParseInstrument([]byte(document))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if other.Hash() != in.Hash() {
			t.Errorf("%s: hash %s, want %s", name, other.Hash(), in.Hash())
		}
	}
	changed, err := ParseInstrument([]byte(strings.Replace(smallInstrument, "My boss helps.", "My boss helps!", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if changed.Hash() == in.Hash() {
		t.Error("another wording has the same hash")
	}
	if len(in.Hash()) != len("sha256:")+64 {
		t.Errorf("hash %q", in.Hash())
	}
}

func TestFieldsAreFlatAndFoundByKey(t *testing.T) {
	in := small(t)
	var keys []string
	for i, f := range in.Fields() {
		if f.Index != i {
			t.Errorf("%s: index %d at position %d", f.Key, f.Index, i)
		}
		found, ok := in.FieldByKey(f.Key)
		if !ok || found.Index != i {
			t.Errorf("%s: found %v at %d", f.Key, ok, found.Index)
		}
		keys = append(keys, f.Key)
	}
	if got := strings.Join(keys, " "); got != "role helps hinders minutes share t_coach t_rest why" {
		t.Errorf("fields %s", got)
	}
	if _, ok := in.FieldByKey("time"); ok {
		t.Error("the allocation itself is no field")
	}
	helps, _ := in.FieldByKey("helps")
	if helps.Points != 5 || helps.Section != 1 || !helps.Closed() {
		t.Errorf("helps: %+v", helps)
	}
}

func TestInstrumentIsSafeForConcurrentFirstUse(t *testing.T) {
	in := new(Instrument)
	if err := DecodeDocument([]byte(smallInstrument), in); err != nil {
		t.Fatal(err)
	}
	want := small(t).Hash()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if in.Hash() != want || len(in.Fields()) != 8 {
				t.Error("another index")
			}
		})
	}
	wait.Wait()
}

func TestStateTextsRoundTrip(t *testing.T) {
	for s := NotShown; s <= Valid; s++ {
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back State
		if err := back.UnmarshalText(text); err != nil || back != s {
			t.Errorf("%s came back as %s (%v)", s, back, err)
		}
	}
	if _, err := State(9).MarshalText(); err == nil {
		t.Error("a state without name was written")
	}
}

func FuzzParseInstrument(f *testing.F) {
	f.Add([]byte(smallInstrument))
	f.Add([]byte(`{"sections":[{"items":[{"kind":"likert","show_if":{"not":{"item":"x"}}}]}],"title":{"en":"\ud83d\ude00"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := ReadInstrument(data)
		if err != nil {
			var parseErr *ParseError
			if !errors.As(err, &parseErr) || parseErr.Line < 1 {
				t.Fatalf("error without place: %v", err)
			}
			return
		}
		again, err := ReadInstrument(in.Canonical())
		if err != nil {
			t.Fatalf("the canonical form does not parse: %v", err)
		}
		if again.Hash() != in.Hash() {
			t.Fatal("the canonical form has another hash")
		}
		for _, finding := range Lint(in, []string{"x"}) {
			if finding.Message == "" {
				t.Fatal("finding without words")
			}
		}
		for _, role := range []string{"", "seller", "x"} {
			Effort(in, role)
			answers := in.Normalize(role, in.NewAnswers())
			in.CheckAll(role, answers)
		}
	})
}
