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
}

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
	s.mu.Lock()
	e := s.kept[key]
	if e == nil {
		e = &shelved{}
		s.kept[key] = e
	}
	s.mu.Unlock()
	e.once.Do(func() {
		e.sheet, e.err = build()
		s.settle(key, e)
	})
	e.used.Store(true)
	return e.sheet, e.err
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
			if o == e || o.weight == 0 || spare && o.used.Swap(false) {
				continue
			}
			delete(s.kept, other)
			s.weight -= o.weight
		}
	}
}

// shelvedOverhead is an entry without its sheet, roughly.
const shelvedOverhead = 256
