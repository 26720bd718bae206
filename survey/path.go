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
// hidden by an earlier condition as not given.
func (in *Instrument) Path(role string, answers Answers) []Shown {
	return in.walk(role, answers).path
}

// walk is one pass through the instrument.
type walk struct {
	in        *Instrument
	x         *index
	role      string
	effective Answers // answers with the hidden ones taken away
	visible   []bool  // per field
	path      []Shown
}

func (in *Instrument) walk(role string, answers Answers) *walk {
	w := in.newWalk(role, answers)
	for s := range in.Sections {
		if w.waitsForRole(s) {
			break
		}
		w.section(s)
	}
	return w
}

// newWalk stands before the first section: nothing is visible yet.
func (in *Instrument) newWalk(role string, answers Answers) *walk {
	x := in.compiled()
	w := &walk{in: in, x: x, role: role, effective: make(Answers, len(x.fields)), visible: make([]bool, len(x.fields))}
	copy(w.effective, answers)
	w.fixRole()
	return w
}

// waitsForRole says whether the section lies behind the question for a role that
// nobody has answered.
func (w *walk) waitsForRole(section int) bool {
	_, known := w.x.texters[w.role]
	return !known && w.x.role >= 0 && section > w.x.fields[w.x.role].Section
}

// fixRole makes conditions on the role item agree with the role.
func (w *walk) fixRole() {
	if w.x.role < 0 {
		return
	}
	options := w.x.fields[w.x.role].Item.Options
	at := slices.IndexFunc(options, func(o Option) bool { return o.Code == w.role })
	if at >= 0 {
		w.effective[w.x.role] = Answer{State: Valid, Code: at + 1}
	}
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
		if !shown {
			w.effective[i] = Answer{}
		}
	}
}

// take lets later conditions see what was just answered.
func (w *walk) take(item *Item, answers Answers) {
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
	for i := range w.effective {
		switch {
		case !w.visible[i]:
			w.effective[i] = Answer{}
		case w.effective[i].State == NotShown:
			w.effective[i] = Answer{State: Skipped}
		}
	}
	return w.effective
}
