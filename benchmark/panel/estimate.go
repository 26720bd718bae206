package panel

import "github.com/salesbench/salesbench/survey"

// Estimate is how many bytes a panel of the instrument needs for a number of
// responses, as many organizations of a hundred people: so that what does not fit
// the memory can be refused before it is read.
func Estimate(inst *survey.Instrument, responses int) (int64, error) {
	l, err := newLayout(inst)
	if err != nil {
		return 0, err
	}
	const known = 10 // the id's place, at half of the room that a table keeps
	row := int64(l.rowBytes() + known)
	counts := int64(l.slots) / 100
	return int64(responses)*(row+counts) + chunkRows*row, nil
}

// rowBytes are the columns of one response, numbers at their larger size.
func (l *layout) rowBytes() int {
	const fixed = 16 + 4 + 4 + 2 + 2 + 4 // id, organization, team, role, language, chain
	n := fixed + 4*l.sections + 8*len(l.inst.NumberFields()) + len(l.inst.TextFields())
	for _, i := range l.inst.ClosedFields() {
		n += cellSize(&l.fields[i])
	}
	return n
}
