package survey

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// AggregateRow is one organization of a file of shares.
type AggregateRow struct {
	Line            int
	Organization    string
	OrganizationKey string
	Industry        string
	Region          string
	Size            string
	N               int // respondents; 0: the file gives no count
	Shares          []MeasureShare
}

// MeasureShare is the share of agreement on one item or area.
type MeasureShare struct {
	Measure string
	Share   float64 // 0..1
}

// ReadAggregates reads a file with one row per organization and hands each good
// row to take. Rows that the mapping excludes, such as group totals, are counted
// and left out; the row it calls published is put into the report as the
// source's own benchmark. Otherwise it is like ReadResponses. An empty cell is a
// share that the source does not give.
func ReadAggregates(r io.Reader, m *Mapping, in *Instrument, take func(AggregateRow) error) (Report, error) {
	var report Report
	if m.Kind != MapAggregates {
		return report, Errorf(Invalid, "the mapping is for %s, not for aggregates", m.Kind)
	}
	if err := knownMeasures(m, in, &report); err != nil {
		return report, err
	}
	d, err := openDataset(r, m, &report)
	if err != nil {
		return report, err
	}
	reader := &aggregateReader{dataset: d, names: newNames(m.Organization), lines: map[string]int{}}
	err = reader.readAll(take)
	report.Organizations = len(reader.names.keys)
	report.Warnings = reader.doubts.sentences()
	return report, err
}

// knownMeasures wants each measure to be an item or an area of the instrument.
func knownMeasures(m *Mapping, in *Instrument, report *Report) error {
	known := map[string]bool{}
	for _, area := range in.Areas {
		known[area.Key] = true
	}
	for _, f := range in.Fields() {
		known[f.Key] = true
	}
	for g := range m.Measures {
		group := &m.Measures[g]
		for i, column := range group.Columns {
			if measure := group.item(i); !known[measure] {
				report.refuse(Refusal{Line: 1, Column: column, Code: RefusedUnknownItem,
					Message: fmt.Sprintf("the mapping names %q, which is neither an item nor an area of the instrument %q", excerpt(measure, 60), in.Key)})
			}
		}
	}
	if len(report.Refusals) > 0 {
		return Errorf(Invalid, "%s", report.Refusals[0])
	}
	return nil
}

type aggregateReader struct {
	*dataset
	names  *names
	lines  map[string]int // organization -> line of its row
	doubts unitDoubts
}

// unitDoubts finds the rows of a file of percents that are written as fractions:
// nothing in such a row is wrong by itself, 0.5 is a fine percentage.
type unitDoubts struct {
	rows  int // with a share above zero
	small int // with no share above one percent
	first []string
}

const maxDoubtsKept = 20

func (u *unitDoubts) look(row AggregateRow) {
	highest := 0.0
	for _, s := range row.Shares {
		highest = max(highest, s.Share)
	}
	if highest == 0 {
		return
	}
	u.rows++
	if highest > 0.01 {
		return
	}
	u.small++
	if u.small <= maxDoubtsKept {
		u.first = append(u.first, fmt.Sprintf("line %d, %q: no share is above 1 percent (the highest is %.3g); if they are fractions, write them in percent like the other rows",
			row.Line, excerpt(row.Organization, 60), 100*highest))
	}
}

func (u *unitDoubts) sentences() []string {
	switch more := u.small - len(u.first); {
	case u.small > 0 && u.small == u.rows:
		return []string{"no share of the file is above 1 percent; if they are fractions, set \"share\" to \"fraction\" in the mapping"}
	case more > 0:
		return append(u.first, fmt.Sprintf("%d more rows have no share above 1 percent", more))
	}
	return u.first
}

func (r *aggregateReader) readAll(take func(AggregateRow) error) error {
	for {
		more, err := r.next()
		if err != nil || !more {
			return err
		}
		excluded, published := r.excluded(), r.published()
		var row AggregateRow
		if !excluded || published {
			row = r.row()
		}
		if published && !r.refused {
			r.report.Published = fractions(row.Shares)
		}
		switch {
		case r.refused:
			r.report.Refused++
		case excluded || published:
			r.report.Excluded++
		default:
			if err := r.hand(row, take); err != nil {
				return err
			}
		}
	}
}

func (r *aggregateReader) hand(row AggregateRow, take func(AggregateRow) error) error {
	if first, taken := r.lines[row.Organization]; taken {
		r.refuseCell(RefusedTwice, r.mapping.Organization.Columns[0], row.Organization, fmt.Sprintf("this organization already stands in line %d", first))
		r.report.Refused++
		return nil
	}
	r.names.keep(&row.Organization, &row.OrganizationKey)
	r.lines[row.Organization] = r.line
	if r.mapping.Share == SharePercent {
		r.doubts.look(row)
	}
	if err := take(row); err != nil {
		return err
	}
	r.report.Taken++
	return nil
}

func (r *aggregateReader) published() bool {
	test := r.mapping.Published
	return test != nil && test.matches(r.cell(test.Column))
}

func fractions(shares []MeasureShare) map[string]float64 {
	by := make(map[string]float64, len(shares))
	for _, s := range shares {
		by[s.Measure] = s.Share
	}
	return by
}

func (r *aggregateReader) row() AggregateRow {
	m := r.mapping
	row := AggregateRow{Line: r.line, Industry: r.kept(m.Industry), Region: r.kept(m.Region), Size: r.kept(m.Size)}
	row.Organization, row.OrganizationKey = r.names.of(r.dataset)
	r.count(&row)
	for g := range m.Measures {
		group := &m.Measures[g]
		for i, column := range group.Columns {
			cell := r.cell(column)
			share, given, fault := r.share(group, cell)
			if fault != nil {
				r.refuseCell(fault.code, column, cell, fault.message)
			} else if given {
				row.Shares = append(row.Shares, MeasureShare{Measure: group.item(i), Share: share})
			}
		}
	}
	return row
}

func (r *aggregateReader) share(group *ColumnGroup, cell string) (share float64, given bool, fault *cellFault) {
	for _, missing := range []map[string]State{group.Missing, r.mapping.Missing} {
		if _, ok := missing[cell]; ok {
			return 0, false, nil
		}
	}
	if cell == "" {
		return 0, false, nil
	}
	high := 1.0
	if r.mapping.Share == SharePercent {
		high = 100
		cell = strings.TrimSpace(strings.TrimSuffix(cell, "%"))
	}
	v, fault := plainNumber(cell, r.mapping.DecimalComma)
	if fault != nil {
		return 0, false, fault
	}
	if group.Factor != 0 {
		v *= group.Factor
	}
	if !(v >= 0 && v <= high) {
		message := fmt.Sprintf("%s is outside the range 0 to %s of a share", excerpt(cell, 30), formatNumber(high))
		if high == 1 && v > 1 && v <= 100 {
			message += "; if the file is written in percent, set \"share\" to \"percent\" in the mapping"
		}
		return 0, false, &cellFault{RefusedOutside, message}
	}
	return v / high, true, nil
}

func (r *aggregateReader) count(row *AggregateRow) {
	if r.mapping.Count == "" {
		return
	}
	cell := r.cell(r.mapping.Count)
	if cell == "" {
		return
	}
	v, fault := plainNumber(cell, r.mapping.DecimalComma)
	if fault != nil || v < 0 || v != math.Trunc(v) || v > math.MaxInt32 {
		r.refuseCell(RefusedCount, r.mapping.Count, cell, "a number of respondents must be a whole number of 0 or more")
		return
	}
	row.N = int(v)
}
