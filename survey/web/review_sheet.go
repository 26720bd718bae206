package web

import (
	"encoding/hex"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// The slots of the review.
const (
	keySlot = iota
	digestSlot
	reviewSlots
)

const reviewTemplate = "review"

// sendReview sends complete answers for checking, put together from sheets: a
// frame, a head for each section and a row for each question with its answer.
func (s *Server) sendReview(c echo.Context, v *visit, answers survey.Answers, digest [32]byte) error {
	b, path := v.booklet(), v.path()
	open := 0
	for _, shown := range path {
		for _, item := range shown.Items {
			if isOpen(b.in, item, answers) {
				open++
			}
		}
	}
	key := sheetKey{booklet: b, kind: reviewFrame, inline: fromElsewhere(c.Request()), idle: int32(s.idleOf(c)), variant: int32(open), at: int32(path[len(path)-1].Section)}
	frame, err := s.shelf.find(key, b.reviewFrame)
	if err != nil {
		return err
	}
	p := newComposer()
	defer p.release()
	var values [reviewSlots][]byte
	values[keySlot] = p.escaped(v.submissionKey())
	values[digestSlot] = p.keep(hex.AppendEncode(p.room(), digest[:]))
	tag := mixText(mix(b.tag, frame.tag), string(digest[:]))
	if unchanged(c, tag) {
		return notModified(c, tag)
	}
	p.begin(spliceCoding(codingsOf(c.Request())))
	next := p.fill(frame, 0, values[:])
	for _, shown := range path {
		if err := s.addReviewed(p, b, shown, answers); err != nil {
			return err
		}
	}
	p.fill(frame, next, values[:])
	return p.send(c, http.StatusOK, tag)
}

// addReviewed appends the answers of one page.
func (s *Server) addReviewed(p *composer, b *booklet, shown survey.Shown, answers survey.Answers) error {
	head, err := s.shelf.find(sheetKey{booklet: b, kind: reviewHead, at: int32(shown.Section)}, b.reviewHead)
	if err != nil {
		return err
	}
	next := p.fill(head, 0, nil)
	sv := b.view()
	for _, item := range shown.Items {
		field := b.in.ItemFields(item)[0]
		a := answers[field.Index]
		key := sheetKey{booklet: b, kind: reviewRow, at: int32(field.Index), variant: rowVariant(field, a)}
		row, err := s.shelf.findAt(b.rows.place(key), key, b.reviewRow)
		if err != nil {
			return err
		}
		var values [1][]byte
		if key.variant == typedRow {
			values[0] = p.escaped(sv.said(item, answers))
		}
		p.fill(row, 0, values[:])
	}
	p.fill(head, next, nil)
	return nil
}

// Variants of a row: a positive number is the code of a closed answer, a
// negative one the state of a missing one less one.
const typedRow = 0

func rowVariant(f survey.Field, a survey.Answer) int32 {
	switch {
	case a.State != survey.Valid:
		return -int32(a.State) - 1
	case f.Closed():
		return int32(a.Code)
	}
	return typedRow
}

// reviewFrame renders the review without its answers.
func (b *booklet) reviewFrame(key sheetKey) (*sheet, error) {
	stand := templates.ReviewSection{Heading: marked(reviewSlots)}
	p := b.reviewBase()
	onTablet(&p.Base, int(key.idle))
	p.Inline, p.Key, p.Digest, p.Open = key.inline, marked(keySlot), marked(digestSlot), int(key.variant)
	p.Back, p.Sections = sectionLink(int(key.at)), []templates.ReviewSection{stand}
	return frameSheet(p, []blank{markOf(keySlot, 0), markOf(digestSlot, 0)}, standIn{"reviewed", stand, "\n"})
}

// reviewHead renders what surrounds the answers of one page.
func (b *booklet) reviewHead(key sheetKey) (*sheet, error) {
	stand := templates.ReviewAnswer{Question: marked(0)}
	section := templates.ReviewSection{Heading: b.in.Sections[key.at].Title.In(b.language), URL: sectionLink(int(key.at)), Answers: []templates.ReviewAnswer{stand}}
	html, err := templates.RenderPart(b.words, reviewTemplate, "reviewed", section)
	if err != nil {
		return nil, err
	}
	return openSheet(source{b.words, reviewTemplate}, append(html, '\n'), nil, standIn{part: "answer", data: stand})
}

// reviewRow renders one question with its answer.
func (b *booklet) reviewRow(key sheetKey) (*sheet, error) {
	f := b.in.Fields()[key.at]
	answers := b.in.NewAnswers()
	for _, field := range b.in.ItemFields(f.Item) {
		answers[field.Index] = survey.Answer{State: survey.Valid, Code: int(key.variant)}
		if key.variant < 0 {
			answers[field.Index] = survey.Answer{State: survey.State(-key.variant - 1)}
		}
	}
	sv := b.view()
	row := sv.reviewed(f.Item, answers)
	if key.variant == typedRow {
		row.Answer = marked(0)
	}
	return partSheet(source{b.words, reviewTemplate}, "answer", row, markOf(0, 0))
}
