package survey

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The codes of problems.
const (
	ProblemRequired      = "required"
	ProblemUnknownOption = "unknown_option"
	ProblemTwoAnswers    = "two_answers"
	ProblemNotANumber    = "not_a_number"
	ProblemAmbiguous     = "ambiguous_number"
	ProblemOutOfRange    = "out_of_range"
	ProblemConfirm       = "confirm" // unusual: asked once more, accepted with confirm_KEY
	ProblemSum           = "sum"
	ProblemTooLong       = "too_long"
	ProblemNewQuestion   = "new_question" // an answer on this page opened a question
	ProblemRole          = "role"
	ProblemLength        = "length_mismatch"
)

// maxTextRunes limits an open answer whose item states no maximum.
const maxTextRunes = 2000

// ConfirmPrefix comes before the field key in the form control with which a
// respondent confirms an unusual number; its value repeats the number, as typed or as shown.
const ConfirmPrefix = "confirm_"

// form is one section's decoding.
type form struct {
	values   map[string][]string
	answers  Answers
	problems []Problem
}

func (f *form) problem(field, code string, d Details) {
	f.problems = append(f.problems, problem(field, code, d))
}

// refuse says in English what no page can have sent.
func (f *form) refuse(field, code, message string) {
	f.problems = append(f.problems, Problem{Field: field, Code: code, Message: message})
}

// CheckSection decodes one posted section. A control is named after its field;
// its value is a scale point, an option code, a typed number or text, or dk, na
// or refused. A number and its "don't know" box share a name. Controls of other
// sections and unknown ones are left alone.
//
// The answers returned are the previous ones with this section's valid answers
// in their place; what had a problem is Skipped there, and the page shows what
// was typed from the form itself. Answers hidden by a condition stay as they
// were. The problems are in the order of the page.
func (in *Instrument) CheckSection(section int, role string, values map[string][]string, previous Answers) (Answers, []Problem) {
	f := &form{values: values, answers: slices.Clone(previous)}
	if n := len(in.Fields()); len(previous) != n {
		f.answers = in.NewAnswers()
		copy(f.answers, previous)
	}
	if section < 0 || section >= len(in.Sections) {
		return f.answers, nil
	}
	before := in.walk(role, previous)
	if posted := in.postedRole(section, values); posted != "" {
		role = posted
	}
	w := in.newWalk(in.compiled(), role, previous)
	if w.waitsForRole(section) {
		f.problem(in.RoleItem, ProblemRequired, Details{Sentence: "choose_role"})
		return f.answers, f.problems
	}
	if w.effective != nil { // else nothing before the page decides on it
		for s := range section {
			w.section(s)
		}
	}
	open := w.open(section)
	for i := range in.Sections[section].Items {
		item := &in.Sections[section].Items[i]
		shown := open && w.shows(item)
		w.mark(item, shown)
		if shown {
			f.shown(item, in.ItemFields(item), before)
			w.take(item, f.answers)
		}
	}
	return f.answers, f.problems
}

// shown decodes an item of the page, or points at one that was not on the page
// when it was sent: an answer beside it has just opened it.
func (f *form) shown(item *Item, fields []Field, before *walk) {
	if len(fields) == 0 {
		return
	}
	first := fields[0].Index
	if !before.visible[first] && f.answers[first].State == NotShown && !f.posted(item, fields) {
		f.problem(item.Key, ProblemNewQuestion, Details{Sentence: "new_question"})
		return
	}
	f.item(item, fields)
}

// postedRole lets the section that asks for the role be checked in that role.
func (in *Instrument) postedRole(section int, values map[string][]string) string {
	x := in.compiled()
	if x.role < 0 || x.fields[x.role].Section != section {
		return ""
	}
	for _, v := range values[in.RoleItem] {
		if _, known := x.texters[v]; known {
			return v
		}
	}
	return ""
}

func (f *form) posted(item *Item, fields []Field) bool {
	if _, ok := f.values[item.Key]; ok {
		return true
	}
	return slices.ContainsFunc(fields, func(field Field) bool { _, ok := f.values[field.Key]; return ok })
}

func (f *form) item(item *Item, fields []Field) {
	for _, field := range fields {
		f.answers[field.Index] = Answer{State: Skipped}
	}
	given, state, ok := f.given(item)
	switch {
	case !ok:
	case state != NotShown:
		for _, field := range fields {
			f.answers[field.Index] = Answer{State: state}
		}
	case item.Kind == Allocation:
		f.allocation(item, fields)
	case given == "":
		f.missing(item)
	case item.Kind == Number:
		f.number(fields[0], given)
	case item.Kind == LongText:
		f.text(fields[0], given)
	default:
		f.closed(fields[0], given)
	}
}

// given finds the one answer among the values of a control: the non-empty ones
// must agree. A missing answer that the item offers comes back as its state.
func (f *form) given(item *Item) (string, State, bool) {
	value := ""
	for _, v := range f.values[item.Key] {
		v = strings.TrimSpace(v)
		if v == "" || v == value {
			continue
		}
		if value != "" {
			f.problem(item.Key, ProblemTwoAnswers, Details{Sentence: "two_answers"})
			return "", NotShown, false
		}
		value = v
	}
	state, isState := stateCodes[value]
	if isState && slices.Contains(item.Missing, state) {
		return "", state, true
	}
	return value, NotShown, true
}

func (f *form) missing(item *Item) {
	if !item.Required {
		return
	}
	d := Details{Sentence: "choose_answer"}
	switch item.Kind {
	case Number:
		d.Sentence = "enter_number"
	case LongText:
		d.Sentence = "write_answer"
	case Allocation:
		d.Sentence, d.Sum = "divide", item.Sum
	}
	if slices.Contains(item.Missing, DontKnow) {
		d.Sentence += orDontKnow
	}
	f.problem(item.Key, ProblemRequired, d)
}

func (f *form) closed(field Field, given string) {
	code := 0
	if field.Kind == Likert {
		if v, err := strconv.Atoi(given); err == nil && v >= 1 && v <= field.Points && strconv.Itoa(v) == given {
			code = v
		}
	} else {
		code = 1 + slices.IndexFunc(field.Item.Options, func(o Option) bool { return o.Code == given })
	}
	if code == 0 {
		f.problem(field.Key, ProblemUnknownOption, Details{Sentence: "not_an_answer", Given: excerpt(given, 30)})
		return
	}
	f.answers[field.Index] = Answer{State: Valid, Code: code}
}

func (f *form) number(field Field, given string) {
	item := field.Item
	v, fault := readNumber(given, item.Min, item.Max)
	switch {
	case fault == numberBad:
		f.problem(field.Key, ProblemNotANumber, Details{Sentence: "not_a_number", Given: excerpt(given, 30)})
	case fault == numberAmbiguous:
		f.problem(field.Key, ProblemAmbiguous, Details{Sentence: "two_readings", Given: excerpt(given, 30)})
	case !inside{item.HardMin, item.HardMax}.has(v) || !item.AskAgain && !inside{item.Min, item.Max}.has(v):
		f.problem(field.Key, ProblemOutOfRange, item.impossible(v))
	case !inside{item.Min, item.Max}.has(v) && !f.confirmed(field, v):
		f.problem(field.Key, ProblemConfirm, Details{Sentence: "unusual", Number: v}.within(item.Min, item.Max))
	default:
		f.answers[field.Index] = Answer{State: Valid, Number: v}
	}
}

// confirmed takes the number as it was typed or as it was shown.
func (f *form) confirmed(field Field, v float64) bool {
	for _, given := range f.values[ConfirmPrefix+field.Key] {
		if again, fault := readNumber(given, field.Item.Min, field.Item.Max); fault == numberFine && again == v {
			return true
		}
	}
	return false
}

// impossible names the limits a number can not pass.
func (it *Item) impossible(v float64) Details {
	low, high := it.HardMin, it.HardMax
	if !it.AskAgain {
		low, high = tighter(it.Min, it.HardMin, true), tighter(it.Max, it.HardMax, false)
	}
	return Details{Sentence: "not_possible", Number: v}.within(low, high)
}

// noShare names the limits of one part of an allocation.
func noShare(v, sum float64) Details {
	zero := 0.0
	return Details{Sentence: "not_possible", Number: v}.within(&zero, &sum)
}

// tighter picks the limit that binds first.
func tighter(a, b *float64, lower bool) *float64 {
	if a == nil || b != nil && (*b > *a) == lower {
		return b
	}
	return a
}

func (f *form) allocation(item *Item, fields []Field) {
	shares := make([]float64, len(fields))
	filled, faulty := 0, false
	for i, field := range fields {
		typed := lastNonEmpty(f.values[field.Key])
		if typed == "" {
			continue
		}
		filled++
		zero := 0.0
		v, fault := readNumber(typed, &zero, &item.Sum)
		switch {
		case fault != numberFine:
			faulty = true
			f.problem(field.Key, ProblemNotANumber, Details{Sentence: "not_a_number", Given: excerpt(typed, 30)})
		case v < 0 || v > item.Sum:
			faulty = true
			f.problem(field.Key, ProblemOutOfRange, noShare(v, item.Sum))
		}
		shares[i] = v
	}
	switch {
	case filled == 0:
		f.missing(item)
	case faulty:
	default:
		f.addUp(item, fields, shares)
	}
}

// addUp takes the shares when they add up; parts left empty count as 0 then.
func (f *form) addUp(item *Item, fields []Field, shares []float64) {
	if fault, wrong := sumFault(item, shares); wrong {
		f.problem(item.Key, ProblemSum, fault)
		return
	}
	for i, field := range fields {
		f.answers[field.Index] = Answer{State: Valid, Number: shares[i]}
	}
}

// sumFault says what is wrong where the shares do not add up. It forgives only what
// binary fractions bring in, such as 33.3 + 33.3 + 33.4.
func sumFault(item *Item, shares []float64) (d Details, wrong bool) {
	sum := 0.0
	for _, v := range shares {
		sum += v
	}
	short := item.Sum - sum
	if math.Abs(short) <= 1e-9*math.Max(1, item.Sum) {
		return d, false
	}
	d = Details{Sentence: "sum_short", Number: roundForReading(sum), Sum: item.Sum, Left: roundForReading(math.Abs(short))}
	if short < 0 {
		d.Sentence = "sum_over"
	}
	return d, true
}

func lastNonEmpty(values []string) string {
	for _, v := range slices.Backward(values) {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

func (f *form) text(field Field, given string) {
	text := cleanText(given)
	limit := field.Item.TextLimit()
	if n := utf8.RuneCountInString(text); n > limit {
		f.problem(field.Key, ProblemTooLong, Details{Sentence: "too_long", Length: n, Limit: limit, Left: float64(n - limit)})
		return
	}
	if text == "" {
		f.missing(field.Item)
		return
	}
	f.answers[field.Index] = Answer{State: Valid, Text: text}
}

// TextLimit is how many characters an answer in words may have.
func (i *Item) TextLimit() int {
	if i.Max != nil && *i.Max > 0 {
		return int(*i.Max)
	}
	return maxTextRunes
}

// cleanText makes a text storable and countable: line ends as \n, no control
// characters beside it and the tab, valid UTF-8, no space around it.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t' || !unicode.IsControl(r):
			return r
		default:
			return -1
		}
	}, s)
	return strings.TrimSpace(s)
}

// FormValues is the inverse of CheckSection: the values that fill in the
// controls of a section for answers given before.
func (in *Instrument) FormValues(section int, role string, answers Answers) map[string][]string {
	values := map[string][]string{}
	if section < 0 || section >= len(in.Sections) || len(answers) != len(in.Fields()) {
		return values
	}
	visible := in.walk(role, answers).visible
	for i := range in.Sections[section].Items {
		item := &in.Sections[section].Items[i]
		for _, field := range in.ItemFields(item) {
			a := answers[field.Index]
			v := field.formValue(a)
			if v == "" || !visible[field.Index] {
				continue
			}
			key := field.Key
			if field.Part != nil && a.State != Valid {
				key = item.Key // one box for the whole allocation
			}
			values[key] = []string{v}
			if field.Kind == Number && a.State == Valid && !(inside{item.Min, item.Max}).has(a.Number) {
				values[ConfirmPrefix+key] = []string{v}
			}
		}
	}
	return values
}
