package survey

import (
	"slices"
	"strconv"
)

// Shown is a section of somebody's path with the items shown to them.
type Shown struct {
	Section int // position in Instrument.Sections
	Items   []*Item
}

// Path returns the sections a person of the role walks through, given the
// answers so far. Until the role is known, the path ends with the section that
// asks for it. An item is on the path when it has a wording for the role and
// its condition, and that of its section, holds; conditions see an answer
// hidden by an earlier condition as not given. The caller must not change the path.
func (in *Instrument) Path(role string, answers Answers) []Shown {
	return in.walk(role, answers).path
}

// walk is one pass through the instrument.
type walk struct {
	in        *Instrument
	x         *index
	role      string
	effective Answers // answers with the hidden ones taken away; nil where no condition reads them
	visible   []bool  // per field
	path      []Shown
}

// walk goes through the instrument, or takes the way that everybody of the role
// goes where there is one.
func (in *Instrument) walk(role string, answers Answers) *walk {
	x := in.compiled()
	if x.ways == nil {
		return in.walkAll(x, role, answers)
	}
	if _, known := x.texters[role]; !known {
		role = ""
	}
	return x.ways[role]
}

func (in *Instrument) walkAll(x *index, role string, answers Answers) *walk {
	w := in.newWalk(x, role, answers)
	for s := range in.Sections {
		if w.waitsForRole(s) {
			break
		}
		w.section(s)
	}
	return w
}

// waysOf are the ways of all roles, and under "" of whoever has none yet. Where
// answers decide on the way there are none.
func (in *Instrument) waysOf(x *index) map[string]*walk {
	if in.hasConditions() {
		return nil
	}
	ways := map[string]*walk{"": in.walkAll(x, "", nil)}
	for role := range x.texters {
		ways[role] = in.walkAll(x, role, nil)
	}
	for _, w := range ways {
		w.effective = nil
	}
	return ways
}

// hasConditions says whether answers decide on what is shown.
func (in *Instrument) hasConditions() bool {
	return slices.ContainsFunc(in.Sections, func(s Section) bool {
		return s.ShowIf != nil || slices.ContainsFunc(s.Items, func(item Item) bool { return item.ShowIf != nil })
	})
}

// newWalk stands before the first section: nothing is visible yet.
func (in *Instrument) newWalk(x *index, role string, answers Answers) *walk {
	w := &walk{in: in, x: x, role: role, visible: make([]bool, len(x.fields))}
	if x.ways == nil {
		w.effective = effective(x, role, answers)
	}
	return w
}

// effective is a copy of the answers in which the role item agrees with the role.
func effective(x *index, role string, answers Answers) Answers {
	copied := make(Answers, len(x.fields))
	copy(copied, answers)
	x.fixRole(role, copied)
	return copied
}

// fixRole makes the answer to the role item agree with the role.
func (x *index) fixRole(role string, answers Answers) {
	if x.role < 0 {
		return
	}
	options := x.fields[x.role].Item.Options
	at := slices.IndexFunc(options, func(o Option) bool { return o.Code == role })
	if at >= 0 {
		answers[x.role] = Answer{State: Valid, Code: at + 1}
	}
}

// waitsForRole says whether the section lies behind the question for a role that
// nobody has answered.
func (w *walk) waitsForRole(section int) bool {
	_, known := w.x.texters[w.role]
	return !known && w.x.role >= 0 && section > w.x.fields[w.x.role].Section
}

func (w *walk) section(s int) {
	open := w.open(s)
	var items []*Item
	for i := range w.in.Sections[s].Items {
		item := &w.in.Sections[s].Items[i]
		shown := open && w.shows(item)
		w.mark(item, shown)
		if shown {
			items = append(items, item)
		}
	}
	if len(items) > 0 {
		w.path = append(w.path, Shown{Section: s, Items: items})
	}
}

func (w *walk) open(section int) bool { return w.in.Sections[section].ShowIf.holds(w.x, w.effective) }

func (w *walk) shows(item *Item) bool {
	_, worded := w.x.text(item.Texts, w.role)
	return worded && item.ShowIf.holds(w.x, w.effective)
}

func (w *walk) mark(item *Item, shown bool) {
	r := w.x.ranges[item]
	for i := r.first; i < r.first+r.count; i++ {
		w.visible[i] = shown
		if !shown && w.effective != nil {
			w.effective[i] = Answer{}
		}
	}
}

// take lets later conditions see what was just answered.
func (w *walk) take(item *Item, answers Answers) {
	if w.effective == nil {
		return
	}
	r := w.x.ranges[item]
	copy(w.effective[r.first:r.first+r.count], answers[r.first:r.first+r.count])
}

// holds says whether the condition is met; no condition always is.
func (c *Condition) holds(x *index, answers Answers) bool {
	switch {
	case c == nil:
		return true
	case c.Item != "":
		i, ok := x.byKey[c.Item]
		return ok && c.compares(x.fields[i], answers[i])
	case c.Not != nil:
		return !c.Not.holds(x, answers)
	case len(c.Any) > 0:
		return slices.ContainsFunc(c.Any, func(sub Condition) bool { return sub.holds(x, answers) })
	default:
		return !slices.ContainsFunc(c.All, func(sub Condition) bool { return !sub.holds(x, answers) })
	}
}

func (c *Condition) compares(f Field, a Answer) bool {
	if c.Answered != nil {
		return (a.State == Valid) == *c.Answered
	}
	if c.In != nil {
		code := f.formValue(a)
		return code != "" && slices.Contains(c.In, code)
	}
	if a.State != Valid {
		return false
	}
	v := a.Number
	if f.Kind == Likert {
		v = float64(a.Code)
	}
	return (c.AtLeast == nil || v >= *c.AtLeast) && (c.AtMost == nil || v <= *c.AtMost)
}

// formValue is the answer as a form control holds it: the scale point, the
// option code, the number or text as typed, dk, na or refused; "" when absent.
func (f Field) formValue(a Answer) string {
	if a.State != Valid {
		return a.State.FormCode()
	}
	switch f.Kind {
	case Likert:
		return strconv.Itoa(a.Code)
	case SingleChoice:
		if a.Code >= 1 && a.Code <= len(f.Item.Options) {
			return f.Item.Options[a.Code-1].Code
		}
		return ""
	case LongText:
		return a.Text
	default:
		return formatNumber(a.Number)
	}
}

// Normalize returns the answers as they are submitted: what the path does not
// show is NotShown, what it shows and nobody answered is Skipped. The draft
// keeps the rest, so that going back brings it back.
func (in *Instrument) Normalize(role string, answers Answers) Answers {
	w := in.walk(role, answers)
	final := w.effective
	if final == nil {
		final = effective(w.x, role, answers)
	}
	for i := range final {
		switch {
		case !w.visible[i]:
			final[i] = Answer{}
		case final[i].State == NotShown:
			final[i] = Answer{State: Skipped}
		}
	}
	return final
}
