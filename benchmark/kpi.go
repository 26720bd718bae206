package benchmark

import (
	"context"
	"math"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// sourceReported marks a KPI that the respondents told.
const sourceReported = "reported"

// kpi is one numeric outcome with its value per organization.
type kpi struct {
	item      *survey.Item
	values    []float64 // median of the reporters, per organization; NaN where there are too few
	reporters []int     // of those whose words count
	order     []stat.Placed
	told      []string // labels of their roles
}

// results are all KPIs of the frame and the second axis made from them.
type results struct {
	kpis []kpi
	axis []stat.Number // mean midrank percentile, per organization
	cut  stat.Number   // from which an organization is at the top
}

// gatherResults reads the KPIs and places the organizations by those of the
// criteria.
func (e *engine) gatherResults() error {
	if !e.unsettled() {
		e.results.kpis = make([]kpi, len(e.plan.kpis))
		_ = eachOf(len(e.plan.kpis), func(k int) error { // which does not fail
			e.results.kpis[k] = e.gatherKPI(k)
			return nil
		})
	}
	return e.placeResults()
}

// gatherKPI takes the median of the reporters of each organization. Roles that
// were asked in other words (a team, the whole organization) are never pooled:
// the wording that gives most organizations a value counts.
func (e *engine) gatherKPI(at int) kpi {
	best := e.mostReported(at)
	k := kpi{item: e.plan.kpis[at].item, values: make([]float64, len(e.units)), reporters: make([]int, len(e.units)), order: e.series.orders[at][best]}
	told := uint64(0)
	for j, reports := range e.series.kpis[at][best] {
		k.values[j], k.reporters[j] = reports.value.Or(math.NaN()), reports.n
		told |= reports.roles
	}
	k.told = e.roleLabels(told)
	return k
}

// roleLabels names roles, given by their places in the instrument.
func (f *frame) roleLabels(roles uint64) []string {
	labels := []string{}
	for i, key := range f.roleKeys() {
		if roles>>i&1 == 1 {
			labels = append(labels, f.roleLabel(key))
		}
	}
	return labels
}

// mostReported picks the wording with most organizations that have enough
// reporters; ties go to the one with more reports, then to the first by text.
func (e *engine) mostReported(at int) int {
	best, bestOrganizations, bestReports := 0, -1, -1
	for w := range e.plan.kpis[at].wording {
		organizations, reports := len(e.series.orders[at][w]), e.series.told[at][w]
		if organizations > bestOrganizations || organizations == bestOrganizations && reports > bestReports {
			best, bestOrganizations, bestReports = w, organizations, reports
		}
	}
	return best
}

// placeResults makes the second axis from the KPIs of the criteria.
func (e *engine) placeResults() error {
	e.results.axis = make([]stat.Number, len(e.units))
	c := e.in.Criteria
	if c == nil {
		return nil
	}
	var kpis []stat.KPI
	for _, key := range c.KPIs {
		for _, k := range e.results.kpis {
			if k.item.Key == key {
				kpis = append(kpis, stat.KPI{Values: k.values, LowerIsBetter: k.item.Direction == "lower", Order: k.order})
			}
		}
	}
	axis, err := stat.KPIAxis(kpis)
	if err != nil {
		return err
	}
	if len(kpis) > 0 {
		e.results.axis = axis.Scores
	}
	e.results.cut = axis.Cut
	if c.KPICut > 0 {
		e.results.cut = stat.Some(c.KPICut)
	}
	return nil
}

func (e *view) addKPIs(_ context.Context, b *Benchmark) error {
	var err error
	b.KPIs, err = e.kpiRows(-1)
	return err
}

// kpiRows compares the KPIs between the columns: medians over organizations with
// quartiles; own is the position of an organization, -1 without one.
func (e *view) kpiRows(own int) ([]KPIRow, error) {
	if len(e.results.kpis) == 0 {
		return nil, nil
	}
	rows := make([]KPIRow, len(e.results.kpis))
	return rows, eachOf(len(rows), func(at int) error {
		k := e.results.kpis[at]
		row := KPIRow{Key: k.item.Key, Label: k.item.Label.In(e.language), Unit: k.item.Unit, Direction: k.item.Direction, Source: sourceReported, Reporters: k.told,
			Norms: e.in.Norms.For(k.item.Key, MeasureKPI, MeasureWinRate)}
		if row.Unit == "" {
			row.Unit = UnitPercent
		}
		if err := e.compareKPI(at, &row); err != nil {
			return err
		}
		row.Own = e.ownKPI(at, row.Unit, own)
		rows[at] = row
		return nil
	})
}

// compareKPI fills the columns of one KPI and the difference of their medians in
// points, tested by permutation over organizations. Practices and KPI come from
// the same people, which is noted.
func (e *view) compareKPI(at int, row *KPIRow) error {
	k, test := e.results.kpis[at], e.late.test(at)
	c := e.kpiColumns[at]()
	row.WC = k.column(row.Unit, WorldClass, c.WorldClass, c.wc)
	row.Rest = k.column(row.Unit, Rest, c.Rest, c.rest)
	row.All = k.column(row.Unit, All, c.All, c.all)
	e.gate.complement(&row.WC, &row.Rest)
	unit := row.Unit
	if unit == UnitPercent {
		unit = UnitPoints
	}
	gap := Estimate{Stat: "median_gap", Item: k.item.Key, Unit: unit, Value: c.Difference, Reasons: append([]stat.Reason{}, test.Reasons...), Notes: []string{noteSameInformant},
		P: test.P, base: row.All.base}
	gap.Status = statusOf(gap.Value, gap.Reasons)
	if !gap.Value.Valid {
		gap = gap.because(c.Reasons...)
	}
	if gap.P.Valid {
		gap.Seed, gap.Replicates = test.Seed, &test.Replicates
	}
	gap.base.hidden = gap.Value.Valid && (!e.gate.open(row.WC) || !e.gate.open(row.Rest))
	row.Gap = gap.withN(row.All.base.respondents, row.All.base.organizations)
	if e.gate.open(row.Gap) {
		row.Relative = c.RelativePercent
	}
	return nil
}

// kind says whether the columns may be compared in percent: a growth rate can be
// negative and is compared in points only.
func (k kpi) kind() stat.KPIKind {
	if k.item.Min != nil && *k.item.Min >= 0 {
		return stat.KPILevel
	}
	return stat.KPIRate
}

// chosen marks the organizations of the World-Class column.
func (e *engine) chosen() []bool {
	chosen := make([]bool, len(e.units))
	for _, j := range e.columns.wc {
		chosen[j] = true
	}
	return chosen
}

// kpiColumns are the columns of one KPI, the same on every page, and who stands
// behind them.
type kpiColumns struct {
	*stat.KPIComparison
	wc, rest, all base
}

func (e *engine) makeKPIColumns(k kpi) kpiColumns {
	return kpiColumns{stat.KPIColumnsInOrder(k.order, e.chosen(), k.kind()), k.base(e.columns.wc), k.base(e.columns.rest), k.base(e.columns.all)}
}

// column is the median organization of a column with its quartiles.
func (k kpi) column(unit string, column Column, c stat.KPIColumn, at base) Estimate {
	est := Estimate{Stat: "median", Item: k.item.Key, Column: column, Unit: unit, Value: c.Median, Reasons: c.Reasons,
		Weighting: string(stat.EqualOrganization), Status: statusOf(c.Median, c.Reasons), Mean: c.MeanWinsorized, base: at}
	if c.Median.Valid {
		est.Quartiles = &stat.Interval{Lower: c.Q1.Value, Upper: c.Q3.Value}
	}
	return est.withN(at.respondents, c.Organizations)
}

// base counts the people and organizations behind a column.
func (k kpi) base(members []int) base {
	b := base{kind: baseColumn}
	for _, j := range members {
		if !math.IsNaN(k.values[j]) {
			b.organizations++
			b.respondents += k.reporters[j]
		}
	}
	if b.organizations > 0 {
		b.largest = 1 / float64(b.organizations)
	}
	return b
}

// ownKPI is the median of an organization's own reporters.
func (e *engine) ownKPI(at int, unit string, own int) Estimate {
	k := e.results.kpis[at]
	if own < 0 {
		return Estimate{Stat: "median", Item: k.item.Key, Column: Own, Unit: unit, Status: NotComputed}
	}
	b := base{kind: baseGroup, respondents: k.reporters[own], hidden: e.hiddenKPIs[at]()[own]}
	est := figure("median", unit, stat.Some(k.values[own]), b).withN(k.reporters[own], 0)
	if !est.Value.Valid && k.reporters[own] > 0 {
		est.Reasons = []stat.Reason{stat.InsufficientReliability}
	}
	est.Item, est.Column, est.Weighting = k.item.Key, Own, "none"
	return est
}

// addMatrix counts the organizations by practice tier and results. The two axes
// are never merged into one score.
func (e *engine) addMatrix(_ context.Context, b *Benchmark) error {
	b.Matrix = Matrix{Status: NotComputed, Reason: e.noMatrix()}
	if b.Matrix.Reason != "" {
		return nil
	}
	counts := map[[2]bool][]string{}
	for j, u := range e.units {
		top, known := e.atTop(j)
		if !known || e.class.tiers[j].Tier == nil {
			continue
		}
		at := [2]bool{e.class.tiers[j].PWorldClass.Value >= likelyWorldClass, top}
		counts[at] = append(counts[at], u.Name)
	}
	b.Matrix.Status = OK
	for _, practice := range []bool{true, false} {
		for _, result := range []bool{true, false} {
			names := counts[[2]bool{practice, result}]
			b.Matrix.Cells = append(b.Matrix.Cells, MatrixCell{PracticeTop: practice, KPITop: result, Organizations: ptr(len(names)), Status: OK, Names: names})
		}
	}
	return nil
}

// likelyWorldClass is the probability from which an organization stands in the
// upper half of the 2 x 2.
const likelyWorldClass = 0.70

// noMatrix says in words why there is no 2 x 2; empty where there is one.
func (e *engine) noMatrix() string {
	switch {
	case e.class == nil:
		return "Without criteria about organizations there is no practice tier to set against results."
	case !e.class.expected.Valid:
		return "No organization has a practice tier: " + ReasonWords(e.class.reason) + "."
	case e.unsettled():
		return "Reported results are not shown before the results are final."
	case len(e.results.kpis) == 0:
		return "The instrument asks for no results (KPIs), so practice can not be set against them."
	case !e.results.cut.Valid:
		return "No organization has enough reported results for the second axis."
	}
	return ""
}
