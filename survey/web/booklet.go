package web

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/words"
	"github.com/salesbench/salesbench/templates"
)

// booklet is a questionnaire as one role meets it in one language.
type booklet struct {
	in        *survey.Instrument
	role      string
	language  string
	words     *words.Language // of what is not the questionnaire's
	catalogue *words.Catalogue
	known     bool // which pages there are: the role decides on them
	items     int  // questions that the role may meet
	minutes   float64
	tag       uint64 // names instrument, role and language
	rows      handRows

	publishedOnce  sync.Once
	publishedFound *publishedFigures
}

// bookletKey names a booklet: the store gives one instrument one pointer.
type bookletKey struct {
	in             *survey.Instrument
	role, language string
}

// booklets keeps the booklets of all instruments, which never change.
type booklets struct {
	catalogue *words.Catalogue
	kept      sync.Map
}

func (b *booklets) of(in *survey.Instrument, role, language string) *booklet {
	key := bookletKey{in, role, language}
	if kept, ok := b.kept.Load(key); ok {
		if one, ok := kept.(*booklet); ok {
			return one
		}
	}
	one := &booklet{in: in, role: role, language: language, words: b.catalogue.For(language), catalogue: b.catalogue,
		known: len(in.Roles) == 0 || role != "", rows: newHandRows(len(in.Fields()))}
	one.items, one.minutes = survey.Effort(in, role)
	one.tag = mixText(mixText(mixText(0, in.Hash()), role), language)
	kept, _ := b.kept.LoadOrStore(key, one)
	if first, ok := kept.(*booklet); ok {
		return first
	}
	return one
}

// pathOf is the way through the questionnaire with these answers. Nobody may change it.
func (b *booklet) pathOf(answers survey.Answers) []survey.Shown {
	return b.in.Path(b.role, answers)
}

// minutesLeft estimates the rest of the path by its share of the questions. It
// rounds up: nobody minds being done early. The role not known, it is negative.
func (b *booklet) minutesLeft(rest []survey.Shown) int {
	if !b.known {
		return -1
	}
	if b.items == 0 {
		return 0
	}
	left := 0
	for _, shown := range rest {
		left += len(shown.Items)
	}
	return int(math.Ceil(b.minutes * float64(left) / float64(b.items)))
}

// Variants of a question: 0 is without an answer, a positive number the code of
// a closed answer, a negative one the state of a missing answer. Questions with a
// number or text have slots, in all variants, for what was entered.
const (
	unanswered = 0
	confirmed  = 1 // an unusual number that was confirmed
)

// variant says which of the question's sheets shows the answers.
func variant(item *survey.Item, fields []survey.Field, answers survey.Answers) int {
	first := answers[fields[0].Index]
	switch item.Kind {
	case survey.Likert, survey.SingleChoice:
		switch {
		case first.State == survey.Valid && first.Code >= 1 && first.Code <= fields[0].Points:
			return first.Code
		case first.State != survey.Valid && slices.Contains(item.Missing, first.State):
			return -int(first.State)
		}
		return unanswered
	case survey.Number:
		if first.State == survey.Valid && unusual(item, first.Number) {
			return confirmed
		}
	case survey.LongText:
		for _, state := range item.Missing {
			if first.State == survey.Valid && first.Text == missingCodes[state] {
				return -int(state)
			}
		}
	}
	// The last part of an allocation that is missing stands for all of it.
	for _, f := range slices.Backward(fields) {
		if state := answers[f.Index].State; state != survey.Valid && slices.Contains(item.Missing, state) {
			return -int(state)
		}
	}
	return unanswered
}

func unusual(item *survey.Item, v float64) bool {
	return item.Min != nil && v < *item.Min || item.Max != nil && v > *item.Max
}

// entered is what stands in the control of a number or text.
func (b *booklet) entered(f survey.Field, a survey.Answer) string {
	switch {
	case a.State != survey.Valid:
		return ""
	case f.Kind == survey.LongText:
		if strings.TrimSpace(a.Text) == "" {
			return ""
		}
		return a.Text
	}
	return b.words.Typed(a.Number)
}

// questionEnd is what stands behind a question in page/section.html.
const questionEnd = "\n"

// question renders one variant of the question whose first field this is.
func (b *booklet) question(first, variant int) (*sheet, error) {
	item := b.in.Fields()[first].Item
	html, err := b.renderQuestion(b.variantOf(item, variant))
	if err != nil {
		return nil, err
	}
	var marks []blank
	for i := range b.in.ItemFields(item) {
		marks = append(marks, markOf(i, 0))
	}
	return newSheet(html, marks), nil
}

// variantOf is the question with marks for what may be entered.
func (b *booklet) variantOf(item *survey.Item, variant int) templates.Question {
	fields := b.in.ItemFields(item)
	values := make(map[string][]string)
	switch {
	case variant < 0:
		values[item.Key] = []string{missingCodes[survey.State(-variant)]}
	case fields[0].Kind == survey.SingleChoice && variant > 0:
		values[item.Key] = []string{item.Options[variant-1].Code}
	case fields[0].Kind == survey.Likert && variant > 0:
		values[item.Key] = []string{strconv.Itoa(variant)}
	case variant == confirmed:
		values[survey.ConfirmPrefix+item.Key] = []string{marked(0)}
	}
	if item.Kind == survey.Allocation || variant >= 0 && !fields[0].Closed() {
		for i, f := range fields {
			values[f.Key] = []string{marked(i)}
		}
	}
	sv := b.view()
	sv.values = values
	return sv.question(item)
}

func (b *booklet) renderQuestion(q templates.Question) ([]byte, error) {
	html, err := templates.RenderPart(b.words, templates.Section{}.Template(), "question", q)
	if err != nil {
		return nil, fmt.Errorf("question %s: %w", q.Key, err)
	}
	return append(html, questionEnd...), nil
}
