package benchmark

import (
	"fmt"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// weakItemTotal is the correlation with the rest of its scale under which an
// item is said not to belong.
const weakItemTotal = 0.30

// reliability fills alpha and omega with intervals that know organizations, and
// the items that hurt.
func (m *trustMaker) reliability(row *TrustScale, items []int) error {
	columns := m.answerColumns(items, nil)
	r, err := stat.Reliability(columns, confidence)
	if err != nil {
		return err
	}
	b := m.everyone()
	b.respondents = r.N
	row.Alpha = coefficient("alpha_listwise", r.Alpha, r.Reasons, b)
	row.Omega = coefficient("omega_total", r.Omega, r.OmegaReasons, b)
	if r.AlphaCI != nil {
		row.Alpha.CI, row.Alpha.Conf, row.Alpha.CIMethod = r.AlphaCI, confidence, "feldt"
	}
	if r.Alpha.Valid && len(m.units) >= fewestForIntervals {
		drawn, err := stat.BootstrapReliability(columns, m.image().org,
			stat.BootstrapOptions{Seed: m.seed, Replicates: reliabilityReplicates, Conf: confidence})
		if err != nil {
			return err
		}
		row.Alpha.drawn(drawn.Alpha)
		if r.Omega.Valid {
			row.Omega.drawn(drawn.Omega)
		}
	}
	for i, k := range items {
		row.PerItem = append(row.PerItem, m.itemOf(k, i, r, b))
	}
	return m.alphaWithout(row, items)
}

// fewestForIntervals is the number of organizations under which nothing is
// resampled.
const fewestForIntervals = 10

// drawn takes the interval of a bootstrap over organizations.
func (e *Estimate) drawn(b stat.Bootstrapped) {
	if b.CIPercentile == nil {
		return
	}
	e.CI, e.Conf, e.CIMethod = b.CIPercentile, confidence, "organization_bootstrap_percentile"
	e.Seed, e.Replicates = &b.Seed, &b.Replicates
}

// coefficient is a reliability with the number of complete rows.
func coefficient(name string, value stat.Number, reasons []stat.Reason, b base) Estimate {
	e := Estimate{Stat: name, Unit: UnitCorrelation, Value: value, Status: statusOf(value, reasons), Reasons: append([]stat.Reason{}, reasons...), base: b}
	if !value.Valid && len(reasons) == 0 {
		e.Reasons = []stat.Reason{stat.TooFewItems}
	}
	return e.withN(b.respondents, b.organizations)
}

// itemOf says what an item adds to its scale, and in words where it hurts.
func (m *trustMaker) itemOf(k, i int, r stat.ReliabilityResult, b base) TrustItem {
	item := TrustItem{Item: m.items[k].field.Item.Key, Label: m.items[k].label}
	var own stat.ItemReliability
	if i < len(r.PerItem) {
		own = r.PerItem[i]
	}
	item.ItemTotal = coefficient("item_total_corrected", own.ItemTotal, nil, b)
	item.AlphaIfDeleted = coefficient("alpha_if_deleted", own.AlphaIfDeleted, nil, b)
	rises := own.AlphaIfDeleted.Valid && r.Alpha.Valid && own.AlphaIfDeleted.Value > r.Alpha.Value
	weak := own.ItemTotal.Valid && own.ItemTotal.Value < weakItemTotal
	item.Hurts = m.gate.passes(b) && (rises || weak)
	switch {
	case !item.Hurts:
	case rises && weak:
		item.Why = fmt.Sprintf("goes with the others at %s only, and alpha rises to %s without it", FormatNumber(own.ItemTotal.Value, 2), FormatNumber(own.AlphaIfDeleted.Value, 2))
	case weak:
		item.Why = fmt.Sprintf("goes with the others at %s only", FormatNumber(own.ItemTotal.Value, 2))
	default:
		item.Why = fmt.Sprintf("alpha rises to %s without it", FormatNumber(own.AlphaIfDeleted.Value, 2))
	}
	return item
}

// answerColumns are the answers of the items, 0 where missing; rows that are
// left out are missing everywhere.
func (f *frame) answerColumns(items []int, leaveOut []bool) [][]uint8 {
	columns := make([][]uint8, len(items))
	for c, k := range items {
		columns[c] = make([]uint8, f.people)
		for i, a := range f.image().answers[k] {
			if a > 0 && (leaveOut == nil || !leaveOut[i]) {
				columns[c][i] = uint8(a)
			}
		}
	}
	return columns
}

// alphaWithout is alpha without the rows that were answered carelessly.
func (m *trustMaker) alphaWithout(row *TrustScale, items []int) error {
	r, err := stat.Reliability(m.answerColumns(items, m.suspect), confidence)
	if err != nil {
		return err
	}
	b := m.everyone()
	b.respondents = r.N
	b.hidden = !m.separable(m.suspectCount)
	row.AlphaWithout = coefficient("alpha_without_flagged", r.Alpha, r.Reasons, b)
	return nil
}

// separable says whether figures with and without a number of people may stand
// beside each other: their difference must not be a handful.
func (m *trustMaker) separable(people int) bool { return people == 0 || people >= m.gate.minimum }
