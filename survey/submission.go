package survey

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// The codes of problems that only a complete submission can have.
const (
	ProblemUnknownField = "unknown_field" // the submission has no such field
	ProblemUnknownItem  = "unknown_item"  // the questionnaire has no such item
	ProblemWrongType    = "wrong_type"    // a list, an object or a truth value where an answer belongs
	ProblemTwice        = "given_twice"
	ProblemKey          = "key"
	ProblemLanguage     = "unknown_language"
	ProblemTime         = "not_a_time"
)

// The key of a submission is made by the client. Whoever knows it can ask for
// the receipt, so it must be long enough not to be guessed.
const (
	MinKeyLength = 16
	MaxKeyLength = 200
)

// maxSubmissionProblems ends the list for a body that is nothing but mistakes.
const maxSubmissionProblems = 50

// Submitted is one complete submission as it was read: all answers of a person
// at once, in the form in which they are kept.
type Submitted struct {
	Key       string // "" when the document has none
	Language  string // one of the instrument's, its first by default
	Role      string
	Packed    Packed    // the normalized answers; empty when there are problems
	StartedAt time.Time // zero: not told
}

// ReadSubmission reads a complete submission in JSON:
//
//	{"key": "...", "language": "en", "answers": {"role": "manager", "kpi": 12.5}, "started_at": "..."}
//
// Answers are named after their fields. A scale point is a number or a text, an
// option its code, a number a number or a text as people type it, a missing
// answer dk, na or refused (also dont_know, not_applicable), no answer null or
// "". Answers that the person's path does not show are left out, as the pages
// do; unlike a page, a program is not asked to confirm an unusual number.
//
// What the questionnaire would not accept comes back as problems: unknown names
// and wrong types first, then in survey order. The error is for a body that is
// no JSON at all. The document is read in one pass and may be reused afterwards.
func (in *Instrument) ReadSubmission(document []byte) (Submitted, []Problem, error) {
	r := in.submissionReader()
	defer r.done()
	if err := r.readJSON(document); err != nil {
		return Submitted{}, nil, err
	}
	r.settle()
	return r.result()
}

// ReadSubmissionForm reads a complete submission as a browser sends it: the
// controls of all pages in one application/x-www-form-urlencoded body, with key,
// language and started_at beside them. Unusual numbers are confirmed as on the
// pages. Problems and error as ReadSubmission.
func (in *Instrument) ReadSubmissionForm(body []byte) (Submitted, []Problem, error) {
	r := in.submissionReader()
	defer r.done()
	r.typed = true
	if err := r.readForm(body); err != nil {
		return Submitted{}, nil, err
	}
	r.settle()
	return r.result()
}

// CheckKey says what is wrong with the key of a submission, if anything.
func CheckKey(key string) (p Problem, wrong bool) {
	p = Problem{Field: "key", Code: ProblemKey}
	switch {
	case key == "":
		p.Code, p.Message = ProblemRequired, "The submission has no key: please send one that nobody can guess, and the same one when you try again."
	case len(key) < MinKeyLength || len(key) > MaxKeyLength:
		p.Message = fmt.Sprintf("The key has %d characters: please send %d to %d.", len(key), MinKeyLength, MaxKeyLength)
	case bytes.ContainsFunc([]byte(key), func(c rune) bool { return c <= ' ' || c > '~' }):
		p.Message = "The key has other characters than letters, digits and signs of ASCII: please leave them out."
	default:
		return Problem{}, false
	}
	return p, true
}

// answerPlan is the instrument compiled for reading submissions.
type answerPlan struct {
	controls map[string]control
	names    []string // by slot: the name of its control; empty: it has none
	slots    int
	parts    []bool // by slot: it is a part of an allocation
	sections [][]planItem
	worded   map[string][][]bool // by role, section and item: whether the item is asked; "" is no role
	readers  sync.Pool
}

// control is what the name of an answer stands for.
type control struct {
	slot    int
	confirm bool // the value confirms the number of the slot
}

// planItem is one item with its place among slots and answers.
type planItem struct {
	item    *Item
	slot    int // of the item; its parts follow
	first   int // field
	fields  []Field
	missing []missingWord
}

func newAnswerPlan(in *Instrument, x *index) *answerPlan {
	p := &answerPlan{controls: map[string]control{}, worded: map[string][][]bool{}}
	name := func(key string, part bool) {
		if _, taken := p.controls[key]; taken {
			p.names = append(p.names, "")
		} else {
			p.controls[key] = control{slot: p.slots}
			p.names = append(p.names, key)
		}
		p.slots++
		p.parts = append(p.parts, part)
	}
	for s := range in.Sections {
		var items []planItem
		for i := range in.Sections[s].Items {
			item := &in.Sections[s].Items[i]
			at := x.ranges[item]
			items = append(items, planItem{item: item, slot: p.slots, first: at.first, fields: x.fields[at.first : at.first+at.count], missing: missingWords(item)})
			name(item.Key, false)
			if item.Kind == Allocation {
				for _, part := range item.Parts {
					name(part.Key, true)
				}
			}
			if item.Kind == Number {
				p.controls[ConfirmPrefix+item.Key] = control{slot: p.slots - 1, confirm: true}
			}
		}
		p.sections = append(p.sections, items)
	}
	p.wordings(in, x, "")
	for role := range x.texters {
		p.wordings(in, x, role)
	}
	return p
}

func (p *answerPlan) wordings(in *Instrument, x *index, role string) {
	worded := make([][]bool, len(p.sections))
	for s, items := range p.sections {
		worded[s] = make([]bool, len(items))
		for i := range items {
			_, worded[s][i] = x.text(items[i].item.Texts, role)
		}
	}
	p.worded[role] = worded
}

// slotKind is what was sent under a name.
type slotKind uint8

const (
	slotEmpty slotKind = iota
	slotNothing
	slotText
	slotNumber
)

// slot is one answer as it was sent. The bytes belong to the body.
type slot struct {
	kind  slotKind
	two   bool // two different answers under one name
	given []byte
}

// submissionReader reads one submission.
type submissionReader struct {
	in        *Instrument
	x         *index
	plan      *answerPlan
	typed     bool // a form: numbers as people type them, unusual ones confirmed
	slots     []slot
	after     []int // by slot, and at the end for the beginning: which one came next the last time
	last      int   // slot that was found
	confirmed []confirmation
	form      form
	head      Submitted
	scratch   []byte // to pack in
}

// confirmation is the value of a control that confirms an unusual number.
type confirmation struct {
	slot  int
	given []byte
}

func (in *Instrument) submissionReader() *submissionReader {
	x := in.compiled()
	r, ok := x.plan.readers.Get().(*submissionReader)
	if !ok {
		r = &submissionReader{in: in, x: x, plan: x.plan, slots: make([]slot, x.plan.slots), after: make([]int, x.plan.slots+1)}
		r.form.answers = make(Answers, len(x.fields))
	}
	r.last = x.plan.slots
	return r
}

// find returns what a name stands for. A program sends its names in the same order each
// time, so the one that followed last time is looked at before all others.
func (r *submissionReader) find(name []byte) (control, bool) {
	if next := r.after[r.last]; next < len(r.plan.names) && len(name) > 0 && r.plan.names[next] == string(name) {
		r.last = next
		return control{slot: next}, true
	}
	c, known := r.plan.controls[string(name)]
	if known && !c.confirm {
		r.after[r.last], r.last = c.slot, c.slot
	}
	return c, known
}

// done gives the reader back without anything of the person in it.
func (r *submissionReader) done() {
	clear(r.slots)
	clear(r.confirmed)
	clear(r.form.answers)
	clear(r.scratch)
	r.confirmed, r.typed = r.confirmed[:0], false
	r.form, r.head = form{answers: r.form.answers}, Submitted{}
	r.plan.readers.Put(r)
}

func (r *submissionReader) result() (Submitted, []Problem, error) {
	if r.head.Language == "" && len(r.in.Languages) > 0 {
		r.head.Language = r.in.Languages[0]
	}
	if len(r.form.problems) > 0 {
		return r.head, r.form.problems, nil
	}
	var err error
	r.head.Packed, r.scratch, err = r.x.pack(r.scratch[:0], r.form.answers)
	return r.head, nil, err
}

// refuse notes a problem with the document itself; false: there are enough.
func (r *submissionReader) refuse(field, code, format string, args ...any) bool {
	r.form.refuse(excerpt(field, 60), code, fmt.Sprintf(format, args...))
	return len(r.form.problems) < maxSubmissionProblems
}

func (r *submissionReader) language(given string) bool {
	if given == "" || slices.Contains(r.in.Languages, given) {
		r.head.Language = given
		return true
	}
	return r.refuse("language", ProblemLanguage, "The questionnaire has no language %q: please choose one it has.", excerpt(given, 30))
}

func (r *submissionReader) startedAt(given string) bool {
	if given == "" {
		return true
	}
	at, err := time.Parse(time.RFC3339, given)
	if err != nil {
		return r.refuse("started_at", ProblemTime, "%q is not a time: please write it as 2026-03-01T09:30:00Z.", excerpt(given, 40))
	}
	r.head.StartedAt = at
	return true
}

// settle walks the questionnaire as the person did: what is shown is read and
// checked, what is not shown is left out.
func (r *submissionReader) settle() {
	role := r.role()
	worded, known := r.plan.worded[role]
	if !known {
		worded = r.plan.worded[""]
	}
	w := &walk{in: r.in, x: r.x, role: role, effective: r.form.answers}
	r.x.fixRole(role, r.form.answers)
	for s, items := range r.plan.sections {
		if w.waitsForRole(s) || len(r.form.problems) >= maxSubmissionProblems {
			break
		}
		open := w.open(s)
		for i := range items {
			p := &items[i]
			if open && worded[s][i] && p.item.ShowIf.holds(r.x, r.form.answers) {
				r.item(p)
				continue
			}
			for f := range p.fields {
				r.form.answers[p.first+f] = Answer{}
			}
		}
	}
	r.head.Role = role
	if role == "" && r.x.role >= 0 && len(r.form.problems) == 0 {
		r.form.problem(r.in.RoleItem, ProblemRequired, Details{Sentence: "choose_role"})
	}
}

// role reads the answer that decides which questions are asked.
func (r *submissionReader) role() string {
	if r.x.role < 0 {
		return ""
	}
	given := r.slots[r.plan.controls[r.in.RoleItem].slot].given
	if _, known := r.x.texters[string(given)]; !known {
		return ""
	}
	return string(given)
}

// item reads one item that is shown.
func (r *submissionReader) item(p *planItem) {
	for f := range p.fields {
		r.form.answers[p.first+f].State = Skipped
	}
	s := &r.slots[p.slot]
	if s.two {
		r.form.problem(p.item.Key, ProblemTwoAnswers, Details{Sentence: "two_answers"})
		return
	}
	if state, ok := r.missing(p, s); ok {
		for f := range p.fields {
			r.form.answers[p.first+f].State = state
		}
		return
	}
	switch {
	case p.item.Kind == Allocation:
		r.allocation(p, s)
	case len(s.given) == 0:
		r.form.missing(p.item)
	case p.item.Kind == Number:
		r.number(p, s)
	case p.item.Kind == LongText:
		r.form.text(p.fields[0], string(s.given))
	default:
		r.closed(p, s)
	}
}

// missing recognizes a missing answer that the item offers.
func (r *submissionReader) missing(p *planItem, s *slot) (State, bool) {
	if s.kind != slotText {
		return NotShown, false
	}
	for i := range p.missing {
		if m := &p.missing[i]; m.given == string(s.given) && (m.typed || !r.typed) {
			return m.state, true
		}
	}
	return NotShown, false
}

// missingWord is what is sent in the place of an answer.
type missingWord struct {
	given string
	state State
	typed bool // forms know it, too
}

// missingWords are the codes of the controls, and names that a program may write.
func missingWords(item *Item) []missingWord {
	var words []missingWord
	for _, state := range item.Missing {
		if code := state.FormCode(); code != "" {
			words = append(words, missingWord{code, state, true})
		}
		if state == DontKnow || state == NotApplicable {
			words = append(words, missingWord{state.String(), state, false})
		}
	}
	return words
}

func (r *submissionReader) closed(p *planItem, s *slot) {
	code, given := 0, s.given
	switch {
	case p.item.Kind == Likert && s.kind == slotNumber:
		code = scaleNumber(given, p.fields[0].Points)
	case p.item.Kind == Likert:
		code = scalePoint(given, p.fields[0].Points)
	default:
		for o := range p.item.Options {
			if p.item.Options[o].Code == string(given) {
				code = o + 1
				break
			}
		}
	}
	if code == 0 {
		r.form.closed(p.fields[0], string(given)) // finds the words
		return
	}
	a := &r.form.answers[p.first] // all its other fields are empty still
	a.State, a.Code = Valid, code
}

// scaleNumber reads 1..points as programs write a number, 5 or 5.0, else 0.
func scaleNumber(given []byte, points int) int {
	if code := scalePoint(given, points); code > 0 {
		return code
	}
	v, err := strconv.ParseFloat(string(given), 64)
	if code := int(v); err == nil && v >= 1 && v <= float64(points) && float64(code) == v {
		return code
	}
	return 0
}

// scalePoint reads 1..points as it is written on a page, else 0.
func scalePoint(given []byte, points int) int {
	if len(given) == 1 && given[0] >= '1' && given[0] <= '9' && int(given[0]-'0') <= points {
		return int(given[0] - '0')
	}
	v, err := strconv.Atoi(string(given))
	if err != nil || v < 1 || v > points || strconv.Itoa(v) != string(given) {
		return 0
	}
	return v
}
