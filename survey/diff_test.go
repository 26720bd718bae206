package survey

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// changed is the built-in instrument with a change.
func changed(t *testing.T, change func(*Instrument)) *Instrument {
	t.Helper()
	in := new(Instrument)
	if err := json.Unmarshal(BuiltinDocument(), in); err != nil {
		t.Fatal(err)
	}
	change(in)
	return in
}

func itemOfKind(in *Instrument, kind Kind) *Item {
	items := itemsOf(in)
	return items[slices.IndexFunc(items, func(i *Item) bool { return i.Kind == kind })]
}

func anyText(texts map[string]Text) Text {
	for _, role := range []string{"*", "manager", "salesperson"} {
		if text, ok := texts[role]; ok {
			return text
		}
	}
	return nil
}

func TestADiffSaysWhatEachChangeDoesToComparisons(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Instrument)
		effect Effect
		path   string
	}{
		"a question removed": {func(in *Instrument) { s := &in.Sections[2]; s.Items = s.Items[1:] }, Breaks, "items."},
		"a question added": {func(in *Instrument) {
			s := &in.Sections[2]
			s.Items = append(s.Items, Item{Key: "new", Kind: LongText})
		}, Keeps, "items.new"},
		"a practice added": {func(in *Instrument) {
			s := &in.Sections[2]
			s.Items = append(s.Items, Item{Key: "new", Kind: LongText, Area: "a"})
		}, Breaks, "items.new"},
		"a wording":            {func(in *Instrument) { anyText(itemOfKind(in, Likert).Texts)["en"] = "Something else" }, Breaks, ".texts."},
		"spaces in a wording":  {func(in *Instrument) { t := anyText(itemOfKind(in, Likert).Texts); t["en"] = " " + t["en"] + "\n" }, "", ""},
		"a translation":        {func(in *Instrument) { anyText(itemOfKind(in, Likert).Texts)["tlh"] = "wej" }, Keeps, ".tlh"},
		"a short label":        {func(in *Instrument) { itemOfKind(in, Likert).Label["en"] = "Short" }, Keeps, ".label.en"},
		"a scale point":        {func(in *Instrument) { p := &in.Scales[0].Points; *p = (*p)[:len(*p)-1] }, Breaks, ".scale"},
		"a label of a point":   {func(in *Instrument) { in.Scales[0].Points[0].Label["en"] = "Never ever" }, Breaks, ".scale.1.en"},
		"the cut of agreement": {func(in *Instrument) { in.Scales[0].TopBox++ }, Breaks, ".scale.top_box"},
		"options in new order": {func(in *Instrument) { slices.Reverse(itemOfKind(in, SingleChoice).Options) }, Breaks, ".options"},
		"an option recoded":    {func(in *Instrument) { itemOfKind(in, SingleChoice).Options[0].Code = "other-code" }, Breaks, ".options.other-code"},
		"an option reworded":   {func(in *Instrument) { itemOfKind(in, SingleChoice).Options[0].Label["en"] = "Other" }, Breaks, ".options."},
		"a part removed":       {func(in *Instrument) { i := itemOfKind(in, Allocation); i.Parts = i.Parts[1:] }, Breaks, ".parts."},
		"a unit":               {func(in *Instrument) { itemOfKind(in, Number).Unit = "miles" }, Breaks, ".unit"},
		"don't know":           {func(in *Instrument) { itemOfKind(in, Likert).Missing = nil }, Breaks, ".missing"},
		"a condition": {func(in *Instrument) {
			yes := true
			itemOfKind(in, Number).ShowIf = &Condition{Item: "role", Answered: &yes}
		}, Breaks, ".show_if"},
		"the order of pages":     {func(in *Instrument) { s := in.Sections; s[2], s[3] = s[3], s[2] }, Check, "order"},
		"must be answered":       {func(in *Instrument) { i := itemOfKind(in, Number); i.Required = !i.Required }, Check, ".required"},
		"turned":                 {func(in *Instrument) { i := itemOfKind(in, Likert); i.Reverse = !i.Reverse }, Breaks, ".reverse"},
		"another kind":           {func(in *Instrument) { itemOfKind(in, Likert).Kind = LongText }, Breaks, ".kind"},
		"a role removed":         {func(in *Instrument) { in.Roles = in.Roles[1:] }, Breaks, "roles."},
		"a wording of one role":  {func(in *Instrument) { itemOfKind(in, Likert).Texts["executive-of-mars"] = Text{"en": "?"} }, Breaks, ".texts.executive-of-mars"},
		"a language":             {func(in *Instrument) { in.Languages = append(in.Languages, "tlh") }, Keeps, "languages.tlh"},
		"the title":              {func(in *Instrument) { in.Title["en"] = "Other" }, Keeps, "title.en"},
		"nothing but the number": {func(in *Instrument) { in.Version++ }, "", ""},
	} {
		before := changed(t, func(*Instrument) {})
		after := changed(t, c.change)
		got := Diff(before, after)
		switch {
		case c.effect == "" && len(got) > 0, c.effect != "" && len(got) == 0:
			t.Errorf("%s: %+v", name, got)
		case c.effect != "" && !slices.ContainsFunc(got, func(g Change) bool { return g.Effect == c.effect && strings.Contains(g.Path, c.path) && g.Reason != "" }):
			t.Errorf("%s: %+v, want %s at %s", name, got, c.effect, c.path)
		case BreaksComparison(got) != (c.effect == Breaks):
			t.Errorf("%s breaks: %t, %+v", name, BreaksComparison(got), got)
		}
	}
}
