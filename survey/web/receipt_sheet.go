package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// The slots of a receipt.
const (
	studySlot = iota
	codeSlot
	isoSlot
	whenSlot
	contactSlot
	closedSlot // of the answers that the page of an anonymous wave carries
	numbersSlot
	textsSlot
	receiptSlots
)

const receiptTemplate = "receipt"

// showReceipt sends the receipt, put together from sheets: a frame, one sheet for
// each answer beside published figures, and their sources.
func (s *Server) showReceipt(c echo.Context, v *visit) error {
	if ofKiosk(c) {
		return s.kioskDone(c, v)
	}
	b := s.receiptBooklet(c, v)
	compared := s.compares(v) && b.published().speakOf(v.response.Answers)
	key := sheetKey{booklet: b, kind: receiptFrame, inline: fromElsewhere(c.Request()), keep: v.personal() && !v.anonymous(), last: v.study.Contact != "",
		variant: int32(v.wave.MinimumGroup)}
	if compared {
		key.pages = 1
	}
	var carried survey.Packed
	if v.anonymous() {
		key.left = 1
		var err error
		if carried, err = survey.Pack(v.instrument, v.response.Answers); err != nil {
			return err
		}
	}
	if s.takesAlong(c, v) {
		key.shown = 1
	}
	frame, err := s.shelf.find(key, b.receiptFrame)
	if err != nil {
		return err
	}
	p := newComposer()
	defer p.release()
	when := v.instant(b.words, v.receipt.SubmittedAt)
	values := [receiptSlots][]byte{p.escaped(v.study.Title), p.escaped(v.receipt.Code), p.escaped(when.ISO), p.escaped(when.Words), p.escaped(v.study.Contact),
		p.escaped(carried.Closed), p.escaped(carried.Numbers), p.escaped(carried.Texts)}
	tag := mixText(mix(b.tag, frame.tag), v.receipt.Code)
	if unchanged(c, tag) {
		return notModified(c, tag)
	}
	p.begin(spliceCoding(codingsOf(c.Request())))
	next := p.fill(frame, 0, values[:])
	if compared {
		cited, err := s.addCompared(p, b, v.response.Answers)
		if err != nil {
			return err
		}
		next = p.fill(frame, next, values[:])
		for n := range len(b.published().sources) {
			if cited>>(n+1)&1 == 0 {
				continue
			}
			source, err := s.shelf.find(sheetKey{booklet: b, kind: sourceSheet, at: int32(n)}, b.sourceSheet)
			if err != nil {
				return err
			}
			p.fill(source, 0, nil)
		}
		p.fill(frame, next, values[:])
	}
	return p.send(c, http.StatusOK, tag)
}

// addCompared appends the answers beside published figures and returns which
// sources they name.
func (s *Server) addCompared(p *composer, b *booklet, answers survey.Answers) (cited uint64, err error) {
	for _, f := range b.published().fields {
		a := answers[f.Index]
		if a.State != survey.Valid {
			continue
		}
		key := sheetKey{booklet: b, kind: comparisonSheet, at: int32(f.Index), variant: rowVariant(f, a)}
		one, err := s.shelf.find(key, b.comparisonSheet)
		if err != nil {
			return 0, err
		}
		var values [1][]byte
		if key.variant == typedRow {
			values[0] = p.escaped(withUnit(b.words, a.Number, f.Item.Unit))
		}
		p.fill(one, 0, values[:])
		cited |= b.published().cited[f.Index]
	}
	return cited, nil
}

// publishedFigures is what there is to compare with in a questionnaire.
type publishedFigures struct {
	fields  []survey.Field
	cited   []uint64 // by field: the sources of its figures
	sources []templates.Source
}

// published is found out once.
func (b *booklet) published() *publishedFigures {
	b.publishedOnce.Do(func() {
		cp := newComparer(b)
		figures := &publishedFigures{cited: make([]uint64, len(b.in.Fields())), sources: cp.sources}
		for _, f := range b.in.Fields() {
			if one, ok := cp.field(f, survey.Answer{State: survey.Valid}); ok {
				figures.fields = append(figures.fields, f)
				figures.cited[f.Index] = citedBy(one)
			}
		}
		b.publishedFound = figures
	})
	return b.publishedFound
}

// speakOf says whether there is something to compare a valid answer with.
func (f *publishedFigures) speakOf(answers survey.Answers) bool {
	return slices.ContainsFunc(f.fields, func(field survey.Field) bool { return answers[field.Index].State == survey.Valid })
}

// receiptFrame renders the receipt without the comparisons.
func (b *booklet) receiptFrame(key sheetKey) (*sheet, error) {
	p := b.receiptBase()
	p.Inline, p.ForAnHour, p.MinimumGroup = key.inline, key.keep, int(key.variant)
	p.Study, p.Code, p.When = marked(studySlot), marked(codeSlot), templates.Moment{ISO: marked(isoSlot), Words: marked(whenSlot)}
	if key.shown == 1 {
		p.Own = &templates.OwnFiles{}
	}
	if key.left == 1 {
		p = unlinked(p)
		if p.Own != nil {
			p.Own.Fields = carrying(marked(codeSlot), survey.Packed{Closed: marked(closedSlot), Numbers: marked(numbersSlot), Texts: marked(textsSlot)})
		}
	}
	if key.last {
		p.Contact = marked(contactSlot)
	}
	var marks []blank
	for slot := range receiptSlots {
		marks = append(marks, markOf(slot, 0))
	}
	if key.pages == 0 {
		return frameSheet(p, marks)
	}
	stand := templates.Comparison{Question: marked(receiptSlots)}
	source := templates.Source{Title: marked(receiptSlots + 1)}
	p.Compared, p.Sources = []templates.Comparison{stand}, []templates.Source{source}
	return frameSheet(p, marks, standIn{part: "compared", data: stand}, standIn{part: "source", data: source})
}

// comparisonSheet renders one answer beside published figures.
func (b *booklet) comparisonSheet(key sheetKey) (*sheet, error) {
	f := b.in.Fields()[key.at]
	one, _ := newComparer(b).field(f, survey.Answer{State: survey.Valid, Code: int(key.variant)})
	if key.variant == typedRow {
		one.Own = marked(0)
	}
	return partSheet(source{b.words, receiptTemplate}, "compared", one, markOf(0, 0))
}

func (b *booklet) sourceSheet(key sheetKey) (*sheet, error) {
	return partSheet(source{b.words, receiptTemplate}, "source", b.published().sources[key.at])
}
