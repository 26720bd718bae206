package panel

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/salesbench/salesbench/survey"
)

// Attribute is what a filter can ask of a response beside its answers.
type Attribute string

// The attributes. Industry, Region and Size belong to the organization and come
// from the list that is given to Where.
const (
	ByOrganization Attribute = "organization"
	ByTeam         Attribute = "team"
	ByRole         Attribute = "role"
	ByLanguage     Attribute = "language"
	ByIndustry     Attribute = "industry"
	ByRegion       Attribute = "region"
	BySize         Attribute = "size"
)

// Filter says which responses count. Exactly one of All, Any, Attribute, Item and
// Rows is set; Not turns it round. The zero Filter lets everything through.
type Filter struct {
	All []Filter // every one of them holds
	Any []Filter // at least one of them holds

	Attribute Attribute
	Values    []string // of the attribute

	Item   string // key of a closed item
	Codes  []int  // answers, as they are kept: a reverse item is recoded
	States []survey.State

	// Rows are chosen by other means, such as flags of quality: one bit per row.
	// Label names them, since what is made of a filter is kept by its name.
	Rows  []uint64
	Label string

	Not bool
}

// String names the filter; two that read alike let the same responses through.
func (f Filter) String() string {
	text := ""
	list := func(sign string, parts []Filter) string {
		var words []string
		for _, p := range parts {
			words = append(words, p.String())
		}
		slices.Sort(words)
		return "(" + strings.Join(slices.Compact(words), sign) + ")"
	}
	switch {
	case f.All != nil:
		text = list(" and ", f.All)
	case f.Any != nil:
		text = list(" or ", f.Any)
	case f.Attribute != "":
		text = fmt.Sprintf("%s=%q", f.Attribute, slices.Sorted(slices.Values(f.Values)))
	case f.Item != "":
		text = fmt.Sprintf("%s=%v%v", f.Item, slices.Sorted(slices.Values(f.Codes)), slices.Sorted(slices.Values(f.States)))
	case f.Rows != nil:
		text = "rows=" + strconv.Quote(f.Label)
	default:
		text = "all"
	}
	if f.Not {
		return "not " + text
	}
	return text
}

// Where returns the snapshot of the responses that the filter lets through. Rows
// and codes are those of the whole snapshot; counts are those of the filter. The
// organizations say which industry, region and size each one has. A filter that
// names no item or attribute of the instrument is Invalid.
func (s *Snapshot) Where(f Filter, directory []survey.Organization) (*Snapshot, error) {
	test, err := s.compile(&f, directory)
	if err != nil {
		return nil, err
	}
	x := &selection{whole: s, filter: f.String(), words: make([]uint64, len(s.chunks)<<(chunkBits-6)),
		places: make([][]uint16, len(s.chunks)), counts: make([]atomic.Pointer[[]uint32], len(s.layout.fields))}
	inParallel(len(s.chunks), s.rows, func(k int) {
		rows := s.rowsIn(k)
		words := x.words[k<<(chunkBits-6):][:(rows+63)>>6]
		test(k, words)
		if rest := rows & 63; rest > 0 {
			words[len(words)-1] &= 1<<rest - 1
		}
		if s.selected != nil {
			for i := range words {
				words[i] &= s.selected.words[k<<(chunkBits-6)+i]
			}
		}
		x.places[k] = placesOf(words)
	})
	if s.selected != nil {
		x.whole, x.filter = s.selected.whole, s.selected.filter+" and "+x.filter
	}
	x.gather()
	part := *s
	part.memo, part.selected = &memo{}, x
	return &part, nil
}

// Filter names the filter of a filtered snapshot; empty for a whole one.
func (s *Snapshot) Filter() string {
	if s.selected == nil {
		return ""
	}
	return s.selected.filter
}

// test writes one bit per row of a chunk.
type test func(chunk int, words []uint64)

func (s *Snapshot) compile(f *Filter, directory []survey.Organization) (test, error) {
	var made test
	var err error
	switch {
	case f.All != nil:
		made, err = s.compileList(f.All, directory, func(a, b uint64) uint64 { return a & b })
	case f.Any != nil:
		made, err = s.compileList(f.Any, directory, func(a, b uint64) uint64 { return a | b })
	case f.Attribute != "":
		made, err = s.compileAttribute(f, directory)
	case f.Item != "":
		made, err = s.compileItem(f)
	case f.Rows != nil:
		made = func(k int, words []uint64) {
			clear(words)
			if from := k << (chunkBits - 6); from < len(f.Rows) {
				copy(words, f.Rows[from:])
			}
		}
	default:
		made = func(_ int, words []uint64) {
			for i := range words {
				words[i] = ^uint64(0)
			}
		}
	}
	if err != nil || !f.Not {
		return made, err
	}
	return func(k int, words []uint64) {
		made(k, words)
		for i := range words {
			words[i] = ^words[i]
		}
	}, nil
}

// rowsIn is the number of rows of a chunk that belong to the snapshot: the room
// behind them is the writer's.
func (s *Snapshot) rowsIn(k int) int { return min(s.rows-k<<chunkBits, chunkRows) }

func (s *Snapshot) compileList(list []Filter, directory []survey.Organization, join func(a, b uint64) uint64) (test, error) {
	tests := make([]test, len(list))
	for i := range list {
		var err error
		if tests[i], err = s.compile(&list[i], directory); err != nil {
			return nil, err
		}
	}
	return func(k int, words []uint64) {
		if len(tests) == 0 {
			clear(words)
			return
		}
		tests[0](k, words)
		other := make([]uint64, len(words))
		for _, t := range tests[1:] {
			t(k, other)
			for i := range words {
				words[i] = join(words[i], other[i])
			}
		}
	}, nil
}

func (s *Snapshot) compileAttribute(f *Filter, directory []survey.Organization) (test, error) {
	wanted := func(names []string) []uint8 {
		in := make([]uint8, len(names))
		for i, name := range names {
			if slices.Contains(f.Values, name) {
				in[i] = 1
			}
		}
		return in
	}
	switch f.Attribute {
	case ByTeam:
		in := wanted(s.words[teams])
		return func(k int, words []uint64) { pickCodes(words, s.chunks[k].team[:s.rowsIn(k)], in) }, nil
	case ByRole:
		in := wanted(s.words[roles])
		return func(k int, words []uint64) { pickCodes(words, s.chunks[k].role[:s.rowsIn(k)], in) }, nil
	case ByLanguage:
		in := wanted(s.words[languages])
		return func(k int, words []uint64) { pickCodes(words, s.chunks[k].language[:s.rowsIn(k)], in) }, nil
	case ByOrganization:
		in := wanted(s.words[organizations])
		return func(k int, words []uint64) { pickCodes(words, s.chunks[k].organization[:s.rowsIn(k)], in) }, nil
	}
	trait := map[Attribute]func(*survey.Organization) string{
		ByIndustry: func(o *survey.Organization) string { return o.Industry },
		ByRegion:   func(o *survey.Organization) string { return o.Region },
		BySize:     func(o *survey.Organization) string { return o.Size },
	}[f.Attribute]
	if trait == nil {
		return nil, survey.Errorf(survey.Invalid, "responses can not be chosen by %q", f.Attribute)
	}
	has := make(map[string]bool, len(directory))
	for i := range directory {
		has[string(directory[i].ID)] = slices.Contains(f.Values, trait(&directory[i]))
	}
	in := make([]uint8, len(s.words[organizations]))
	for code, id := range s.words[organizations] {
		if has[id] {
			in[code] = 1
		}
	}
	return func(k int, words []uint64) { pickCodes(words, s.chunks[k].organization[:s.rowsIn(k)], in) }, nil
}

func (s *Snapshot) compileItem(f *Filter) (test, error) {
	field, ok := s.inst.FieldByKey(f.Item)
	if !ok || !field.Closed() {
		return nil, survey.Errorf(survey.Invalid, "responses can not be chosen by %q, which is no closed item of the questionnaire", f.Item)
	}
	size := s.DistributionSize(field.Index)
	slots := make([]uint8, size+1) // a wide column holds the slot and one
	for _, code := range f.Codes {
		if code < 1 || code > field.Points {
			return nil, survey.Errorf(survey.Invalid, "%s has no answer %d", f.Item, code)
		}
		slots[code] = 1
	}
	for _, state := range f.States {
		if state >= survey.Valid {
			return nil, survey.Errorf(survey.Invalid, "%s can not be chosen by the state %s", f.Item, state)
		}
		slots[field.Points+int(state)+1] = 1
	}
	if wide(&field) {
		return func(k int, words []uint64) { pickCodes(words, s.chunks[k].wide[field.Index][:s.rowsIn(k)], slots) }, nil
	}
	cells := make([]uint8, 256)
	for cell := range cells {
		if slot := byteSlot(byte(cell), field.Points); slot >= 0 && slot < size {
			cells[cell] = slots[slot+1]
		}
	}
	return func(k int, words []uint64) { pickCodes(words, s.chunks[k].bytes[field.Index][:s.rowsIn(k)], cells) }, nil
}

// pickCodes sets the bit of every row whose code is in.
func pickCodes[T uint8 | uint16 | int32](words []uint64, column []T, in []uint8) {
	for w := range words {
		rows := column[w<<6:]
		rows = rows[:min(64, len(rows))]
		word := uint64(0)
		for i, code := range rows {
			word |= uint64(in[code]) << i
		}
		words[w] = word
	}
}

// placesOf lists the rows of a chunk whose bit is set.
func placesOf(words []uint64) []uint16 {
	n := 0
	for _, word := range words {
		n += bits.OnesCount64(word)
	}
	places := make([]uint16, 0, n)
	for w, word := range words {
		for ; word != 0; word &= word - 1 {
			places = append(places, uint16(w<<6+bits.TrailingZeros64(word)))
		}
	}
	return places
}

// gather lists the rows of each organization.
func (x *selection) gather() {
	s := x.whole
	x.from = make([]int32, len(s.words[organizations])+1)
	for k, places := range x.places {
		organization := s.chunks[k].organization
		for _, at := range places {
			x.from[organization[at]+1]++
		}
	}
	for i := 1; i < len(x.from); i++ {
		x.most = max(x.most, int(x.from[i]))
		x.from[i] += x.from[i-1]
	}
	x.rows = make([]int32, x.from[len(x.from)-1])
	next := slices.Clone(x.from)
	for k, places := range x.places {
		organization := s.chunks[k].organization
		for _, at := range places {
			o := organization[at]
			x.rows[next[o]] = int32(k<<chunkBits + int(at))
			next[o]++
		}
	}
}
