package survey

import (
	"fmt"
	"slices"
	"strconv"
)

// place is where a condition stands; item is -1 for a section's own.
type place struct{ section, item int }

func (l *linter) item(s, i int) {
	item := &l.in.Sections[s].Items[i]
	path := at(at("sections", s)+".items", i)
	l.key(path+".key", item.Key)
	l.measure(path+".key", item.Key)
	l.text(path+".label", item.Label)
	l.wordings(path+".texts", item)
	switch item.Kind {
	case Likert:
		l.likert(path, item)
	case SingleChoice:
		l.choice(path, item)
	case Allocation:
		l.allocation(path, item)
	case Number, LongText:
	default:
		l.error(path+".kind", "unknown kind %q; known are likert, single_choice, number, allocation, text_long", item.Kind)
	}
	l.foreignFields(path, item)
	l.bounds(path, item)
	for m, state := range item.Missing {
		if state.FormCode() == "" {
			l.error(at(path+".missing", m), "%s can not be chosen; offer dont_know, not_applicable or refused", state)
		} else if slices.Contains(item.Missing[:m], state) {
			l.error(at(path+".missing", m), "%s is offered twice", state)
			break
		}
	}
	if item.Area != "" && !slices.ContainsFunc(l.in.Areas, func(a Area) bool { return a.Key == item.Area }) {
		l.error(path+".area", "area %q does not exist", item.Area)
	}
	if item.ShowIf != nil {
		l.condition(path+".show_if", item.ShowIf, place{section: s, item: i})
	}
}

func (l *linter) wordings(path string, item *Item) {
	if len(item.Texts) == 0 {
		l.error(path, "item %q has no wording for any role: it would never be asked", item.Key)
	}
	for key, text := range item.Texts {
		role, known := l.in.RoleByKey(key)
		switch {
		case key != "*" && !known:
			l.error(path, "role %q does not exist", key)
		case role.TextsFrom != "":
			l.warn(path, "the wording for role %q is never read: the role takes its texts from %q", key, role.TextsFrom)
		}
		l.text(joinPath(path, key), text)
	}
}

func (l *linter) likert(path string, item *Item) {
	if l.x.scales[item.Scale] == nil {
		l.error(path+".scale", "scale %q does not exist", item.Scale)
	}
	if item.KeyPractice && item.Reverse {
		l.warn(path+".reverse", "key practice %q is worded in reverse: its agreement can not be read directly", item.Key)
	}
}

func (l *linter) choice(path string, item *Item) {
	if len(item.Options) < 2 || len(item.Options) > maxOptions {
		l.error(path+".options", "item %q has %d options; give 2 to %d", item.Key, len(item.Options), maxOptions)
	}
	seen := map[string]bool{}
	for o, option := range item.Options {
		where := at(path+".options", o)
		l.key(where+".code", option.Code)
		l.text(where+".label", option.Label)
		if seen[option.Code] {
			l.error(where+".code", "option %q is listed twice", option.Code)
		}
		seen[option.Code] = true
		if state, clash := stateCodes[option.Code]; clash {
			l.error(where+".code", "option code %q stands for a missing answer; list %s under missing instead", option.Code, state)
		}
	}
}

func (l *linter) allocation(path string, item *Item) {
	if len(item.Parts) < 2 {
		l.error(path+".parts", "allocation %q needs at least 2 parts; it has %d", item.Key, len(item.Parts))
	}
	if !(item.Sum > 0 && item.Sum <= maxNumber) {
		l.error(path+".sum", "the parts of %q must add up to a number above 0", item.Key)
	}
	for p, part := range item.Parts {
		where := at(path+".parts", p)
		l.key(where+".key", part.Key)
		l.measure(where+".key", part.Key)
		l.text(where+".label", part.Label)
		for key, text := range part.Texts {
			if _, known := l.in.RoleByKey(key); key != "*" && !known {
				l.error(where+".texts", "role %q does not exist", key)
			}
			l.text(joinPath(where+".texts", key), text)
		}
	}
}

// foreignFields finds fields that mean nothing for the kind.
func (l *linter) foreignFields(path string, item *Item) {
	for _, f := range []struct {
		name string
		set  bool
		fits []Kind
	}{
		{"scale", item.Scale != "", []Kind{Likert}},
		{"reverse", item.Reverse, []Kind{Likert}},
		{"key_practice", item.KeyPractice, []Kind{Likert}},
		{"options", item.Options != nil, []Kind{SingleChoice}},
		{"parts", item.Parts != nil, []Kind{Allocation}},
		{"sum", item.Sum != 0, []Kind{Allocation}},
		{"ask_again", item.AskAgain, []Kind{Number}},
		{"hard_min", item.HardMin != nil, []Kind{Number}},
		{"hard_max", item.HardMax != nil, []Kind{Number}},
		{"min", item.Min != nil, []Kind{Number, Likert, LongText}},
		{"max", item.Max != nil, []Kind{Number, Likert, LongText}},
		{"direction", item.Direction != "", []Kind{Number, Likert, Allocation}},
	} {
		if f.set && !slices.Contains(f.fits, item.Kind) {
			l.error(path+"."+f.name, "%s has no meaning for kind %q", f.name, item.Kind)
		}
	}
}

func (l *linter) bounds(path string, item *Item) {
	if item.Direction != "" && item.Direction != "higher" && item.Direction != "lower" {
		l.error(path+".direction", "direction %q must be higher or lower", item.Direction)
	}
	if above(item.Min, item.Max) {
		l.error(path+".min", "min is above max: no answer would fit")
	}
	if above(item.HardMin, item.Min) || above(item.Min, item.HardMax) {
		l.error(path+".min", "min lies outside hard_min and hard_max")
	}
	if above(item.Max, item.HardMax) || above(item.HardMin, item.HardMax) {
		l.error(path+".max", "max lies outside hard_min and hard_max")
	}
	if item.AskAgain && item.Min == nil && item.Max == nil {
		l.warn(path+".ask_again", "nothing is ever asked again without min or max")
	}
}

func above(a, b *float64) bool { return a != nil && b != nil && *a > *b }

// condition checks the form of a condition and what it refers to.
func (l *linter) condition(path string, c *Condition, where place) {
	forms := 0
	for _, set := range []bool{c.Item != "", c.All != nil, c.Any != nil, c.Not != nil} {
		if set {
			forms++
		}
	}
	if forms != 1 {
		l.error(path, "a condition has exactly one of item, all, any, not")
		return
	}
	if c.Item == "" && (c.In != nil || c.AtLeast != nil || c.AtMost != nil || c.Answered != nil) {
		l.error(path, "a comparison needs the item it compares")
	}
	for name, list := range map[string][]Condition{"all": c.All, "any": c.Any} {
		switch {
		case list != nil && len(list) == 0:
			l.error(path+"."+name, "the list of conditions is empty")
		case len(list) > maxTerms:
			l.error(path+"."+name, "%d conditions are too many; at most %d are possible", len(list), maxTerms)
			continue
		}
		for i := range list {
			l.condition(at(path+"."+name, i), &list[i], where)
		}
	}
	if c.Not != nil {
		l.condition(path+".not", c.Not, where)
	}
	if c.Item != "" {
		l.comparison(path, c, where)
	}
}

func (l *linter) comparison(path string, c *Condition, where place) {
	i, ok := l.x.byKey[c.Item]
	if !ok {
		l.error(path+".item", "item %q does not exist", c.Item)
		return
	}
	f := l.x.fields[i]
	if !l.earlier(f, where) {
		l.error(path+".item", "item %q comes later: its answer is not known yet", c.Item)
	} else if f.Section == where.section && where.item >= 0 {
		l.warn(path+".item", "item %q is on the same page: without JavaScript the question appears only after the page was sent", c.Item)
	}
	kinds := 0
	for _, set := range []bool{c.In != nil, c.AtLeast != nil || c.AtMost != nil, c.Answered != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		l.error(path, "a comparison has exactly one of in, at_least and at_most, answered")
		return
	}
	l.membership(path+".in", c, f)
	l.threshold(path, c, f)
}

func (l *linter) earlier(f Field, where place) bool {
	if f.Section != where.section || where.item < 0 {
		return f.Section < where.section
	}
	return f.Item != &l.in.Sections[where.section].Items[where.item] &&
		f.Index < l.x.ranges[&l.in.Sections[where.section].Items[where.item]].first
}

func (l *linter) membership(path string, c *Condition, f Field) {
	if c.In == nil {
		return
	}
	if len(c.In) == 0 || len(c.In) > maxOptions {
		l.error(path, "the list of answers is empty or has more than %d: the condition could never hold", maxOptions)
		return
	}
	if !f.Closed() {
		l.error(path, "item %q has no listed answers; compare it with at_least or at_most", c.Item)
		return
	}
	for i, code := range c.In {
		if !possibleCode(f, code) {
			l.error(at(path, i), "item %q has no answer %q: the condition could never hold", c.Item, code)
		}
	}
}

func possibleCode(f Field, code string) bool {
	if state, ok := stateCodes[code]; ok {
		return slices.Contains(f.Item.Missing, state)
	}
	if f.Kind == Likert {
		v, err := strconv.Atoi(code)
		return err == nil && v >= 1 && v <= f.Points
	}
	return slices.ContainsFunc(f.Item.Options, func(o Option) bool { return o.Code == code })
}

func (l *linter) threshold(path string, c *Condition, f Field) {
	if c.AtLeast == nil && c.AtMost == nil {
		return
	}
	low, high := f.Item.HardMin, f.Item.HardMax
	switch {
	case f.Kind == LongText || f.Kind == SingleChoice:
		l.error(path, "the answers of item %q have no size; use in or answered", c.Item)
		return
	case f.Kind == Likert:
		low, high = new(float64), new(float64)
		*low, *high = 1, float64(f.Points)
	case f.Kind == Allocation:
		low, high = new(float64), &f.Item.Sum
	case !f.Item.AskAgain:
		low, high = tighter(f.Item.Min, low, true), tighter(f.Item.Max, high, false)
	}
	if above(c.AtLeast, c.AtMost) || above(c.AtLeast, high) || above(low, c.AtMost) {
		l.error(path, "no answer of item %q (%s) can fulfil the condition", c.Item, betweenInWords(low, high))
	}
}

func betweenInWords(low, high *float64) string {
	switch {
	case low != nil && high != nil:
		return fmt.Sprintf("from %s to %s", formatNumber(*low), formatNumber(*high))
	case low != nil:
		return "of " + formatNumber(*low) + " or more"
	case high != nil:
		return "of " + formatNumber(*high) + " or less"
	default:
		return "that a person can mean"
	}
}
