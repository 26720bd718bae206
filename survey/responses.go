package survey

import (
	"fmt"
	"io"
	"strings"
)

// Row is one response of a data file. It belongs to whoever takes it.
type Row struct {
	Line            int    // in the file
	Respondent      string // id as in the file; "" without one
	Organization    string // name, hostile input like any other
	OrganizationKey string // unique in the file, fit for addresses
	Industry        string
	Region          string
	Size            string
	Team            string
	Role            string
	Weight          float64
	Answers         Answers // fields that no column is mapped to are NotShown
}

// ReadResponses reads a file of single answers and hands each good row to take,
// in the order of the file. Rows with anything wrong are left out, counted and,
// the first hundred, described in the report. An error means that the file can
// not be read as a whole (its first sentence says why), or is the one of take.
//
// Memory does not grow with the file, except for the names of the organizations
// and, where the mapping names a respondent column, the ids.
func ReadResponses(r io.Reader, m *Mapping, in *Instrument, take func(Row) error) (Report, error) {
	var report Report
	if m.Kind != MapResponses {
		return report, Errorf(Invalid, "the mapping is for %s, not for responses", m.Kind)
	}
	columns, err := responseColumns(m, in, &report)
	if err != nil {
		return report, err
	}
	d, err := openDataset(r, m, &report)
	if err != nil {
		return report, err
	}
	reader := &responseReader{dataset: d, in: in, columns: columns, names: newNames(m.Organization), ids: map[string]int{}}
	for _, c := range columns {
		c.position = d.position[c.name]
	}
	err = reader.readAll(take)
	report.Organizations = len(reader.names.keys)
	return report, err
}

// responseColumns fits the mapping to the instrument before the file is opened.
func responseColumns(m *Mapping, in *Instrument, report *Report) ([]*cellColumn, error) {
	var columns []*cellColumn
	refuse := func(column, message string) {
		report.refuse(Refusal{Line: 1, Column: column, Code: RefusedUnknownItem, Message: message})
	}
	for g := range m.Items {
		group := &m.Items[g]
		for i, name := range group.Columns {
			field, ok := in.FieldByKey(group.item(i))
			if !ok {
				refuse(name, fmt.Sprintf("the mapping names item %q, which the instrument %q does not have", excerpt(group.item(i), 60), in.Key))
				continue
			}
			column, message := newCellColumn(in, m, group, field)
			if message != "" {
				refuse(name, message)
				continue
			}
			column.name = name
			columns = append(columns, column)
		}
	}
	if m.Role != nil {
		for _, role := range append(roleValues(m.Role.Codes), m.Role.Value) {
			if _, ok := in.RoleByKey(role); role != "" && !ok {
				refuse(m.Role.Column, fmt.Sprintf("the mapping names role %q, which the instrument %q does not have", excerpt(role, 60), in.Key))
			}
		}
	}
	if len(report.Refusals) > 0 {
		return nil, Errorf(Invalid, "%s", report.Refusals[0])
	}
	return columns, nil
}

func roleValues(codes map[string]string) []string {
	var roles []string
	for _, role := range codes {
		roles = append(roles, role)
	}
	return roles
}

type responseReader struct {
	*dataset
	in      *Instrument
	columns []*cellColumn
	names   *names
	ids     map[string]int // respondent id -> line of its first row
}

func (r *responseReader) readAll(take func(Row) error) error {
	for {
		more, err := r.next()
		if err != nil || !more {
			return err
		}
		if r.excluded() {
			r.report.Excluded++
			continue
		}
		row := r.row()
		if r.refused {
			r.report.Refused++
			continue
		}
		r.names.keep(&row.Organization, &row.OrganizationKey)
		if err := take(row); err != nil {
			return err
		}
		r.report.Taken++
	}
}

func (r *responseReader) row() Row {
	m := r.mapping
	row := Row{
		Line: r.line, Weight: 1, Answers: r.in.NewAnswers(),
		Industry: r.kept(m.Industry), Region: r.kept(m.Region), Size: r.kept(m.Size), Team: r.kept(m.Team),
	}
	row.Organization, row.OrganizationKey = r.names.of(r.dataset)
	r.weight(&row)
	for _, c := range r.columns {
		cell := strings.TrimSpace(r.record[c.position])
		answer, fault := c.answer(cell)
		if fault != nil {
			r.refuseCell(fault.code, c.name, cell, fault.message)
			continue
		}
		if answer.Text != "" {
			answer.Text = strings.Clone(answer.Text)
		}
		row.Answers[c.field.Index] = answer
	}
	r.role(&row)
	r.notAsked(&row)
	r.sums(&row)
	r.respondent(&row)
	return row
}

func (r *responseReader) weight(row *Row) {
	if r.mapping.Weight == "" {
		return
	}
	cell := r.cell(r.mapping.Weight)
	v, fault := plainNumber(cell, r.mapping.DecimalComma)
	if fault != nil || v < 0 {
		r.refuseCell(RefusedWeight, r.mapping.Weight, cell, "a weight must be a number of 0 or more")
	}
	row.Weight = v
}

func (r *responseReader) role(row *Row) {
	m := r.mapping.Role
	item := r.in.compiled().role
	if m == nil {
		row.Role = r.in.RoleOf(row.Answers)
		return
	}
	row.Role = m.Value
	if m.Column != "" {
		cell := r.cell(m.Column)
		role, ok := m.Codes[cell]
		if !ok && len(m.Codes) == 0 {
			role = strings.Clone(cell)
		}
		if _, known := r.in.RoleByKey(role); !known {
			r.refuseCell(RefusedRole, m.Column, cell, fmt.Sprintf("%q is no role of the instrument; list it under codes", excerpt(cell, 30)))
			return
		}
		row.Role = role
	}
	if item >= 0 && row.Answers[item].State == NotShown {
		for i, option := range r.in.compiled().fields[item].Item.Options {
			if option.Code == row.Role {
				row.Answers[item] = Answer{State: Valid, Code: i + 1}
			}
		}
	}
}

// notAsked tells an empty cell of a question that the role is not asked from one
// that was skipped.
func (r *responseReader) notAsked(row *Row) {
	if row.Role == "" {
		return
	}
	for _, c := range r.columns {
		a := &row.Answers[c.field.Index]
		if a.State != Skipped {
			continue
		}
		if _, worded := r.in.ItemText(c.field.Item, row.Role); !worded {
			*a = Answer{}
		}
	}
}

// sums refuses an allocation whose parts do not add up.
func (r *responseReader) sums(row *Row) {
	for i, c := range r.columns {
		item := c.field.Item
		if item.Kind != Allocation || i > 0 && r.columns[i-1].field.Item == item {
			continue
		}
		fields := r.in.ItemFields(item)
		shares := make([]float64, len(fields))
		filled := 0
		for p, f := range fields {
			if row.Answers[f.Index].State == Valid {
				filled++
			}
			shares[p] = row.Answers[f.Index].Number
		}
		if filled == 0 {
			continue
		}
		if fault, wrong := sumFault(item, shares); wrong {
			message := fault.english()
			r.refuseCell(RefusedSum, c.name, "", strings.ToLower(message[:1])+strings.TrimSuffix(message[1:], "."))
			continue
		}
		for _, f := range fields {
			row.Answers[f.Index].State = Valid // an empty part beside others that add up is 0
		}
	}
}

// respondent comes last: the id of a row refused for something else is free.
func (r *responseReader) respondent(row *Row) {
	if r.mapping.Respondent == "" || r.refused {
		return
	}
	row.Respondent = r.kept(r.mapping.Respondent)
	if r.refused {
		return
	}
	if row.Respondent == "" {
		r.refuseCell(RefusedDuplicate, r.mapping.Respondent, "", "the id of the respondent is empty")
		return
	}
	if first, taken := r.ids[row.Respondent]; taken {
		r.refuseCell(RefusedDuplicate, r.mapping.Respondent, row.Respondent, fmt.Sprintf("this id already stands in line %d", first))
		return
	}
	r.ids[row.Respondent] = r.line
}
