package benchmark

import (
	"context"
	"math"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// addGaps fills the gap columns of the practices: in sample, with the item left
// out of the choice, split-half, and with the group chosen by results.
func (e *view) addGaps(_ context.Context, b *Benchmark) error {
	reason := e.columns.reason
	if len(e.columns.wc) == 0 || len(e.columns.rest) == 0 {
		if reason == "" {
			reason = stat.NoValidAnswers
		}
		for k := range b.Practices {
			r := &b.Practices[k]
			r.Effect = notComputed("cohen_h", UnitEffect, reason)
			r.Gap, r.LeaveOut = notComputed("gap_points", UnitPoints, reason), notComputed("leave_item_out_points", UnitPoints, reason)
			r.SplitHalf, r.KPIDefined = notComputed("split_half_points", UnitPoints, reason), notComputed("kpi_defined_points", UnitPoints, reason)
		}
		return nil
	}
	if e.late.circular != nil {
		b.HalfCorrelation = e.late.circular.Split.HalfCorrelation
	}
	family := make([]*Estimate, len(b.Practices))
	err := eachOf(len(family), func(k int) error {
		r := &b.Practices[k]
		var err error
		r.Gap, err = e.inSample(k, r)
		r.Effect = effectOf(r.Gap, r.WC.Value, r.Rest.Value)
		e.fillCircular(k, r)
		family[k] = &r.SplitHalf
		return err
	})
	if err != nil {
		return err
	}
	adjust(family)
	holm(b.Practices, e.isKey)
	return e.addKPIDefined(b)
}

// holm adjusts the split-half p-values of the key practices for their number, so
// that the chance of a single false one among them stays below the level.
func holm(rows []PracticeRow, key func(item string) bool) {
	var keys []*Estimate
	var p []stat.Number
	for k := range rows {
		if key(rows[k].Item) {
			keys, p = append(keys, &rows[k].SplitHalf), append(p, rows[k].SplitHalf.P)
		}
	}
	for i, adjusted := range stat.Holm(p) {
		keys[i].PHolm = adjusted
	}
}

// summaries are the organizations' shares of an item, empty outside the column.
func (e *engine) summaries(k int, column []int) []stat.Summary {
	p := &e.items[k]
	out := make([]stat.Summary, len(e.units))
	for _, j := range column {
		share, ok := p.ownShare(j)
		if !ok {
			continue
		}
		if !e.weighted {
			out[j] = stat.SummaryFromSums(p.valid(j), int64(p.agree(j)), int64(p.agree(j)))
		} else {
			out[j] = stat.Summary{N: p.valid(j), Mean: share}
		}
	}
	return out
}

// inSample is WC minus Rest as the columns stand. It is descriptive: a group
// that was chosen by its answers agrees more even in noise, so there is no p.
func (e *engine) inSample(k int, r *PracticeRow) (Estimate, error) {
	g, err := e.gapBetween(k, e.wc, e.rest)
	if err != nil {
		return Estimate{}, err
	}
	est := e.gapEstimate("gap_points", k, r, g)
	if e.isKey(r.Item) {
		est = est.because(stat.SelectedOnItems)
	}
	est.P, est.Seed, est.Replicates = stat.Number{}, nil, nil
	return est, nil
}

// effectOf is Cohen's h of the two shares of a gap, which may be seen where the
// gap may. It is descriptive: it ignores clustering.
func effectOf(gap Estimate, a, b stat.Number) Estimate {
	h := stat.Number{}
	if gap.Value.Valid && a.Valid && b.Valid {
		h = stat.CohenH(min(max(a.Value, 0), 1), min(max(b.Value, 0), 1))
	}
	est := Estimate{Stat: "cohen_h", Item: gap.Item, Column: gap.Column, Unit: UnitEffect, Cut: gap.Cut, Weighting: gap.Weighting,
		Value: h, Reasons: append([]stat.Reason{}, gap.Reasons...), N: gap.N, Organizations: gap.Organizations, base: gap.base}
	est.Status = statusOf(h, est.Reasons)
	return est
}

// gapEstimate turns a gap between two columns into a figure. It may be seen only
// where both columns may.
func (e *engine) gapEstimate(name string, k int, r *PracticeRow, g stat.GapResult) Estimate {
	est := Estimate{
		Stat: name, Item: r.Item, Unit: UnitPoints, Cut: r.All.Cut, Weighting: r.All.Weighting,
		Value: g.Points, Status: statusOf(g.Points, g.Reasons), Reasons: append([]stat.Reason{}, g.Reasons...),
		P: g.P, Seed: g.Seed, Replicates: g.Replicates,
	}
	if g.CI != nil {
		est.CI, est.Conf, est.CIMethod = g.CI, confidence, g.CIMethod
	}
	est.base = e.gapBase(k)
	est.base.hidden = est.base.hidden || (g.Points.Valid && (!e.gate.open(r.WC) || !e.gate.open(r.Rest)))
	return est.withN(g.WC.N+g.Rest.N, g.Organizations)
}

// gapBase is the base of a gap on an item: all organizations, as long as both
// columns hold enough of them.
func (e *engine) gapBase(k int) base {
	b := e.all.base[k]
	b.hidden = len(e.columns.wc) < benchmarkMinimum || len(e.columns.rest) < benchmarkMinimum
	return b
}

// circularity computes what shows how much of a gap comes from the choice.
func (e *engine) circularity() (*stat.CircularGaps, error) {
	boxes := make([][]int8, len(e.items))
	for k := range e.items {
		boxes[k] = e.boxes(k)
	}
	bits, err := stat.PackAgree(boxes, e.image().org, e.mixRoles(), len(e.units))
	if err != nil {
		return nil, err
	}
	options := stat.CircularOptions{
		Key: e.keyPositions(), Mix: e.class.mix, WorldClass: len(e.columns.wc), Weighting: stat.EqualOrganization,
		Eligible: make([]bool, len(e.units)), Seed: e.seed, Conf: confidence, Rest: e.in.Rest,
	}
	for j, t := range e.class.tiers {
		options.Eligible[j] = t.Eligible
	}
	return stat.Circularity(bits, options)
}

func (f *frame) keyPositions() []int {
	var at []int
	for _, key := range f.in.Criteria.Items {
		at = append(at, f.position[key])
	}
	return at
}

// mixRoles is each row's place in the role mix; nil where there is none.
func (e *engine) mixRoles() []uint8 {
	if e.class.mix == nil {
		return nil
	}
	slot := e.roleSlots()
	roles := make([]uint8, e.people)
	for i, r := range e.image().role {
		roles[i] = stat.OtherRole
		if s := slot[r]; s >= 0 {
			roles[i] = uint8(s)
		}
	}
	return roles
}

func (e *view) fillCircular(k int, r *PracticeRow) {
	item, split, reason := e.late.split(k)
	at := e.gapBase(k)
	at.hidden = at.hidden || r.Gap.base.hidden
	if reason != "" {
		r.LeaveOut, r.SplitHalf = notComputed("leave_item_out_points", UnitPoints, reason), notComputed("split_half_points", UnitPoints, reason)
		r.LeaveOut.base, r.SplitHalf.base = at, at
		return
	}
	r.LeaveOut = figure("leave_item_out_points", UnitPoints, hundredfold(item.LeaveItemOut), at)
	r.LeaveOut.Item, r.LeaveOut.Cut, r.LeaveOut.Weighting = r.Item, r.All.Cut, r.All.Weighting
	all := e.late.circular.Split
	half := Estimate{
		Stat: "split_half_points", Item: r.Item, Unit: UnitPoints, Cut: r.All.Cut, Weighting: r.All.Weighting,
		Value: hundredfold(split.Gap), Reasons: append([]stat.Reason{}, split.Reasons...), P: split.P,
		Seed: &all.Seed, Replicates: &all.Replicates, base: at,
	}
	half = half.because(all.Reasons...)
	if split.CI != nil {
		half.CI, half.Conf, half.CIMethod = &stat.Interval{Lower: 100 * split.CI.Lower, Upper: 100 * split.CI.Upper}, confidence, "organization_bootstrap_percentile"
	}
	r.SplitHalf = half.withN(r.Gap.answers(), r.All.base.organizations)
	if !half.base.hidden {
		r.Circular = item.CircularShare
	}
}

func hundredfold(n stat.Number) stat.Number {
	if !n.Valid {
		return n
	}
	return stat.Some(100 * n.Value)
}

// addKPIDefined measures the gap of a World-Class column that was chosen by the
// KPI axis and never saw the practices. As long as the same people report both,
// it is no independent test and carries no p.
func (e *engine) addKPIDefined(b *Benchmark) error {
	chosen, reason := e.topByResult(len(e.columns.wc))
	if reason != "" {
		for k := range b.Practices {
			b.Practices[k].KPIDefined = notComputed("kpi_defined_points", UnitPoints, reason)
		}
		return nil
	}
	var wc, rest []int
	for j := range e.units {
		if chosen[j] {
			wc = append(wc, j)
		} else {
			rest = append(rest, j)
		}
	}
	one, err := e.shareTable(wc)
	if err != nil {
		return err
	}
	two, err := e.shareTable(rest)
	if err != nil {
		return err
	}
	return eachOf(len(b.Practices), func(k int) error {
		r := &b.Practices[k]
		g, err := e.gapBetween(k, one, two)
		est := e.gapEstimate("kpi_defined_points", k, r, g)
		est.P, est.Seed, est.Replicates = stat.Number{}, nil, nil
		est.Notes = append(est.Notes, noteSameInformant)
		if len(wc) < benchmarkMinimum {
			est.base.hidden = true
		}
		r.KPIDefined = est
		return err
	})
}

// gapBetween is the gap of an item between two columns as they stand.
func (e *engine) gapBetween(k int, wc, rest columnShares) (stat.GapResult, error) {
	return stat.GapOfColumns(wc.alone[k], rest.alone[k], func() (chosen, others []stat.Summary) {
		return e.summaries(k, wc.members), e.summaries(k, rest.members)
	}, stat.GapOptions{Conf: confidence, Weighting: stat.EqualOrganization, Seed: e.seed})
}

// noteSameInformant marks a link of practices and results that the same people
// reported.
const noteSameInformant = "same_informant"

// topByResult marks the k organizations with the best results; a reason where
// there are none to choose by.
func (e *engine) topByResult(k int) ([]bool, stat.Reason) {
	scores := make([]float64, len(e.units))
	placed := 0
	for j := range scores {
		scores[j] = math.NaN()
		if axis := e.results.axis[j]; axis.Valid {
			scores[j] = axis.Value
			placed++
		}
	}
	if placed == 0 {
		return nil, stat.NoValidAnswers
	}
	if placed < 2*benchmarkMinimum {
		return nil, stat.FewOrganizations
	}
	return stat.TopOrganizations(scores, k), ""
}
