package survey

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Effect says what a change does to comparisons between waves.
type Effect string

// The effects.
const (
	Breaks Effect = "breaks" // figures before and after are not about the same
	Check  Effect = "check"  // they may differ because of it: compare with care
	Keeps  Effect = "keeps"  // they stay comparable
)

// Change is one difference between two versions of a document.
type Change struct {
	Path   string `json:"path"` // such as items.coach.scale; by keys, so that it holds in both
	What   string `json:"what"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Effect Effect `json:"effect"`
	Reason string `json:"reason"` // one sentence
}

// BreaksComparison says whether one of the changes breaks comparability.
func BreaksComparison(changes []Change) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Effect == Breaks })
}

// Diff lists what differs between two versions of an instrument, in the order of the
// newer one, what was removed last. Items, options, parts and roles are known by
// their keys: a new key is a new question.
func Diff(before, after *Instrument) []Change {
	d := &differ{before: before, after: after}
	d.document()
	d.roles()
	for s := range after.Sections {
		d.section(&after.Sections[s])
	}
	for _, old := range itemsOf(before) {
		if after.ItemByKey(old.Key) == nil {
			d.note(matter{"items." + old.Key, "the question was removed"}, d.wordsOf(before, old), "", Breaks, "the newer wave has no figure for it"+scoresOf(old))
		}
	}
	d.order()
	return d.changes
}

type differ struct {
	before, after *Instrument
	changes       []Change
}

// matter is what a change is about: its path and its name in a sentence.
type matter struct{ path, what string }

func (d *differ) note(of matter, before, after string, effect Effect, reason string) {
	d.changes = append(d.changes, Change{of.path, of.what, excerpt(before, 200), excerpt(after, 200), effect, reason})
}

// differs notes a change of a value.
func (d *differ) differs(of matter, before, after string, effect Effect, reason string) {
	if before != after {
		d.note(of, before, after, effect, reason)
	}
}

func itemsOf(in *Instrument) []*Item {
	var items []*Item
	for s := range in.Sections {
		for i := range in.Sections[s].Items {
			items = append(items, &in.Sections[s].Items[i])
		}
	}
	return items
}

func (d *differ) wordsOf(in *Instrument, item *Item) string {
	role := "*"
	if _, ok := item.Texts[role]; !ok {
		role = slices.Concat(slices.Sorted(maps.Keys(item.Texts)), []string{""})[0]
	}
	return item.Texts[role].In(firstLanguage(in))
}

func firstLanguage(in *Instrument) string {
	if len(in.Languages) == 0 {
		return "en"
	}
	return in.Languages[0]
}

// scoresOf says which scores an item is part of.
func scoresOf(item *Item) string {
	words := ""
	if item.Area != "" {
		words += ", and the score of area " + item.Area + " is made of other questions"
	}
	if item.KeyPractice {
		words += ", and so is the index of key practices"
	}
	return words
}

func (d *differ) document() {
	d.text(matter{"title", "the title"}, d.before.Title, d.after.Title, Keeps, "nobody answers it")
	for _, tag := range d.after.Languages {
		if !slices.Contains(d.before.Languages, tag) {
			d.note(matter{"languages." + tag, "a language was added"}, "", tag, Keeps, "who reads another language reads what they read before")
		}
	}
	for _, tag := range d.before.Languages {
		if !slices.Contains(d.after.Languages, tag) {
			d.note(matter{"languages." + tag, "a language was removed"}, tag, "", Check, "those people answer in another language or not at all")
		}
	}
	d.differs(matter{"role_item", "the question that selects the role"}, d.before.RoleItem, d.after.RoleItem, Breaks, "roles are told apart in another way")
}

func (d *differ) roles() {
	for _, role := range d.after.Roles {
		old, ok := d.before.RoleByKey(role.Key)
		if !ok {
			d.note(matter{"roles." + role.Key, "a role was added"}, "", role.Key, Check, "people who had another role before may choose it")
			continue
		}
		d.differs(matter{"roles." + role.Key + ".texts_from", "whose wording the role reads"}, old.TextsFrom, role.TextsFrom, Breaks, "the role is asked in another wording")
		d.text(matter{"roles." + role.Key + ".label", "the name of the role"}, old.Label, role.Label, Check, "people may see themselves in another role")
	}
	for _, old := range d.before.Roles {
		if _, ok := d.after.RoleByKey(old.Key); !ok {
			d.note(matter{"roles." + old.Key, "a role was removed"}, old.Key, "", Breaks, "people of this role have another one or none now")
		}
	}
}

func (d *differ) section(section *Section) {
	old := slices.IndexFunc(d.before.Sections, func(s Section) bool { return s.Key == section.Key })
	path := "sections." + section.Key
	if old < 0 {
		d.note(matter{path, "a page was added"}, "", section.Title.In(firstLanguage(d.after)), Keeps, "its questions are listed by themselves")
	} else {
		was := &d.before.Sections[old]
		d.differs(matter{path + ".show_if", "who sees the page"}, conditionText(was.ShowIf), conditionText(section.ShowIf), Breaks, "other people are asked its questions")
		d.text(matter{path + ".title", "the heading of the page"}, was.Title, section.Title, Check, "a heading says what the questions are about")
		d.text(matter{path + ".intro", "the introduction of the page"}, was.Intro, section.Intro, Check, "an introduction says how to understand the questions")
	}
	for i := range section.Items {
		item := &section.Items[i]
		if was := d.before.ItemByKey(item.Key); was != nil {
			d.item(was, item)
			continue
		}
		effect, reason := Keeps, "the earlier wave has no figure for it; the others stay what they are"
		if scores := scoresOf(item); scores != "" {
			effect, reason = Breaks, "the earlier wave has no figure for it"+scores
		}
		d.note(matter{"items." + item.Key, "a question was added"}, "", d.wordsOf(d.after, item), effect, reason)
	}
}

// conditionText is a condition as it can be compared and read.
func conditionText(c *Condition) string {
	if c == nil {
		return ""
	}
	var parts []string
	add := func(name string, list []Condition) {
		var all []string
		for i := range list {
			all = append(all, conditionText(&list[i]))
		}
		if len(all) > 0 {
			parts = append(parts, name+" ("+strings.Join(all, "; ")+")")
		}
	}
	if c.Item != "" {
		parts = append(parts, c.Item)
	}
	if len(c.In) > 0 {
		parts = append(parts, "in "+strings.Join(c.In, ", "))
	}
	parts = append(parts, limitText("at least", c.AtLeast)...)
	parts = append(parts, limitText("at most", c.AtMost)...)
	if c.Answered != nil {
		parts = append(parts, fmt.Sprintf("answered %t", *c.Answered))
	}
	add("all of", c.All)
	add("any of", c.Any)
	if c.Not != nil {
		parts = append(parts, "not ("+conditionText(c.Not)+")")
	}
	return strings.Join(parts, " ")
}

func limitText(name string, limit *float64) []string {
	if limit == nil {
		return nil
	}
	return []string{strings.TrimSpace(name + " " + fmt.Sprint(*limit))}
}

// text notes changes of a text, language by language. Other spaces are no change.
func (d *differ) text(of matter, before, after Text, effect Effect, reason string) {
	for _, tag := range slices.Sorted(maps.Keys(after)) {
		old, there := before[tag]
		switch {
		case !there && len(before) > 0:
			d.note(matter{of.path + "." + tag, "a translation of " + of.what + " was added"}, "", after[tag], Keeps, "who reads another language reads what they read before")
		case strings.Join(strings.Fields(old), " ") != strings.Join(strings.Fields(after[tag]), " "):
			d.note(matter{of.path + "." + tag, of.what + " changed"}, old, after[tag], effect, reason)
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(before)) {
		if _, there := after[tag]; !there {
			d.note(matter{of.path + "." + tag, "a translation of " + of.what + " was removed"}, before[tag], "", Check, "those people read it in another language now")
		}
	}
}

// order says whether the questions that both have come in another order.
func (d *differ) order() {
	keys := func(in, other *Instrument) []string {
		var keys []string
		for _, item := range itemsOf(in) {
			if other.ItemByKey(item.Key) != nil {
				keys = append(keys, item.Key)
			}
		}
		return keys
	}
	before, after := keys(d.before, d.after), keys(d.after, d.before)
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			d.note(matter{"order", "the questions come in another order"}, "from question "+before[i]+" on", "from question "+after[i]+" on", Check,
				"what was asked before a question can colour its answer")
			return
		}
	}
}

// list notes what was added to, removed from and moved in a list of keys.
func (d *differ) list(path, what string, before, after []string, reason string) {
	for _, key := range after {
		if !slices.Contains(before, key) {
			d.note(matter{path + "." + key, what + " was added"}, "", key, Breaks, reason)
		}
	}
	for _, key := range before {
		if !slices.Contains(after, key) {
			d.note(matter{path + "." + key, what + " was removed"}, key, "", Breaks, reason)
		}
	}
	common := func(list, other []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(key string) bool { return !slices.Contains(other, key) })
	}
	if old, now := common(before, after), common(after, before); !slices.Equal(old, now) {
		d.note(matter{path, "the order changed"}, strings.Join(old, ", "), strings.Join(now, ", "), Breaks, "answers are kept by their place, and people choose more often what comes first")
	}
}

// whole writes a setting as text; what is not set is empty.
func whole[T comparable](v T) string {
	var none T
	if v == none {
		return ""
	}
	return fmt.Sprint(v)
}

// limitOrNone writes a limit.
func limitOrNone(v *float64) string { return cmp.Or(strings.Join(limitText("", v), ""), "none") }
