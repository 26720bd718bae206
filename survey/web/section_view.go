package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/words"
	"github.com/salesbench/salesbench/templates"
)

// manyOptions is the number of options from which a list to pick from is
// easier on a phone than a column of buttons.
const manyOptions = 9

// sectionView makes the questions of one page.
type sectionView struct {
	in       *survey.Instrument
	role     string
	language string
	words    *words.Language
	values   map[string][]string // saved, or as typed
	problems map[string]survey.Problem
	other    map[string][]string // saved elsewhere meanwhile
	clashes  map[string]bool     // items whose answer there is another one
}

// view makes the questions of the booklet.
func (b *booklet) view() *sectionView {
	return &sectionView{in: b.in, role: b.role, language: b.language, words: b.words}
}

func (sv *sectionView) text(t survey.Text) string { return t.In(sv.language) }

func (sv *sectionView) questions(items []*survey.Item) []templates.Question {
	questions := make([]templates.Question, 0, len(items))
	for _, item := range items {
		questions = append(questions, sv.question(item))
	}
	return questions
}

func (sv *sectionView) question(item *survey.Item) templates.Question {
	ask, hint := splitQuestion(sv.wording(item))
	q := templates.Question{Key: item.Key, Text: ask, Hint: hint, Optional: !item.Required, Problem: sv.problem(item.Key),
		Elsewhere: sv.elsewhere(item), Missing: sv.missing(item)}
	switch item.Kind {
	case survey.Likert:
		q.Kind, q.Choices = templates.ScaleQuestion, sv.points(item)
	case survey.SingleChoice:
		sv.choice(item, &q)
	case survey.Number:
		q.Kind, q.Unit, q.Value = templates.NumberQuestion, unitWords(sv.words, item.Unit), sv.typed(item)
		q.Confirm = sv.confirmation(item)
	case survey.Allocation:
		q.Kind, q.Unit, q.Parts = templates.SharesQuestion, unitWords(sv.words, item.Unit), sv.parts(item)
		q.Sum, q.SumWords = formatNumber(item.Sum), withUnit(sv.words, item.Sum, item.Unit)
	default:
		q.Kind, q.Value, q.Limit = templates.TextQuestion, sv.typed(item), sv.words.Say("text_limit", "Limit", item.TextLimit())
	}
	return q
}

func (sv *sectionView) wording(item *survey.Item) string {
	text, ok := sv.in.ItemText(item, sv.role)
	if !ok {
		text = item.Label
	}
	return sv.text(text)
}

// splitQuestion takes the explanation after the question mark apart, so that
// the question itself can stand out.
func splitQuestion(text string) (ask, hint string) {
	for _, mark := range []string{"?", "؟"} { // the second is Arabic
		if at := strings.LastIndex(text, mark+" "); at >= 0 {
			return text[:at+len(mark)], strings.TrimSpace(text[at+len(mark):])
		}
	}
	return text, ""
}

func (sv *sectionView) points(item *survey.Item) []templates.Choice {
	scale := sv.in.ScaleOf(item)
	if scale == nil {
		return nil
	}
	choices := make([]templates.Choice, len(scale.Points))
	for i, point := range scale.Points {
		value := strconv.Itoa(i + 1)
		choices[i] = templates.Choice{Value: value, Label: sv.text(point.Label), Checked: has(sv.values, item.Key, value)}
	}
	return choices
}

// choice puts the options and the missing answers into one list; an optional
// question can be answered by taking the answer back.
func (sv *sectionView) choice(item *survey.Item, q *templates.Question) {
	q.Kind = templates.ChoiceQuestion
	if len(item.Options) >= manyOptions {
		q.Kind = templates.SelectQuestion
		q.Choices = append(q.Choices, templates.Choice{Label: sv.words.Say("please_choose")})
	}
	for _, option := range item.Options {
		q.Choices = append(q.Choices, templates.Choice{Value: option.Code, Label: sv.text(option.Label), Checked: has(sv.values, item.Key, option.Code)})
	}
	for _, missing := range q.Missing {
		missing.Apart = true
		q.Choices = append(q.Choices, missing)
	}
	q.Missing = nil
	if !item.Required && q.Kind == templates.ChoiceQuestion {
		q.Choices = append(q.Choices, templates.Choice{Label: sv.words.Say("no_answer"), Apart: true})
	}
}

func (sv *sectionView) missing(item *survey.Item) []templates.Choice {
	choices := make([]templates.Choice, 0, len(item.Missing))
	for _, state := range item.Missing {
		code := missingCodes[state]
		choices = append(choices, templates.Choice{Value: code, Label: missingWords(sv.words, state), Checked: has(sv.values, item.Key, code)})
	}
	return choices
}

// typed is what stands in a text control: not the code of a missing answer.
func (sv *sectionView) typed(item *survey.Item) string {
	for _, v := range sv.values[item.Key] {
		if !slices.ContainsFunc(item.Missing, func(state survey.State) bool { return missingCodes[state] == v }) && strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}

// confirmation is shown when an unusual number was asked again, or was confirmed before.
func (sv *sectionView) confirmation(item *survey.Item) *templates.Confirmation {
	name := survey.ConfirmPrefix + item.Key
	confirmed := one(sv.values, name)
	asked := sv.problems[item.Key].Code == survey.ProblemConfirm
	if !asked && confirmed == "" {
		return nil
	}
	value := confirmed
	if v, ok := typedNumber(strings.TrimPrefix(sv.typed(item), "-")); asked && ok {
		value = sv.words.Typed(v)
		if strings.HasPrefix(sv.typed(item), "-") {
			value = "-" + value
		}
	}
	return &templates.Confirmation{Name: name, Value: value, Label: sv.words.Say("confirm", "Number", value), Checked: !asked}
}

func (sv *sectionView) parts(item *survey.Item) []templates.SharePart {
	parts := make([]templates.SharePart, len(item.Parts))
	for i := range item.Parts {
		part := &item.Parts[i]
		parts[i] = templates.SharePart{Key: part.Key, Text: sv.text(sv.in.PartText(part, sv.role)),
			Value: one(sv.values, part.Key), Problem: sv.problem(part.Key)}
	}
	return parts
}

// elsewhere says what another tab saved where that differs from what is typed here.
func (sv *sectionView) elsewhere(item *survey.Item) string {
	if !sv.clashes[item.Key] {
		return ""
	}
	if item.Kind == survey.Allocation || item.Kind == survey.LongText {
		return sv.words.Say("elsewhere_other")
	}
	return sv.words.Say("elsewhere_is", "Answer", sv.inWords(item, one(sv.other, item.Key)))
}

func (sv *sectionView) inWords(item *survey.Item, value string) string {
	for state, code := range missingCodes {
		if code == value {
			return missingWords(sv.words, state)
		}
	}
	if scale := sv.in.ScaleOf(item); scale != nil {
		for i, point := range scale.Points {
			if strconv.Itoa(i+1) == value {
				return value + " " + sv.text(point.Label)
			}
		}
	}
	for _, option := range item.Options {
		if option.Code == value {
			return sv.text(option.Label)
		}
	}
	if v, err := strconv.ParseFloat(value, 64); err == nil && item.Kind == survey.Number {
		return withUnit(sv.words, v, item.Unit)
	}
	return value
}

// problem is what is wrong with an item or part, or nothing.
func (sv *sectionView) problem(key string) string {
	p, wrong := sv.problems[key]
	if !wrong {
		return ""
	}
	return problemWords(sv.words, p)
}

// fieldProblems leads from the summary to the fields, in the order of the page.
func (sv *sectionView) fieldProblems(problems []survey.Problem) []templates.FieldProblem {
	list := make([]templates.FieldProblem, len(problems))
	for i, p := range problems {
		list[i] = templates.FieldProblem{Anchor: "q-" + p.Field, Question: sv.named(p.Field), Message: problemWords(sv.words, p)}
	}
	return list
}

// named is the wording of a field or part.
func (sv *sectionView) named(key string) string {
	if item := sv.in.ItemByKey(key); item != nil {
		ask, _ := splitQuestion(sv.wording(item))
		return ask
	}
	if field, ok := sv.in.FieldByKey(key); ok && field.Part != nil {
		return sv.text(sv.in.PartText(field.Part, sv.role))
	}
	return key
}
