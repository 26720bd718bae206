package panel

import (
	"encoding/binary"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// Batch holds responses that have been read and checked but are not yet in a
// panel. Only its decoder knows what is in it.
type Batch struct {
	layout  *layout
	words   [attributes][]string
	source  *source
	records []byte
}

// source is what the batches of one decoder share: how their codes are translated
// into those of the panels that take them. Only a panel's writer touches it.
type source struct {
	translations map[*names]*translation
	free         sync.Pool // of the memory of records
}

func newSource() *source { return &source{translations: map[*names]*translation{}} }

// recycle takes the memory of a batch back, of which nothing is used any more.
func (s *source) recycle(b *Batch) {
	if cap(b.records) > 0 {
		s.free.Put(&b.records)
	}
}

func (s *source) into(v vocabulary) *translation {
	t := s.translations[v[organizations]]
	if t == nil {
		t = &translation{into: v}
		s.translations[v[organizations]] = t
	}
	return t
}

// Len is the number of responses.
func (b *Batch) Len() int { return len(b.records) / b.layout.size }

func (b *Batch) at(i int) record {
	return b.records[i*b.layout.size : (i+1)*b.layout.size : (i+1)*b.layout.size]
}

// translate returns the code that an attribute of a record has elsewhere.
func (b *Batch) translate(t *translation, r record, attribute int) int32 {
	return t.of(attribute, b.words[attribute], r.code(attributeAt[attribute]))
}

// Decoder turns stored responses into batches for a panel. Each goroutine needs
// its own; the panel is not touched before it takes a batch.
type Decoder struct {
	layout     *layout
	vocabulary vocabulary
	source     *source
	records    []byte
	last       int // how much memory the last batch took
	cells      []int16
}

func newDecoder(l *layout) *Decoder {
	return &Decoder{layout: l, vocabulary: newVocabulary(), source: newSource()}
}

// Append takes one response. What does not fit the instrument is an error.
func (d *Decoder) Append(p *survey.PackedResponse) error {
	if !weighs(p.Weight) {
		return survey.Errorf(survey.Internal, "response %s has weight %v", p.ID, p.Weight)
	}
	r := d.next()
	if !d.closed(r, p.Closed) || !d.numbers(r, p.Numbers) || !d.texts(r, p.Texts) {
		answers, err := survey.Unpack(d.layout.inst, survey.Packed{Closed: string(p.Closed), Numbers: string(p.Numbers), Texts: string(p.Texts)})
		if err != nil {
			d.drop()
			return survey.Errorf(survey.Internal, "response %s: the stored answers can not be read: %w", p.ID, err)
		}
		d.answers(r, answers)
	}
	if !d.times(r, p.Seconds) {
		d.drop()
		return survey.Errorf(survey.Internal, "response %s: the stored times on sections can not be read", p.ID)
	}
	r.setID(p.ID)
	r.setSubmitted(time.UnixMicro(p.Submitted))
	r.setNumber(recordWeight, p.Weight)
	v := d.vocabulary
	r.setCode(recordOrganization, int(v[organizations].ofUID(p.Organization)))
	r.setCode(recordTeam, int(v[teams].ofUID(p.Team)))
	r.setCode(recordRole, int(v[roles].ofBytes(p.Role)))
	r.setCode(recordLanguage, int(v[languages].ofBytes(p.Language)))
	return nil
}

// AppendResponse is Append for a response whose answers are unpacked.
func (d *Decoder) AppendResponse(response *survey.Response) error {
	if err := d.layout.check(response); err != nil {
		return err
	}
	r := d.next()
	d.answers(r, response.Answers)
	for s := range d.layout.sections {
		var seconds float32
		if s < len(response.Seconds) {
			seconds = response.Seconds[s]
		}
		r.setNarrow(d.layout.seconds+4*s, seconds)
	}
	r.setID(keyOf(response.ID))
	r.setSubmitted(response.SubmittedAt)
	r.setNumber(recordWeight, response.Weight)
	v := d.vocabulary
	r.setCode(recordOrganization, int(v[organizations].of(string(response.OrganizationID))))
	r.setCode(recordTeam, int(v[teams].of(string(response.TeamID))))
	r.setCode(recordRole, int(v[roles].of(response.Role)))
	r.setCode(recordLanguage, int(v[languages].of(response.Language)))
	return nil
}

// Cut returns what was taken since the last cut.
func (d *Decoder) Cut() *Batch {
	b := &Batch{layout: d.layout, source: d.source, records: d.records}
	for a, n := range d.vocabulary {
		b.words[a] = n.list
	}
	d.records, d.last = nil, len(b.records)
	return b
}

// next makes room for one record.
func (d *Decoder) next() record {
	at := len(d.records)
	if at == 0 && cap(d.records) == 0 {
		if free, ok := d.source.free.Get().(*[]byte); ok {
			d.records = (*free)[:0]
		} else {
			d.records = make([]byte, 0, d.last)
		}
	}
	if at+d.layout.size > cap(d.records) {
		d.records = slices.Grow(d.records, max(d.layout.size, at))
	}
	d.records = d.records[:at+d.layout.size]
	return d.records[at:]
}

func (d *Decoder) drop() { d.records = d.records[:len(d.records)-d.layout.size] }

// answers writes unpacked answers that have been checked.
func (d *Decoder) answers(r record, answers survey.Answers) {
	for i := range d.layout.fields {
		f, a, at := &d.layout.fields[i], answers[i], d.layout.record[i]
		switch {
		case f.Closed() && wide(f):
			binary.LittleEndian.PutUint16(r[at:], uint16(cellOf(f, a.State, a.Code)))
		case f.Closed():
			r[at] = byte(cellOf(f, a.State, a.Code))
		case f.Kind == survey.LongText:
			r[at] = byte(a.State)
		case a.State == survey.Valid:
			r.setNumber(at, a.Number)
		default:
			r.setNumber(at, silentNumber(a.State))
		}
	}
}

// closed writes closed answers of one byte each; false: they need a closer look.
func (d *Decoder) closed(r record, text []byte) bool {
	marks := d.layout.marks
	if len(text) != len(marks) {
		return d.closedWide(r, text)
	}
	if len(marks) == 0 {
		return true
	}
	first := d.layout.record[d.layout.inst.ClosedFields()[0]]
	cells := r[first:]
	for n, c := range text {
		if marks[n] == nil {
			return d.closedWide(r, text)
		}
		cell := marks[n][c]
		if cell == 0 {
			return false
		}
		cells[n] = cell
	}
	return true
}

// closedWide is closed for an instrument with items of many options.
func (d *Decoder) closedWide(r record, text []byte) bool {
	fields := d.layout.inst.ClosedFields()
	if d.cells == nil {
		d.cells = make([]int16, len(fields))
	}
	if err := d.layout.inst.UnpackClosed(d.cells, string(text)); err != nil {
		return false // whoever looks closer finds the same error and names it
	}
	for n, i := range fields {
		f, at := &d.layout.fields[i], d.layout.record[i]
		cell := cellOf(f, survey.CellState(d.cells[n]), int(d.cells[n]))
		if wide(f) {
			binary.LittleEndian.PutUint16(r[at:], uint16(cell))
		} else {
			r[at] = byte(cell)
		}
	}
	return true
}

// numbers writes the numbers; false: they need a closer look.
func (d *Decoder) numbers(r record, text []byte) bool {
	l := listReader{text: text}
	if !l.open() {
		return false
	}
	for n, i := range d.layout.inst.NumberFields() {
		if n > 0 && !l.accept(',') {
			return false
		}
		at := d.layout.record[i]
		if state, ok := l.mark(); ok {
			r.setNumber(at, silentNumber(state))
			continue
		}
		v, ok := l.float()
		if !ok || math.IsInf(v, 0) {
			return false
		}
		r.setNumber(at, v)
	}
	return l.end()
}

// times writes the times on sections; no text at all is no time.
func (d *Decoder) times(r record, text []byte) bool {
	cells := r[d.layout.seconds : d.layout.seconds+4*d.layout.sections]
	clear(cells)
	if len(text) == 0 {
		return true
	}
	l := listReader{text: text}
	if !l.open() {
		return false
	}
	for s := 0; !l.end(); s++ {
		if s > 0 && !l.accept(',') {
			return false
		}
		v, ok := l.float32()
		if !ok {
			return false
		}
		if s < d.layout.sections {
			record(cells).setNarrow(4*s, v)
		}
	}
	return true
}

// texts writes whether open questions were answered; false: a closer look.
func (d *Decoder) texts(r record, text []byte) bool {
	for _, i := range d.layout.inst.TextFields() {
		r[d.layout.record[i]] = byte(survey.NotShown)
	}
	l := listReader{text: text}
	if !l.accept('{') {
		return false
	}
	for n := 0; !l.accept('}'); n++ {
		if n > 0 && !l.accept(',') {
			return false
		}
		key, ok := l.quoted()
		f, known := d.layout.inst.FieldByKey(string(key))
		if !ok || !known || f.Kind != survey.LongText || !l.accept(':') {
			return false
		}
		state := survey.Valid
		if l.accept('[') {
			if state, ok = l.mark(); !ok || !l.accept(']') {
				return false
			}
		} else if _, ok := l.quoted(); !ok {
			return false
		}
		r[d.layout.record[f.Index]] = byte(state)
	}
	return l.at == len(l.text)
}
