package panel

import (
	"fmt"
	"math"

	"github.com/salesbench/salesbench/survey"
)

// firstSilence is the code of NotShown in a column of bytes; the other states
// follow. Codes 1..A are answers.
const firstSilence = 250

// silences is the number of states in which an answer is missing.
const silences = int(survey.Valid)

// mostPoints is the number of codes that fit one byte beside the states.
const mostPoints = int(firstSilence) - 1

// layout is where each field of the instrument is kept: in the columns, in the
// counts of an organization, and in the record of fixed length in which a
// response travels from a decoder to the columns.
type layout struct {
	inst   *survey.Instrument
	fields []survey.Field
	offset []int // first slot of a closed field in an organization's counts, -1 for others
	slots  int

	sections int
	record   []int // where a field stands in a record
	seconds  int   // where the times stand in a record
	size     int   // of a record
	marks    [][]byte
	cells    []cellPlace // of the closed fields
	bytes    int         // how many fields are columns of bytes
}

// cellPlace is where a closed field of one byte finds its slot, without asking
// whether its code is an answer or a silence: the code and base[code>>7].
type cellPlace struct {
	field int
	base  [2]int32
	plain bool // so it does; else the field has too many options
}

// Where the parts of a record stand that every response has.
const (
	recordID           = 0
	recordFingerprint  = 16
	recordSubmitted    = 24 // seconds
	recordNanos        = 32
	recordOrganization = 36
	recordTeam         = 40
	recordRole         = 44
	recordLanguage     = 48
	recordWeight       = 56
	recordFields       = 64
)

func newLayout(inst *survey.Instrument) (*layout, error) {
	l := &layout{inst: inst, fields: inst.Fields(), sections: len(inst.Sections)}
	l.offset, l.record = make([]int, len(l.fields)), make([]int, len(l.fields))
	l.size = recordFields
	for i, f := range l.fields {
		if oneByte(&f) {
			l.bytes++
		}
		l.offset[i] = -1
		if !f.Closed() {
			continue
		}
		if f.Points > math.MaxUint16-silences {
			return nil, fmt.Errorf("item %s has %d options, more than a panel can hold", f.Key, f.Points)
		}
		l.offset[i] = l.slots
		l.slots += f.Points + silences
	}
	l.place(func(f *survey.Field) int { return 8 }, inst.NumberFields())
	l.seconds = l.size
	l.size += 4 * l.sections
	l.place(cellSize, inst.ClosedFields())
	l.place(func(f *survey.Field) int { return 1 }, inst.TextFields())
	l.size = (l.size + 7) &^ 7
	for _, i := range inst.ClosedFields() {
		f := &l.fields[i]
		l.marks = append(l.marks, l.marksOf(f))
		l.cells = append(l.cells, cellPlace{field: i, plain: f.Points < 128,
			base: [2]int32{int32(l.offset[i] - 1), int32(l.offset[i] + f.Points - firstSilence)}})
	}
	return l, nil
}

func (l *layout) place(size func(*survey.Field) int, fields []int) {
	for _, i := range fields {
		l.record[i] = l.size
		l.size += size(&l.fields[i])
	}
}

// wide says whether the codes of a closed field need two bytes.
func wide(f *survey.Field) bool { return f.Points > mostPoints }

// oneByte says whether a field is a column of bytes: codes, or of an open question
// the states.
func oneByte(f *survey.Field) bool {
	return f.Closed() && !wide(f) || f.Kind == survey.LongText
}

func cellSize(f *survey.Field) int {
	if wide(f) {
		return 2
	}
	return 1
}

// turn recodes the answer to a reverse item, and back.
func turn(f *survey.Field, code int) int {
	if f.Kind == survey.Likert && f.Item.Reverse {
		return f.Points + 1 - code
	}
	return code
}

// slotOf is the place of an answer among the counts of its field.
func slotOf(f *survey.Field, state survey.State, code int) int {
	if state == survey.Valid {
		return turn(f, code) - 1
	}
	return f.Points + int(state)
}

// cellOf is the code of an answer in the column of its field. A wide column holds
// the slot and one, a column of bytes keeps the silences at the upper end.
func cellOf(f *survey.Field, state survey.State, code int) int {
	switch {
	case wide(f):
		return slotOf(f, state, code) + 1
	case state == survey.Valid:
		return turn(f, code)
	}
	return firstSilence + int(state)
}

// marksOf translates the characters of the packed form that are one byte long;
// 0 stands for all that need a closer look.
func (l *layout) marksOf(f *survey.Field) []byte {
	if wide(f) {
		return nil
	}
	marks := make([]byte, 256)
	for state := survey.NotShown; state < survey.Valid; state++ {
		marks[state.Mark()] = byte(cellOf(f, state, 0))
	}
	for code := 1; code <= f.Points && '0'+code < 0x80; code++ {
		marks['0'+code] = byte(cellOf(f, survey.Valid, code))
	}
	return marks
}

// check says what of a response does not fit.
func (l *layout) check(r *survey.Response) error {
	if len(r.Answers) != len(l.fields) {
		return fmt.Errorf("response %s has %d answers, the instrument %d fields", r.ID, len(r.Answers), len(l.fields))
	}
	if !weighs(r.Weight) {
		return fmt.Errorf("response %s has weight %v", r.ID, r.Weight)
	}
	for i, f := range l.fields {
		a := r.Answers[i]
		switch {
		case a.State > survey.Valid:
			return fmt.Errorf("response %s, %s: unknown state %d", r.ID, f.Key, a.State)
		case a.State != survey.Valid:
		case f.Closed() && (a.Code < 1 || a.Code > f.Points):
			return fmt.Errorf("response %s, %s: answer %d is not one of 1 to %d", r.ID, f.Key, a.Code, f.Points)
		case math.IsNaN(a.Number) || math.IsInf(a.Number, 0):
			return fmt.Errorf("response %s, %s: the number is not finite", r.ID, f.Key)
		}
	}
	return nil
}

func weighs(w float64) bool { return w >= 0 && !math.IsInf(w, 1) }

// A number that is missing is one of the values that are no number: the state
// stands in its lowest bits, so that no second column is needed.
const noNumber = 0x7ff8_0000_0000_0001

func silentNumber(state survey.State) float64 {
	return math.Float64frombits(noNumber + uint64(state))
}

func numberOf(v float64) (float64, survey.State) {
	if v == v {
		return v, survey.Valid
	}
	return 0, survey.State(math.Float64bits(v) - noNumber)
}

const noNarrow = 0x7fc0_0001

func silentNarrow(state survey.State) float32 {
	return math.Float32frombits(noNarrow + uint32(state))
}

func narrowOf(v float32) (float64, survey.State) {
	if v == v {
		return float64(v), survey.Valid
	}
	return 0, survey.State(math.Float32bits(v) - noNarrow)
}
