package analysis

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// row takes records apart into a part. Its buffers are reused from record to record.
type row struct {
	layout *layout
	scale  Columns
	part   *part
	answer []uint8
	group  [][]byte
	role   []byte
	number [2]float64 // outcome, weight
	ok     bool

	lowest byte // the lowest scale point as a digit
	digits byte // how many scale points are one digit, from lowest on
}

func newRow(l *layout, c Columns, p *part) *row {
	r := &row{layout: l, scale: c, part: p, answer: make([]uint8, len(l.items)), group: make([][]byte, l.groups)}
	if c.Min >= 0 && c.Min <= 9 {
		r.lowest, r.digits = byte('0'+c.Min), byte(min(c.Max, 9)-c.Min+1)
	}
	return r
}

// take parses one record and keeps it if it names an organization.
func (r *row) take(record []byte) {
	clear(r.answer)
	clear(r.group)
	r.role, r.number, r.ok = nil, [2]float64{math.NaN(), 1}, true
	comma, column, rest, more, slots := r.layout.comma, 0, record, true, r.layout.slots
	for more {
		// the usual cell is one digit inside the scale: no search for the delimiter
		if len(rest) > 1 && rest[1] == comma && column < len(slots) && slots[column].use == useItem {
			if v := rest[0] - r.lowest; v < r.digits {
				r.answer[slots[column].index] = v + 1
				rest = rest[2:]
				column++
				continue
			}
		}
		var cell []byte
		cell, rest, more = cutCell(rest, comma)
		if column >= len(slots) {
			r.refuse(r.layout.header[len(r.layout.header)-1], fmt.Sprintf("the row has more cells than the %d columns of the header", len(r.layout.header)))
			return
		}
		r.cell(slots[column], column, cell)
		column++
	}
	if column < len(slots) {
		r.refuse(r.layout.header[column], fmt.Sprintf("the row ends here, after %d of %d cells", column, len(r.layout.header)))
		return
	}
	if r.ok {
		r.keep()
	}
}

// cell reads one cell into the row.
func (r *row) cell(s slot, column int, cell []byte) {
	switch s.use {
	case useItem:
		r.item(s.index, column, cell)
	case useGroup:
		r.group[s.index] = r.text(column, cell)
	case useRole:
		r.role = r.text(column, cell)
	case useOutcome:
		r.number[0] = r.numeric(column, cell, math.NaN())
	case useWeight:
		r.number[1] = r.numeric(column, cell, 0)
		if r.number[1] < 0 || math.IsInf(r.number[1], 0) {
			r.refuse(r.layout.header[column], fmt.Sprintf("%s is no weight; weights are 0 or more", excerpt(cell)))
		}
	}
}

// item reads an answer that is not one plain digit inside the scale.
func (r *row) item(index, column int, cell []byte) {
	if missingCell(cell) {
		return
	}
	v, err := strconv.ParseFloat(string(bytes.TrimSpace(cell)), 64)
	switch {
	case err != nil:
		r.refuse(r.layout.header[column], fmt.Sprintf("%s is not a number; a missing answer is an empty cell or NA", excerpt(cell)))
	case v != math.Trunc(v) || v < float64(r.scale.Min) || v > float64(r.scale.Max):
		r.refuse(r.layout.header[column], fmt.Sprintf("%s lies outside the scale %d to %d", excerpt(cell), r.scale.Min, r.scale.Max))
	default:
		r.answer[index] = uint8(int(v) - r.scale.Min + 1)
	}
}

func (r *row) text(column int, cell []byte) []byte {
	cell = bytes.TrimSpace(cell)
	if !utf8.Valid(cell) {
		r.refuse(r.layout.header[column], "the text is not UTF-8; save the file as UTF-8")
	}
	if string(cell) == "NA" {
		return nil
	}
	return cell
}

// numeric reads a number with decimal point, or with decimal comma where the
// comma does not separate cells.
func (r *row) numeric(column int, cell []byte, missing float64) float64 {
	if missingCell(cell) {
		return missing
	}
	text := strings.TrimSpace(string(cell))
	if r.layout.comma != ',' || strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		r.refuse(r.layout.header[column], fmt.Sprintf("%s is not a number", excerpt(cell)))
		return missing
	}
	return v
}

func (r *row) refuse(column, sentence string) {
	r.ok = false
	r.part.bad++
	if len(r.part.problems) < maxProblems {
		r.part.problems = append(r.part.problems, problem{r.part.rows, column, sentence})
	}
}

// keep adds the row to the part.
func (r *row) keep() {
	p := r.part
	name := r.group[0]
	if len(r.group) > 1 {
		name = bytes.Join(r.group, []byte(" / "))
	}
	for _, g := range r.group {
		if len(g) == 0 {
			p.noGroup++
			return
		}
	}
	p.org.add(name)
	highest := uint8(r.scale.Points() + 1)
	for k, v := range r.answer {
		switch {
		case v == 0:
			p.missing++
		case r.layout.reversed[k]:
			v = highest - v
		}
		p.answers[k] = append(p.answers[k], v)
	}
	if r.scale.Role != "" {
		p.role.add(r.role)
	}
	if r.scale.Outcome != "" {
		p.outcome = append(p.outcome, r.number[0])
	}
	if r.scale.Weight != "" {
		p.weight = append(p.weight, r.number[1])
	}
}

// excerpt quotes a cell for a message, cut to a readable length.
func excerpt(cell []byte) string {
	const most = 40
	if len(cell) > most {
		return strconv.QuoteToGraphic(string(bytes.ToValidUTF8(cell[:most], nil))) + "..."
	}
	return strconv.QuoteToGraphic(string(cell))
}
