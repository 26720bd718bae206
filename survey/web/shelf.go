package web

import (
	"sync"
	"sync/atomic"
)

// shelfLimit is how many bytes of compiled pages are kept. The largest
// questionnaire in four roles and four languages needs about half of it.
const shelfLimit = 64 << 20

// sheetKind says what a sheet holds.
type sheetKind uint8

const (
	questionSheet    sheetKind = iota // one question with one answer
	sectionFrame                      // a page of questions without the questions
	untouchedSection                  // a page of questions on which nothing is answered
	reviewFrame
	reviewHead
	reviewRow
	receiptFrame
	comparisonSheet
	sourceSheet
	consentSheet
	savedSheet
)

// sheetKey names a sheet by all that it depends on.
type sheetKey struct {
	booklet *booklet
	kind    sheetKind
	inline  bool // carries its style
	last    bool
	keep    bool   // says the link
	at      int32  // section, or field of the question
	variant int32  // answer of the question, or place on the path
	pages   int32  // 0: not known yet
	left    int32  // minutes
	idle    int32  // seconds, on a shared tablet
	shown   uint64 // which questions of the section
	words   string // facts that stand on the page
}

// shelf keeps sheets until there are too many of them; those that nobody asked
// for lately go first.
type shelf struct {
	mu     sync.RWMutex
	kept   map[sheetKey]*shelved
	weight int
	limit  int
}

type shelved struct {
	once   sync.Once
	sheet  *sheet
	err    error
	weight int // 0 until it is made
	used   atomic.Bool
	hand   *handy // nil: it is found on the shelf only
}

// handy is where a sheet that is asked for often is found without the shelf. It is
// empty while nobody has asked for a while.
type handy = atomic.Pointer[sheet]

func newShelf(limit int) *shelf { return &shelf{kept: make(map[sheetKey]*shelved), limit: limit} }

// look returns the sheet if it is there.
func (s *shelf) look(key sheetKey) *sheet {
	s.mu.RLock()
	e := s.kept[key]
	s.mu.RUnlock()
	if e == nil || !e.used.Load() {
		return nil
	}
	return e.sheet
}

// get makes the sheet where it is not there; those who ask meanwhile wait for it.
func (s *shelf) get(key sheetKey, build func() (*sheet, error)) (*sheet, error) {
	e := s.entry(key, nil, build)
	return e.sheet, e.err
}

func (s *shelf) entry(key sheetKey, hand *handy, build func() (*sheet, error)) *shelved {
	s.mu.Lock()
	e := s.kept[key]
	if e == nil {
		e = &shelved{hand: hand}
		s.kept[key] = e
	}
	s.mu.Unlock()
	e.once.Do(func() {
		e.sheet, e.err = build()
		s.settle(key, e)
	})
	e.used.Store(true)
	return e
}

// findAt is find for a sheet that has a place at hand; without one it is find.
func (s *shelf) findAt(hand *handy, key sheetKey, build func(sheetKey) (*sheet, error)) (*sheet, error) {
	if hand == nil {
		return s.find(key, build)
	}
	if kept := hand.Load(); kept != nil {
		return kept, nil
	}
	e := s.entry(key, hand, func() (*sheet, error) { return build(key) })
	s.mu.Lock()
	if s.kept[key] == e {
		hand.Store(e.sheet)
	}
	s.mu.Unlock()
	return e.sheet, e.err
}

// handRows has a place at hand for each of the usual answers to each question.
type handRows []handy

// The answers that have one, by the variants of rows.
const (
	lowestRow = -8
	rowsEach  = 32
)

func newHandRows(fields int) handRows { return make(handRows, fields*rowsEach) }

func (r handRows) place(key sheetKey) *handy {
	at := int(key.variant) - lowestRow
	if at < 0 || at >= rowsEach {
		return nil
	}
	return &r[int(key.at)*rowsEach+at]
}

// find returns the sheet, made where it is not there.
func (s *shelf) find(key sheetKey, build func(sheetKey) (*sheet, error)) (*sheet, error) {
	if kept := s.look(key); kept != nil {
		return kept, nil
	}
	return s.get(key, func() (*sheet, error) { return build(key) })
}

// settle counts what was made. What could not be made is tried again.
func (s *shelf) settle(key sheetKey, e *shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.err != nil {
		delete(s.kept, key)
		return
	}
	e.weight = e.sheet.weight() + len(key.words) + shelvedOverhead
	s.weight += e.weight
	for _, spare := range []bool{true, false} {
		for other, o := range s.kept {
			if s.weight <= s.limit {
				return
			}
			if o == e || o.weight == 0 {
				continue
			}
			used := o.used.Swap(false)
			if o.hand != nil {
				o.hand.Store(nil) // whoever asks again says that it is used
			}
			if spare && used {
				continue
			}
			delete(s.kept, other)
			s.weight -= o.weight
		}
	}
}

// shelvedOverhead is an entry without its sheet, roughly.
const shelvedOverhead = 256
