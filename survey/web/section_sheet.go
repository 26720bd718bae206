package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// The slots of a page of questions.
const (
	seenSlot = iota
	shownAtSlot
	linkSlot
	sectionSlots
)

// The values of these slots have one length, so that the page can be compressed
// as a whole.
const (
	seenLength    = 16
	shownAtLength = 10
)

// longestMask is how many questions a page may have whose first look is kept.
const longestMask = 64

// sendSection sends the page at a place of the path with what is saved, put
// together from sheets.
func (s *Server) sendSection(c echo.Context, v *visit, at int) error {
	b, path := v.booklet(), v.path()
	shown := path[at]
	seen := b.seen(shown.Items, v.draft.Answers)
	key := s.sectionKey(c, v, at)
	if whole := shownMask(b.in.Sections[shown.Section].Items, shown.Items); seen == nothingSeen && whole != 0 {
		key.kind, key.shown = untouchedSection, whole
	}
	frame := s.shelf.look(key)
	if frame == nil {
		var err error
		if frame, err = s.shelf.get(key, s.sectionBuilder(b, key, path)); err != nil {
			return err
		}
	}
	p := newComposer()
	defer p.release()
	var values [sectionSlots][]byte
	values[seenSlot] = p.keep(appendSeen(p.room(), seen))
	values[shownAtSlot] = p.keep(appendShownAt(p.room(), s.Now().Unix()))
	if key.keep {
		values[linkSlot] = p.escaped(s.address(c) + v.at(""))
	}
	tag := mix(mix(b.tag, frame.tag), seen)
	if key.kind == untouchedSection {
		if unchanged(c, tag) {
			return notModified(c, tag)
		}
		p.whole(c.Request(), frame, values[:])
		return p.send(c, http.StatusOK, tag)
	}
	for _, item := range shown.Items {
		tag = mix(tag, uint64(b.in.ItemFields(item)[0].Index))
	}
	if unchanged(c, tag) {
		return notModified(c, tag)
	}
	p.begin(spliceCoding(codingsOf(c.Request())))
	next := p.fill(frame, 0, values[:])
	for _, item := range shown.Items {
		if err := s.addQuestion(p, b, item, v.draft.Answers); err != nil {
			return err
		}
	}
	p.fill(frame, next, values[:])
	return p.send(c, http.StatusOK, tag)
}

// sectionKey names what the frame of the page depends on.
func (s *Server) sectionKey(c echo.Context, v *visit, at int) sheetKey {
	path := v.path()
	key := sheetKey{booklet: v.booklet(), kind: sectionFrame, at: int32(path[at].Section), variant: int32(at),
		inline: fromElsewhere(c.Request()), keep: at == 0 && !v.personal() && !ofKiosk(c), idle: int32(s.idleOf(c)), left: int32(v.booklet().minutesLeft(path[at:]))}
	if v.booklet().known {
		key.pages, key.last = int32(len(path)), at == len(path)-1
	}
	return key
}

// addQuestion appends one question with its answer.
func (s *Server) addQuestion(p *composer, b *booklet, item *survey.Item, answers survey.Answers) error {
	fields := b.in.ItemFields(item)
	first, shows := fields[0].Index, variant(item, fields, answers)
	key := sheetKey{booklet: b, kind: questionSheet, at: int32(first), variant: int32(shows)}
	sheet := s.shelf.look(key)
	if sheet == nil {
		var err error
		if sheet, err = s.shelf.get(key, b.questionBuilder(first, shows)); err != nil {
			return err
		}
	}
	values := p.values[:0]
	if len(sheet.slots) > 0 {
		for _, f := range fields {
			values = append(values, p.escaped(b.entered(f, answers[f.Index])))
		}
	}
	p.fill(sheet, 0, values)
	p.values = values
	return nil
}

func (b *booklet) questionBuilder(first, variant int) func() (*sheet, error) {
	return func() (*sheet, error) { return b.question(first, variant) }
}

// shownMask has a bit for each item of the section that is shown; 0 where they
// are too many.
func shownMask(items []survey.Item, shown []*survey.Item) uint64 {
	if len(items) > longestMask {
		return 0
	}
	mask, at := uint64(0), 0
	for _, item := range shown {
		for items[at].Key != item.Key {
			at++
		}
		mask |= 1 << at
	}
	return mask
}

func (s *Server) sectionBuilder(b *booklet, key sheetKey, path []survey.Shown) func() (*sheet, error) {
	return func() (*sheet, error) {
		return b.sectionSheet(key, path, s.effortOf(b.in).minutes)
	}
}

// sectionSheet renders the page without answers: a frame with a place for the
// questions, or whole.
func (b *booklet) sectionSheet(key sheetKey, path []survey.Shown, span spread) (*sheet, error) {
	shown := path[key.variant]
	p := b.sectionPage(path, int(key.variant), span)
	p.Inline, p.Seen, p.ShownAt = key.inline, marked(seenSlot), markNumber
	onTablet(&p.Base, int(key.idle))
	if key.keep {
		p.KeepLink = marked(linkSlot)
	}
	marks := []blank{markOf(seenSlot, seenLength), {text: strconv.FormatInt(markNumber, 10), slot: shownAtSlot, length: shownAtLength}, markOf(linkSlot, 0)}
	if key.kind == untouchedSection {
		sv := b.view()
		p.Questions = sv.questions(shown.Items)
		html, err := templates.Render(p)
		if err != nil {
			return nil, err
		}
		return newSheet(html, marks), nil
	}
	stand := templates.Question{Kind: templates.NumberQuestion, Key: marked(sectionSlots)}
	p.Questions = []templates.Question{stand}
	return frameSheet(p, marks, standIn{"question", stand, questionEnd})
}

// nothingSeen is the digest of a page without answers.
const nothingSeen = 0xcbf29ce484222325

// seen is a short name for what is saved on a page, the same on every replica,
// so that a second tab can tell whether it changed since.
func (b *booklet) seen(items []*survey.Item, answers survey.Answers) uint64 {
	digest := uint64(nothingSeen)
	for _, item := range items {
		for _, f := range b.in.ItemFields(item) {
			a := &answers[f.Index]
			switch {
			case a.State == survey.NotShown || a.State == survey.Skipped:
				continue
			case a.State == survey.Valid && f.Kind == survey.LongText && a.Text == "":
				continue
			}
			digest = mix(digest, uint64(f.Index)<<8|uint64(a.State))
			if a.State != survey.Valid {
				continue
			}
			switch {
			case f.Closed():
				digest = mix(digest, uint64(a.Code))
			case f.Kind == survey.LongText:
				digest = mixText(digest, a.Text)
			default:
				digest = mixText(digest, formatNumber(a.Number))
			}
		}
	}
	return digest
}
