package benchmark

import (
	"fmt"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// RobustRow shows what remains of a practice when careless answers are left out;
// the organizations stay in their columns.
type RobustRow struct {
	Item       string   `json:"item"`
	Label      string   `json:"label"`
	All        Estimate `json:"all"`
	AllWithout Estimate `json:"all_without_flagged"`
	AllChange  Estimate `json:"all_change_points"`
	Gap        Estimate `json:"gap_points"`
	GapWithout Estimate `json:"gap_points_without_flagged"`
	GapChange  Estimate `json:"gap_change_points"`
}

// suspects marks the rows that "without flagged" leaves out: a straight line is
// enough, since without times of pages it is the only flag there is.
func (m *trustMaker) suspects(*Trust) error {
	var err error
	if m.judged, err = m.flags(); err != nil {
		return err
	}
	m.suspect = make([]bool, m.people)
	for i := range m.suspect {
		m.suspect[i] = m.judged.straight[i] || m.judged.uniform[i] || m.judged.flagged[i]
	}
	m.suspectCount = count(m.suspect)
	return nil
}

func (m *trustMaker) addFlags(t *Trust) error {
	for _, flag := range []struct {
		key, label string
		rows       []bool
	}{
		{"uniform", "One answer to every item", m.judged.uniform},
		{"straight_line", "One answer all the way down a page with a reversed item, or through half of the items", m.judged.straight},
		{"fast", "Less than two seconds for an item, or less than a third of the usual time", m.judged.fast},
		{"flagged", "Two flags or more", m.judged.flagged},
		{"left_out", "Left out in “without flagged”: a straight line, or two flags", m.suspect},
	} {
		share, err := flagShare(flag.key+"_share", m.flagCounts(flag.rows), false)
		if err != nil {
			return err
		}
		t.Flags = append(t.Flags, Share{Key: flag.key, Label: flag.label, Value: share})
	}
	return nil
}

// addWithoutFlagged sets the key practices with all answers beside those without
// the careless ones.
func (m *trustMaker) addWithoutFlagged(t *Trust) error {
	switch {
	case m.suspectCount == 0:
		t.RobustReason = "Nobody was flagged, so there is nothing to leave out."
		return nil
	case !m.separable(m.suspectCount):
		t.RobustReason = fmt.Sprintf("Fewer than %d respondents were flagged: the difference would show what these few answered, so it is withheld.", m.gate.minimum)
		return nil
	}
	items := []int{}
	for k := range m.items {
		if m.isKey(m.items[k].field.Item.Key) {
			items = append(items, k)
		}
	}
	if len(items) == 0 {
		for k := range m.items {
			items = append(items, k)
		}
	}
	for _, k := range items {
		row, err := m.robust(k)
		if err != nil {
			return err
		}
		t.WithoutFlagged = append(t.WithoutFlagged, row)
	}
	return nil
}

func (m *trustMaker) robust(k int) (RobustRow, error) {
	p := &m.items[k]
	row := RobustRow{Item: p.field.Item.Key, Label: p.label}
	kept := m.keptShares(k)
	column := func(members []int) (all, without Estimate, err error) {
		before, err := stat.ClusteredShare(pick(p.shares(), members), stat.ShareOptions{Conf: confidence})
		if err != nil {
			return all, without, err
		}
		after, err := stat.ClusteredShare(pick(kept, members), stat.ShareOptions{Conf: confidence})
		all = fromShare(before, columnBase(pick(p.shares(), members)))
		without = fromShare(after, columnBase(pick(kept, members)))
		without.base.hidden = !m.separable(before.N - after.N)
		return all, without, err
	}
	var err error
	if row.All, row.AllWithout, err = column(m.columns.all); err != nil {
		return row, err
	}
	wc, wcWithout, err := column(m.columns.wc)
	if err != nil {
		return row, err
	}
	rest, restWithout, err := column(m.columns.rest)
	if err != nil {
		return row, err
	}
	row.AllChange = m.difference("all_change_points", row.AllWithout, row.All)
	row.Gap = m.difference("gap_points", wc, rest)
	row.GapWithout = m.difference("gap_points_without_flagged", wcWithout, restWithout)
	row.GapChange = m.difference("gap_change_points", row.GapWithout, row.Gap)
	for _, e := range []*Estimate{&row.All, &row.AllWithout, &row.AllChange, &row.Gap, &row.GapWithout, &row.GapChange} {
		e.Item, e.Cut, e.Weighting = row.Item, p.cut(), string(stat.EqualOrganization)
	}
	return row, nil
}

// difference of two figures in points, seen where both are.
func (m *trustMaker) difference(name string, a, b Estimate) Estimate {
	if !a.Value.Valid || !b.Value.Valid {
		return notComputed(name, UnitPoints, stat.NoValidAnswers)
	}
	scale := 100.0
	if a.Unit == UnitPoints {
		scale = 1
	}
	under := a.base
	under.hidden = !m.gate.open(a) || !m.gate.open(b)
	under.unanimous = false
	return figure(name, UnitPoints, stat.Some(scale*(a.Value.Value-b.Value.Value)), under).withN(a.answers(), 0)
}

// keptShares are what each organization adds to a share without the careless
// rows, each organization counting once.
func (m *trustMaker) keptShares(k int) []stat.Contribution {
	p := &m.items[k]
	kept := make([]stat.Contribution, len(m.units))
	im := m.image()
	for i, a := range im.answers[k] {
		w := 1.0
		if m.weighted {
			w = im.weights[i]
		}
		if a <= 0 || w <= 0 || m.suspect[i] {
			continue
		}
		c := &kept[im.org[i]]
		c.N++
		c.W += w
		c.W2 += float64(w * w)
		if int(a) > p.points-p.top {
			c.WY += w
		}
	}
	for j, c := range kept {
		if c.W > 0 {
			kept[j] = stat.Contribution{N: c.N, W: 1, WY: c.WY / c.W, W2: c.W2 / (c.W * c.W)}
		}
	}
	return kept
}
