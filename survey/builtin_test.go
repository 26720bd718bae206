package survey

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write generated files anew")

func TestBuiltinDocumentsMatchTheirSources(t *testing.T) {
	first := builtinFromItems(t)
	second := translated(t, builtinFromItems(t))
	for version, in := range map[int]*Instrument{1: first, 2: second} {
		file, want := fmt.Sprintf("builtin/builtin-%d.json", version), documentOf(t, in)
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what builtin/items.csv and builtin/texts.csv say; run go generate ./survey", file)
		}
	}
}

func documentOf(t *testing.T, in *Instrument) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(in); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// translations are the columns of builtin/texts.csv by their English texts.
func translations(t *testing.T) (languages []string, texts map[string]Text) {
	t.Helper()
	data, err := os.ReadFile("builtin/texts.csv")
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	texts = make(map[string]Text)
	for _, record := range records[1:] {
		if texts[record[0]] != nil {
			t.Errorf("%q is translated twice", record[0])
		}
		text := Text{}
		for i, tag := range records[0] {
			text[tag] = record[i]
		}
		texts[record[0]] = text
	}
	return records[0], texts
}

// translated is version 2: the same with all texts in all languages.
func translated(t *testing.T, in *Instrument) *Instrument {
	t.Helper()
	languages, texts := translations(t)
	used := map[string]bool{}
	in.Version, in.Languages = 2, languages
	eachText(in, func(text *Text) {
		english := (*text)["en"]
		if texts[english] == nil {
			t.Errorf("%q is not translated", english)
			return
		}
		used[english] = true
		*text = texts[english]
	})
	for english := range texts {
		if !used[english] {
			t.Errorf("nobody says %q", english)
		}
	}
	return in
}

// eachText visits all texts of an instrument.
func eachText(in *Instrument, visit func(*Text)) {
	inMap := func(texts map[string]Text) {
		for role, text := range texts {
			visit(&text)
			texts[role] = text
		}
	}
	visit(&in.Title)
	for i := range in.Roles {
		visit(&in.Roles[i].Label)
	}
	for i := range in.Areas {
		visit(&in.Areas[i].Title)
	}
	for i := range in.Scales {
		for j := range in.Scales[i].Points {
			visit(&in.Scales[i].Points[j].Label)
		}
	}
	for i := range in.Sections {
		visit(&in.Sections[i].Title)
		visit(&in.Sections[i].Intro)
		for j := range in.Sections[i].Items {
			item := &in.Sections[i].Items[j]
			visit(&item.Label)
			inMap(item.Texts)
			for k := range item.Options {
				visit(&item.Options[k].Label)
			}
			for k := range item.Parts {
				visit(&item.Parts[k].Label)
				inMap(item.Parts[k].Texts)
			}
		}
	}
}

// alike are texts that two languages share.
var alike = []string{"Region", "Europa", "Information und Kommunikation", "No", "Information et communication", "Construction", "Europe"}

func TestEveryTextIsThereInEveryLanguage(t *testing.T) {
	in, err := ParseInstrument(BuiltinDocument())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(in.Languages, []string{"en", "de", "es", "fr", "ar"}) {
		t.Errorf("languages %v", in.Languages)
	}
	digits := regexp.MustCompile(`\d`)
	eachText(in, func(text *Text) {
		english := (*text)["en"]
		for _, tag := range in.Languages[1:] {
			said := strings.TrimSpace((*text)[tag])
			length, measure := utf8.RuneCountInString(said), utf8.RuneCountInString(english)
			switch {
			case said == "":
				t.Errorf("%s: %q is missing", tag, english)
			case said == english && !slices.Contains(alike, said) && digits.ReplaceAllString(said, "") != " - ":
				t.Errorf("%s: %q is as in English", tag, english)
			case length > 2*measure+25 || measure > 2*length+12:
				t.Errorf("%s: %q has %d characters, English %d", tag, said, length, measure)
			case strings.Contains(english, "?") != strings.ContainsAny(said, "?؟"):
				t.Errorf("%s: %q is no question", tag, said)
			}
			if tag == "ar" && !regexp.MustCompile(`\p{Arabic}|^[\d,]+$`).MatchString(said) {
				t.Errorf("ar: %q is not Arabic", said)
			}
		}
	})
}

func TestRolesThatHaveTheirOwnTextInEnglishHaveItInEveryLanguage(t *testing.T) {
	for _, f := range Builtin().Fields() {
		seen := map[string]string{}
		for role, text := range f.Item.Texts {
			for tag, said := range text {
				if other, twice := seen[tag+said]; twice && text["en"] != f.Item.Texts[other]["en"] {
					t.Errorf("%s in %s says the same as %s and as %s: %q", f.Key, tag, role, other, said)
				}
				seen[tag+said] = role
			}
		}
	}
}

func TestTheVersionsOfTheBuiltinInstrumentCanBeCompared(t *testing.T) {
	document, err := BuiltinVersion(1)
	if err != nil {
		t.Fatal(err)
	}
	first, err := ParseInstrument(document)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ParseInstrument(BuiltinDocument())
	if err != nil {
		t.Fatal(err)
	}
	if changes := Diff(first, second); len(changes) == 0 || BreaksComparison(changes) {
		t.Errorf("the difference is said to break comparisons: %+v", changes)
	}
	if second, err = ParseInstrument(BuiltinDocument()); err != nil {
		t.Fatal(err)
	}
	eachText(second, func(text *Text) { *text = en((*text)["en"]) })
	second.Version, second.Languages = first.Version, first.Languages
	if !bytes.Equal(documentOf(t, first), documentOf(t, second)) {
		t.Error("version 2 differs from version 1 in more than its languages")
	}
	for _, version := range []int{0, 3, -1} {
		if _, err := BuiltinVersion(version); KindOf(err) != NotFound {
			t.Errorf("version %d: %v", version, err)
		}
	}
}

func TestItemsAreThoseOfTheStudy(t *testing.T) {
	shared, err := os.ReadFile("../../shared/instrument/items.csv")
	if err != nil {
		return // the study's folder is not part of the project
	}
	own, err := os.ReadFile("builtin/items.csv")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(own, shared) {
		t.Error("builtin/items.csv differs from the study's items.csv")
	}
}

// page is one section of the built-in questionnaire: which items of items.csv
// stand on it, in the order of the file, those of first before the others.
type page struct {
	key, title, intro string
	first             string
	takes             func(row map[string]string) bool
}

func blocks(names ...string) func(map[string]string) bool {
	return func(row map[string]string) bool { return row["key"] != "role" && slices.Contains(names, row["block"]) }
}

func area(name string) func(map[string]string) bool {
	return func(row map[string]string) bool { return row["area"] == name }
}

const statementsIntro = "How far do you agree with each statement?"

// What is required comes first: the role, then a few easy facts about the deals,
// then the statements. The figures and the facts about the person are optional.
var builtinPages = []page{
	{"role", "Your role", "The wording of the questions follows your role.", "", func(row map[string]string) bool { return row["key"] == "role" }},
	{"deals", "Your deals", "Think of a typical deal. Good estimates are enough.", "complex_sale", blocks("deal")},
	{"creating_opportunities", "Creating opportunities", statementsIntro, "", area("creating_opportunities")},
	{"managing_opportunities", "Managing opportunities", statementsIntro, "", area("managing_opportunities")},
	{"managing_relationships", "Managing relationships", statementsIntro, "", area("managing_relationships")},
	{"people_organization", "People and organization", statementsIntro, "", area("people_organization")},
	{"operations_enablement", "Operations and enablement", statementsIntro, "", area("operations_enablement")},
	{"management_execution", "Management execution", statementsIntro, "", area("management_execution")},
	{"coaching", "Coaching and time", "Good estimates are enough; leave out what you can not say.", "", blocks("coaching", "time")},
	{"results", "Results", "Good estimates are enough; “Don't know” is an answer too.", "", blocks("kpi")},
	{"about", "About you, and in your own words", "All questions on this page are optional.", "", blocks("about", "open")},
}

func builtinFromItems(t *testing.T) *Instrument {
	t.Helper()
	rows := itemRows(t)
	in := &Instrument{
		Key: "builtin", Version: 1, Languages: []string{"en"}, RoleItem: "role",
		Title: en("Sales best practices"),
		Roles: []Role{
			{Key: "salesperson", Label: en("Salesperson")},
			{Key: "manager", Label: en("Sales manager")},
			{Key: "executive", Label: en("Executive")},
			{Key: "other", Label: en("Other role"), TextsFrom: "executive"},
		},
		Scales: []Scale{{Key: "agree7", TopBox: 2, Points: pointsOf(rows)}},
	}
	parts := partsOf(rows)
	taken := 0
	for _, p := range builtinPages {
		section := Section{Key: p.key, Title: en(p.title), Intro: en(p.intro)}
		for _, row := range rows {
			if row["kind"] != "allocation_part" && p.takes(row) {
				section.Items = append(section.Items, itemOf(t, row, parts))
			}
		}
		slices.SortStableFunc(section.Items, func(a, b Item) int { return first(b.Key, p.first) - first(a.Key, p.first) })
		taken += len(section.Items)
		if section.Items[0].Area != "" {
			in.Areas = append(in.Areas, Area{Key: p.key, Title: en(p.title)})
		}
		in.Sections = append(in.Sections, section)
	}
	if taken+len(parts) != len(rows) {
		t.Fatalf("%d items and %d parts on the pages, %d rows in items.csv", taken, len(parts), len(rows))
	}
	return in
}

func first(key, wanted string) int {
	if key == wanted {
		return 1
	}
	return 0
}

func itemRows(t *testing.T) []map[string]string {
	t.Helper()
	data, err := os.ReadFile("builtin/items.csv")
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func en(s string) Text { return Text{"en": s} }

// optionsOf splits "code=Text|code=Text" and takes the missing answers out.
func optionsOf(row map[string]string) (options []Option, missing []State) {
	for _, part := range strings.Split(row["options"], "|") {
		code, label, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		if state, is := stateCodes[code]; is {
			missing = append(missing, state)
			continue
		}
		options = append(options, Option{Code: code, Label: en(label)})
	}
	return options, missing
}

func pointsOf(rows []map[string]string) []Point {
	for _, row := range rows {
		if row["kind"] != "likert" {
			continue
		}
		options, _ := optionsOf(row)
		points := make([]Point, len(options))
		for i, o := range options {
			points[i] = Point{Value: i + 1, Label: o.Label}
		}
		return points
	}
	return nil
}

func partsOf(rows []map[string]string) []Part {
	var parts []Part
	for _, row := range rows {
		if row["kind"] == "allocation_part" {
			parts = append(parts, Part{Key: row["key"], Label: en(row["label"]), Texts: map[string]Text{"*": en(row["text_manager"])}})
		}
	}
	return parts
}

// The limits no estimate passes, which items.csv does not state: counts and
// durations are not negative, a fall is at most 100 %, a week has 10,080 minutes.
var hardLimits = map[string][2]*float64{
	"coaching_minutes":       {number(0), number(10080)},
	"quota_attainment":       {number(0), nil},
	"forecast_error":         {number(0), nil},
	"qualified_growth":       {number(-100), nil},
	"new_account_growth":     {number(-100), nil},
	"account_billing_growth": {number(-100), nil},
	"decision_makers":        {number(0), nil},
	"cycle_months":           {number(0), nil},
}

func number(v float64) *float64 { return &v }

func itemOf(t *testing.T, row map[string]string, parts []Part) Item {
	t.Helper()
	options, missing := optionsOf(row)
	item := Item{
		Key: row["key"], Kind: Kind(row["kind"]), Block: row["block"], Area: row["area"],
		KeyPractice: row["key_practice"] == "true", Reverse: row["reverse"] == "true", Required: row["required"] == "true",
		Label: en(row["label"]), Texts: textsOf(row), Missing: missing,
		Unit: row["unit"], Period: row["period"], Direction: row["direction"],
	}
	switch item.Kind {
	case Likert:
		item.Scale = row["scale"]
	case SingleChoice:
		item.Options = options
	case Allocation:
		item.Parts, item.Sum = parts, *limit(t, row["min"])
	case Number:
		item.Min, item.Max = limit(t, row["min"]), limit(t, row["max"])
		item.HardMin, item.HardMax = hardLimits[item.Key][0], hardLimits[item.Key][1]
		item.AskAgain = item.HardMin != nil // win_rate and sellers_at_quota are shares: never above 100
	case LongText:
		item.Unit, item.Max = "", limit(t, row["max"])
	}
	return item
}

func textsOf(row map[string]string) map[string]Text {
	seller, manager, executive := row["text_salesperson"], row["text_manager"], row["text_executive"]
	if seller == manager && seller == executive {
		return map[string]Text{"*": en(seller)}
	}
	texts := map[string]Text{}
	for role, text := range map[string]string{"salesperson": seller, "manager": manager, "executive": executive} {
		if text != "" {
			texts[role] = en(text)
		}
	}
	return texts
}

func limit(t *testing.T, s string) *float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return &v
}

// A published version never changes: another wording is another version.
func TestPublishedVersionsOfTheBuiltinKeepTheirHash(t *testing.T) {
	for version, want := range map[int]string{
		1: "sha256:3d78217734e5525201a1f06e9503f8c232106b6bfe6ccc1fdcd8e9b0780772dc",
		2: "sha256:02c7c7ca05c2497731ab3594ae2b2fafdd0c5d84b8a84e7a99c1ba1f7f86546f",
	} {
		document, err := BuiltinVersion(version)
		if err != nil {
			t.Fatal(err)
		}
		in, err := ParseInstrument(document)
		if err != nil {
			t.Fatal(err)
		}
		if in.Version != version || in.Hash() != want {
			t.Errorf("version %d has hash %s, want %s", in.Version, in.Hash(), want)
		}
	}
}

func TestBuiltinIsTheStudysInstrument(t *testing.T) {
	in := Builtin()
	for _, f := range Lint(in, nil) {
		t.Errorf("finding: %+v", f)
	}
	practices, key, reverse := 0, 0, 0
	perArea := map[string]int{}
	for _, f := range in.Fields() {
		if f.Kind != Likert {
			continue
		}
		practices++
		perArea[f.Item.Area]++
		if f.Item.KeyPractice {
			key++
		}
		if f.Item.Reverse {
			reverse++
		}
		if f.Points != 7 || !f.Item.Required || len(f.Item.Missing) != 2 {
			t.Errorf("%s: %d points, required %v, missing %v", f.Key, f.Points, f.Item.Required, f.Item.Missing)
		}
	}
	if practices != 42 || key != 12 || reverse != 4 || len(perArea) != 6 {
		t.Errorf("%d practices, %d key, %d reverse, %d areas; want 42, 12, 4, 6", practices, key, reverse, len(perArea))
	}
	for name, n := range perArea {
		if n != 7 {
			t.Errorf("area %s has %d practices, want 7", name, n)
		}
	}
}

func TestBuiltinEffortIsWhatTheStudyEstimates(t *testing.T) {
	for role, want := range map[string]float64{"salesperson": 11, "manager": 13, "executive": 14} {
		items, minutes := Effort(Builtin(), role)
		t.Logf("%s: %d items, %.1f minutes", role, items, minutes)
		if minutes < want-1 || minutes > want+1 {
			t.Errorf("%s: %.1f minutes, the study says about %.0f", role, minutes, want)
		}
	}
}
