package survey

import (
	"fmt"
	"strings"
	"testing"
)

func TestLintFindsWhatIsWrong(t *testing.T) {
	type edit struct{ old, new string }
	for name, c := range map[string]struct {
		edits []edit
		want  string // severity, path and the beginning of the message
	}{
		"a key used twice":         {[]edit{{`"key": "why"`, `"key": "t_rest"`}}, `error sections[3].items[0].key: key "t_rest" is already used by sections[2].items[2].parts[1].key`},
		"an area named as an item": {[]edit{{`"key": "a1"`, `"key": "minutes"`}}, `error sections[2].items[0].key: key "minutes" is already used by areas[0].key`},
		"a key of the study":       {[]edit{{`"key": "why"`, `"key": "study_why"`}}, `error sections[3].items[0].key: key "study_why": keys that begin with study_`},
		"a key with a space":       {[]edit{{`"key": "why"`, `"key": "why not"`}}, `error sections[3].items[0].key: key "why not" must be`},
		"version 0":                {[]edit{{`"version": 3`, `"version": 0`}}, `error version: the version must be 1 or more`},
		"no language":              {[]edit{{`["en", "de"]`, `[]`}}, `error languages: no language is listed`},
		"a missing default text":   {[]edit{{`{"en": "Helps", "de": "Hilft"}`, `{"de": "Hilft"}`}}, `error sections[1].items[0].label: the text in the default language "en" is missing`},
		"a missing translation":    {[]edit{{`{"en": "Helps", "de": "Hilft"}`, `{"en": "Helps"}`}}, `warning sections[1].items[0].label: the text in language "de" is missing; "en" is shown instead`},
		"an unlisted language":     {[]edit{{`{"en": "Helps", "de": "Hilft"}`, `{"en": "Helps", "de": "Hilft", "fr": "Aide"}`}}, `warning sections[1].items[0].label: language "fr" is not listed`},
		"a role without items":     {[]edit{{`"texts_from": "boss"`, `"texts_from": "seller"`}, {`{"seller": {"en": "My boss helps.", "de": "Meine Leitung hilft."}, "boss"`, `{"boss"`}, {`"texts": {"*": {"en": "Rules hinder.", "de": "Regeln hindern."}}`, `"texts": {"boss": {"en": "x", "de": "x"}}`}, {`"texts": {"*": {"en": "How many?", "de": "Wie viele?"}}`, `"texts": {"boss": {"en": "x", "de": "x"}}`}}, `error roles[0]: role "seller" is left without a path: no item is asked in it`},
		"an option without a role": {[]edit{{`{"code": "guest"`, `{"code": "visitor"`}}, `error role_item: role "visitor" is left without a path`},
		"texts of no role":         {[]edit{{`"texts_from": "boss"`, `"texts_from": "chief"`}}, `error roles[2].texts_from: role "chief" does not exist`},
		"wording for no role":      {[]edit{{`{"boss": {"en": "Which share?"`, `{"chief": {"en": "Which share?"`}}, `error sections[2].items[1].texts: role "chief" does not exist`},
		"no role item":             {[]edit{{`"role_item": "role"`, `"role_item": "helps"`}}, `error role_item: item "helps" must exist and be a single_choice`},
		"an optional role item":    {[]edit{{`"kind": "single_choice", "required": true`, `"kind": "single_choice"`}}, `error role_item: item "role" must be required`},
		"a condition on no item":   {[]edit{{`{"item": "helps", "at_most": 2}`, `{"item": "helped", "at_most": 2}`}}, `error sections[3].show_if.item: item "helped" does not exist`},
		"a condition on a later":   {[]edit{{`"reverse": true`, `"show_if": {"item": "why", "answered": true}`}}, `error sections[1].items[1].show_if.item: item "why" comes later`},
		"a condition on itself":    {[]edit{{`"reverse": true`, `"show_if": {"item": "hinders", "answered": true}`}}, `error sections[1].items[1].show_if.item: item "hinders" comes later`},
		"a condition on the page":  {[]edit{{`"reverse": true`, `"show_if": {"item": "helps", "answered": true}`}}, `warning sections[1].items[1].show_if.item: item "helps" is on the same page`},
		"a point off the scale":    {[]edit{{`"at_most": 2`, `"at_least": 6`}}, `error sections[3].show_if: no answer of item "helps" (from 1 to 5) can fulfil the condition`},
		"an unknown answer":        {[]edit{{`"at_most": 2`, `"in": ["9"]`}}, `error sections[3].show_if.in[0]: item "helps" has no answer "9"`},
		"no answer":                {[]edit{{`"at_most": 2`, `"in": []`}}, `error sections[3].show_if.in: the list of answers is empty or has more`},
		"two comparisons":          {[]edit{{`"at_most": 2`, `"at_most": 2, "in": ["1"]`}}, `error sections[3].show_if: a comparison has exactly one of`},
		"two forms":                {[]edit{{`"at_most": 2`, `"at_most": 2, "all": []`}}, `error sections[3].show_if: a condition has exactly one of`},
		"an empty list":            {[]edit{{`{"item": "helps", "at_most": 2}`, `{"any": []}`}}, `error sections[3].show_if.any: the list of conditions is empty`},
		"a comparison of nothing":  {[]edit{{`{"item": "helps", "at_most": 2}`, `{"not": {"item": "helps", "at_most": 2}, "in": ["1"]}`}}, `error sections[3].show_if: a comparison needs the item it compares`},
		"a size of a choice":       {[]edit{{`{"item": "helps", "at_most": 2}`, `{"item": "role", "at_most": 2}`}}, `error sections[3].show_if: the answers of item "role" have no size`},
		"a contradiction":          {[]edit{{`{"item": "helps", "at_most": 2}`, `{"all": [{"item": "helps", "at_most": 2}, {"item": "helps", "at_least": 3}]}`}}, `error sections[3]: section "more" is unreachable`},
		"for a role not asked":     {[]edit{{`{"item": "helps", "at_most": 2}`, `{"all": [{"item": "role", "in": ["seller"]}, {"item": "share", "at_least": 1}]}`}}, `error sections[3]: section "more" is unreachable`},
		"a required item nowhere":  {[]edit{{`"kind": "number", "required": true, "min": 0`, `"kind": "number", "required": true, "show_if": {"item": "role", "in": ["seller"]}, "min": 0`}}, `error sections[2].items[1]: required item "share" is unreachable: it would be demanded but never shown`},
		"a scale with one point":   {[]edit{{`{"value": 1, "label": {"en": "no", "de": "nein"}}, {"value": 2, "label": {"en": "rather no", "de": "eher nein"}},`, ``}, {`{"value": 3, "label": {"en": "so so", "de": "teils"}}, {"value": 4, "label": {"en": "rather yes", "de": "eher ja"}},`, ``}}, `error scales[0].points: scale "s5" needs at least 2 points; it has 1`},
		"points out of order":      {[]edit{{`"value": 2`, `"value": 3`}}, `error scales[0].points[1].value: the points must be numbered 1, 2, 3`},
		"everybody agrees":         {[]edit{{`"top_box": 2`, `"top_box": 5`}}, `error scales[0].top_box: 5 of 5 points can not count as agreement; give 1 to 4`},
		"an unknown scale":         {[]edit{{`"scale": "s5", "required"`, `"scale": "s7", "required"`}}, `error sections[1].items[0].scale: scale "s7" does not exist`},
		"an unknown area":          {[]edit{{`"area": "a1", "scale": "s5", "required"`, `"area": "a2", "scale": "s5", "required"`}}, `error sections[1].items[0].area: area "a2" does not exist`},
		"an area of nothing":       {[]edit{{`"areas": [`, `"areas": [{"key": "a0", "title": {"en": "x", "de": "x"}}, `}}, `warning areas[0]: no item belongs to area "a0"`},
		"an option listed twice":   {[]edit{{`{"code": "boss"`, `{"code": "seller"`}}, `error sections[0].items[0].options[1].code: option "seller" is listed twice`},
		"a state as an option":     {[]edit{{`{"code": "boss"`, `{"code": "dk"`}}, `error sections[0].items[0].options[1].code: option code "dk" stands for a missing answer`},
		"a state nobody chooses":   {[]edit{{`"not_applicable"]`, `"skipped"]`}}, `error sections[1].items[0].missing[1]: skipped can not be chosen`},
		"one part":                 {[]edit{{`{"key": "t_coach", "label": {"en": "Coaching", "de": "Coaching"}, "texts": {"*": {"en": "Coaching", "de": "Coaching"}}},`, ``}}, `error sections[2].items[2].parts: allocation "time" needs at least 2 parts; it has 1`},
		"no sum":                   {[]edit{{`"sum": 100, `, ``}}, `error sections[2].items[2].sum: the parts of "time" must add up to a number above 0`},
		"min above max":            {[]edit{{`"min": 0, "max": 100`, `"min": 101, "max": 100`}}, `error sections[2].items[1].min: min is above max`},
		"min below hard_min":       {[]edit{{`"hard_min": 0`, `"hard_min": 1`}}, `error sections[2].items[0].min: min lies outside hard_min and hard_max`},
		"a direction":              {[]edit{{`"max": 600`, `"max": 600, "direction": "up"`}}, `error sections[2].items[0].direction: direction "up" must be higher or lower`},
		"a scale of a number":      {[]edit{{`"max": 600`, `"max": 600, "scale": "s5"`}}, `error sections[2].items[0].scale: scale has no meaning for kind "number"`},
		"a reversed key practice":  {[]edit{{`"reverse": true`, `"reverse": true, "key_practice": true`}}, `warning sections[1].items[1].reverse: key practice "hinders" is worded in reverse`},
		"no sections":              {[]edit{{smallInstrument[strings.Index(smallInstrument, `"sections": [`):], `"sections": []}`}}, `error sections: there is no section`},
	} {
		document := smallInstrument
		for _, e := range c.edits {
			if !strings.Contains(document, e.old) {
				t.Fatalf("%s: %q is not in the document", name, e.old)
			}
			document = strings.Replace(document, e.old, e.new, 1)
		}
		in, err := ReadInstrument([]byte(document))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !hasFinding(Lint(in, nil), c.want) {
			t.Errorf("%s: no finding %q in\n%s", name, c.want, listFindings(Lint(in, nil)))
		}
		if _, err := ParseInstrument([]byte(document)); (err != nil) != strings.HasPrefix(c.want, "error") {
			t.Errorf("%s: ParseInstrument says %v", name, err)
		}
	}
}

func hasFinding(findings []Finding, want string) bool {
	for _, f := range findings {
		if strings.HasPrefix(fmt.Sprintf("%s %s: %s", f.Severity, f.Path, f.Message), want) {
			return true
		}
	}
	return false
}

func listFindings(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Severity, f.Path, f.Message)
	}
	return b.String()
}

func TestLintOfAHugeDocumentEndsAtOnce(t *testing.T) {
	huge := func(field string, n int, element string) string {
		return `{"` + field + `": [` + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + `]}`
	}
	for name, c := range map[string]struct{ document, want string }{
		"languages": {huge("languages", 20000, `"en"`), "error languages: 20000 are too many; at most 50"},
		"roles":     {huge("roles", 20000, `{"key": "x"}`), "error roles: 20000 are too many; at most 50"},
		"areas":     {huge("areas", 20000, `{"key": "x"}`), "error areas: 20000 are too many; at most 500"},
		"sections":  {huge("sections", 20000, `{"key": "x"}`), "error sections: 20000 are too many; at most 500"},
		"items":     {`{"sections": [` + huge("items", 20000, `{"key": "x"}`) + `]}`, "error sections: 20000 are too many; at most 1000"},
		"states":    {`{"sections": [{"items": [` + huge("missing", 20000, `"dont_know"`) + `]}]}`, "error sections[0].items[0].missing[1]: dont_know is offered twice"},
		"terms":     {`{"sections": [{"show_if": ` + huge("all", 20000, `{"item": "x", "answered": true}`) + `}]}`, "error sections[0].show_if.all: 20000 conditions are too many"},
	} {
		in, err := ReadInstrument([]byte(c.document))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if findings := Lint(in, nil); !hasFinding(findings, c.want) {
			t.Errorf("%s: no finding %q among %d", name, c.want, len(findings))
		}
	}
	if _, err := ReadInstrument([]byte(huge("languages", maxDocumentValues, `"en"`))); err == nil || !strings.Contains(err.Error(), "the document has more than 500000 values") {
		t.Errorf("more values than any questionnaire: %v", err)
	}
}

func TestLintIsSilentAboutGoodInstruments(t *testing.T) {
	for _, in := range []*Instrument{small(t), Builtin()} {
		if findings := Lint(in, nil); len(findings) > 0 {
			t.Errorf("%s:\n%s", in.Key, listFindings(findings))
		}
	}
}

func TestLintNamesCriteriaItemsThatAreMissing(t *testing.T) {
	findings := Lint(small(t), []string{"helps", "coaching_time", "minutes"})
	if len(findings) != 2 || !hasFinding(findings, `error criteria: the criteria count on item "coaching_time", which does not exist`) ||
		!hasFinding(findings, `error criteria: the criteria count on item "minutes", which is no agreement item`) {
		t.Error(listFindings(findings))
	}
}

func TestFindingsNameTheLine(t *testing.T) {
	in, err := ReadInstrument([]byte(strings.Replace(smallInstrument, `"scale": "s5", "reverse"`, `"scale": "s9", "reverse"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	findings := Lint(in, nil)
	want := 1 + strings.Count(smallInstrument[:strings.Index(smallInstrument, `"key": "hinders"`)], "\n")
	if len(findings) != 1 || findings[0].Line != want {
		t.Errorf("%+v, want line %d", findings, want)
	}
}

func TestAnInstrumentWithoutRolesIsForEverybody(t *testing.T) {
	document := `{"key": "plain", "version": 1, "title": {"en": "P"}, "languages": ["en"],
	 "scales": [{"key": "s", "top_box": 1, "points": [{"value": 1, "label": {"en": "no"}}, {"value": 2, "label": {"en": "yes"}}]}],
	 "sections": [{"key": "a", "title": {"en": "A"}, "items": [
	  {"key": "x", "kind": "likert", "scale": "s", "required": true, "label": {"en": "X"}, "texts": {"*": {"en": "X?"}}}]}]}`
	in, err := ParseInstrument([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if findings := Lint(in, nil); len(findings) > 0 {
		t.Error(listFindings(findings))
	}
	if path := in.Path("", nil); len(path) != 1 || len(path[0].Items) != 1 {
		t.Errorf("path %+v", path)
	}
	if items, minutes := Effort(in, ""); items != 1 || minutes <= 0 {
		t.Errorf("%d items, %v minutes", items, minutes)
	}
	if problems := in.CheckAll("", in.NewAnswers()); len(problems) != 1 || problems[0].Field != "x" {
		t.Errorf("problems %+v", problems)
	}
}

func TestASectionWithoutAnyWordingIsNotCalledUnreachable(t *testing.T) {
	in, err := ReadInstrument([]byte(`{"key": "q", "version": 1, "title": {"en": "Q"}, "languages": ["en"], "scales": [{"key": "yes", "top_box": 1, "points": [{"value": 1, "label": {"en": "No"}}, {"value": 2, "label": {"en": "Yes"}}]}],
		"sections": [{"key": "one", "title": {"en": "One"}, "items": [{"key": "a", "kind": "likert", "scale": "yes", "label": {"en": "A"}}, {"key": "b", "kind": "likert", "scale": "yes", "label": {"en": "B"}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	findings := Lint(in, nil)
	if len(findings) != 2 || !hasFinding(findings, `error sections[0].items[0].texts: item "a" has no wording`) || !hasFinding(findings, `error sections[0].items[1].texts: item "b" has no wording`) {
		t.Errorf("%s", listFindings(findings))
	}
}
