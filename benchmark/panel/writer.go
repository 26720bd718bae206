package panel

import (
	"slices"

	"github.com/salesbench/salesbench/survey"
)

// writer builds the next snapshot from the last. Columns are appended to in
// place: a reader's slices end before what is new. Counts of an organization are
// copied once per batch, before they change.
type writer struct {
	panel  *Panel
	next   *Snapshot
	copied map[int32]bool
}

func newWriter(p *Panel) *writer {
	last := p.current.Load()
	next := *last
	next.memo = &memo{}
	next.closed, next.wide = slices.Clone(last.closed), slices.Clone(last.wide)
	next.numbers, next.states = slices.Clone(last.numbers), slices.Clone(last.states)
	next.seconds, next.counts = slices.Clone(last.seconds), slices.Clone(last.counts)
	return &writer{panel: p, next: &next, copied: map[int32]bool{}}
}

func (w *writer) finish() *Snapshot {
	w.next.organizations = w.panel.organizations.names
	w.next.teams = w.panel.teams.names
	w.next.roles = w.panel.roles.names
	return w.next
}

func (w *writer) add(r *survey.Response, key responseKey) {
	s := w.next
	row := int32(len(s.ids))
	s.edition.add(r, key)
	s.ids = append(s.ids, key)
	organization := w.panel.organizations.of(string(r.OrganizationID))
	s.organization = append(s.organization, organization)
	s.team = append(s.team, w.panel.teams.of(string(r.TeamID)))
	s.role = append(s.role, w.panel.roles.of(r.Role))
	s.weight = append(s.weight, r.Weight)
	for i := range s.seconds {
		var seconds float32
		if i < len(r.Seconds) {
			seconds = r.Seconds[i]
		}
		s.seconds[i] = append(s.seconds[i], seconds)
	}
	counts := w.countsOf(organization)
	counts.Responses++
	counts.rows = append(counts.rows, row)
	for i := range s.layout.fields {
		w.cell(i, r.Answers[i], counts)
	}
}

// countsOf returns counts that this batch may change.
func (w *writer) countsOf(organization int32) *OrganizationCounts {
	s := w.next
	if int(organization) == len(s.counts) {
		s.counts = append(s.counts, &OrganizationCounts{slots: make([]uint32, s.layout.slots)})
		w.copied[organization] = true
	}
	if !w.copied[organization] {
		c := *s.counts[organization]
		c.slots = slices.Clone(c.slots)
		s.counts[organization] = &c
		w.copied[organization] = true
	}
	return s.counts[organization]
}

func (w *writer) cell(i int, a survey.Answer, counts *OrganizationCounts) {
	s := w.next
	f := s.layout.fields[i]
	if !f.Closed() {
		s.states[i] = append(s.states[i], uint8(a.State))
		if f.Kind != survey.LongText {
			s.numbers[i] = append(s.numbers[i], a.Number)
		}
		return
	}
	code := a.Code
	if a.State == survey.Valid && f.Kind == survey.Likert && f.Item.Reverse {
		code = f.Points + 1 - code
	}
	slot := f.Points + int(a.State)
	if a.State == survey.Valid {
		slot = code - 1
	}
	counts.slots[s.layout.offset[i]+slot]++
	switch {
	case f.Points > mostPoints:
		s.wide[i] = append(s.wide[i], uint16(slot+1))
	case a.State == survey.Valid:
		s.closed[i] = append(s.closed[i], byte(code))
	default:
		s.closed[i] = append(s.closed[i], firstSilence+byte(a.State))
	}
}
