package benchmark

import (
	"context"
	"math"
	"sort"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// leastReporters is the number of people who have to report a KPI before their
// median stands for the organization.
const leastReporters = 3

// sourceReported marks a KPI that the respondents told.
const sourceReported = "reported"

// kpi is one numeric outcome with its value per organization.
type kpi struct {
	item      *survey.Item
	values    []stat.Number // median of the reporters, per organization
	reporters []int         // of those whose words count
}

// results are all KPIs of the frame and the second axis made from them.
type results struct {
	kpis []kpi
	axis []stat.Number // mean midrank percentile, per organization
	cut  stat.Number   // from which an organization is at the top
}

// gatherResults reads the KPIs: those of the criteria, else all number items of
// the block kpi.
func (e *engine) gatherResults() {
	e.results.axis = make([]stat.Number, len(e.units))
	for _, section := range e.inst.Sections {
		for i := range section.Items {
			item := e.inst.ItemByKey(section.Items[i].Key)
			if item.Kind == survey.Number && item.Block == "kpi" {
				e.results.kpis = append(e.results.kpis, e.gatherKPI(item))
			}
		}
	}
	e.placeResults()
}

// gatherKPI takes the median of the reporters of each organization. Roles that
// were asked in other words (a team, the whole organization) are never pooled:
// the wording that gives most organizations a value counts.
func (e *engine) gatherKPI(item *survey.Item) kpi {
	field := e.inst.ItemFields(item)[0]
	byWording := map[string][][]float64{}
	for i, row := range e.rows {
		v, state := e.snapshot.Number(field.Index, int(row))
		if state != survey.Valid {
			continue
		}
		text, _ := e.inst.ItemText(item, e.roles[e.role[i]])
		wording := text.In(e.language)
		if byWording[wording] == nil {
			byWording[wording] = make([][]float64, len(e.units))
		}
		byWording[wording][e.org[i]] = append(byWording[wording][e.org[i]], v)
	}
	reports := mostReported(byWording)
	k := kpi{item: item, values: make([]stat.Number, len(e.units)), reporters: make([]int, len(e.units))}
	for j := range reports {
		k.reporters[j] = len(reports[j])
		if len(reports[j]) >= leastReporters {
			k.values[j] = stat.Median(reports[j])
		}
	}
	return k
}

// mostReported picks the wording with most organizations that have enough
// reporters; ties go to the one with more reports, then to the first by text.
func mostReported(byWording map[string][][]float64) [][]float64 {
	wordings := make([]string, 0, len(byWording))
	for w := range byWording {
		wordings = append(wordings, w)
	}
	sort.Strings(wordings)
	var best [][]float64
	bestOrganizations, bestReports := -1, -1
	for _, w := range wordings {
		organizations, reports := 0, 0
		for _, values := range byWording[w] {
			reports += len(values)
			if len(values) >= leastReporters {
				organizations++
			}
		}
		if organizations > bestOrganizations || organizations == bestOrganizations && reports > bestReports {
			best, bestOrganizations, bestReports = byWording[w], organizations, reports
		}
	}
	return best
}

// placeResults makes the second axis from the KPIs of the criteria.
func (e *engine) placeResults() {
	c := e.in.Criteria
	if c == nil || len(c.KPIs) == 0 {
		return
	}
	var scores [][]stat.Number
	for _, key := range c.KPIs {
		for _, k := range e.results.kpis {
			if k.item.Key == key {
				scores = append(scores, k.better())
			}
		}
	}
	e.results.axis = kpiAxis(scores, len(e.units))
	var placed []float64
	for _, a := range e.results.axis {
		if a.Valid {
			placed = append(placed, a.Value)
		}
	}
	e.results.cut = stat.Quantile(placed, 0.75)
	if c.KPICut > 0 {
		e.results.cut = stat.Some(c.KPICut)
	}
}

// better turns a KPI of which less is better round.
func (k kpi) better() []stat.Number {
	if k.item.Direction != "lower" {
		return k.values
	}
	turned := make([]stat.Number, len(k.values))
	for j, v := range k.values {
		if v.Valid {
			turned[j] = stat.Some(-v.Value)
		}
	}
	return turned
}

// kpiAxis is the mean midrank percentile over at least half of the KPIs.
func kpiAxis(scores [][]stat.Number, organizations int) []stat.Number {
	sums, counts := make([]float64, organizations), make([]int, organizations)
	for _, s := range scores {
		percentiles, _ := stat.PercentileMidrank(s, false)
		for j, p := range percentiles {
			if p.Valid {
				sums[j] += p.Value
				counts[j]++
			}
		}
	}
	axis := make([]stat.Number, organizations)
	for j := range axis {
		if counts[j] > 0 && 2*counts[j] >= len(scores) {
			axis[j] = stat.Some(sums[j] / float64(counts[j]))
		}
	}
	return axis
}

func (e *engine) addKPIs(_ context.Context, b *Benchmark) error {
	var err error
	b.KPIs, err = e.kpiRows(-1)
	return err
}

// kpiRows compares the KPIs between the columns: medians over organizations with
// quartiles; own is the position of an organization, -1 without one.
func (e *engine) kpiRows(own int) ([]KPIRow, error) {
	var rows []KPIRow
	for _, k := range e.results.kpis {
		row := KPIRow{Key: k.item.Key, Label: k.item.Label.In(e.language), Unit: k.item.Unit, Direction: k.item.Direction, Source: sourceReported,
			Norms: e.in.Norms.For(k.item.Key, MeasureKPI, MeasureWinRate)}
		if row.Unit == "" {
			row.Unit = UnitPercent
		}
		row.WC = e.kpiColumn(k, row.Unit, WorldClass, e.columns.wc)
		row.Rest = e.kpiColumn(k, row.Unit, Rest, e.columns.rest)
		row.All = e.kpiColumn(k, row.Unit, All, e.columns.all)
		e.gate.complement(&row.WC, &row.Rest)
		row.Own = e.ownKPI(k, row.Unit, own)
		if err := e.kpiGap(k, &row); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// kpiColumn is the median organization of a column.
func (e *engine) kpiColumn(k kpi, unit string, column Column, members []int) Estimate {
	var values []float64
	b := base{kind: baseColumn}
	for _, j := range members {
		if k.values[j].Valid {
			values = append(values, k.values[j].Value)
			b.respondents += k.reporters[j]
		}
	}
	b.organizations = len(values)
	if len(values) > 0 {
		b.largest = 1 / float64(len(values))
	}
	q := stat.Quantiles(values, 0.25, 0.5, 0.75)
	est := figure("median", unit, q[1], b).withN(b.respondents, b.organizations)
	est.Item, est.Column, est.Weighting = k.item.Key, column, string(stat.EqualOrganization)
	if len(values) > 0 {
		est.Quartiles = &stat.Interval{Lower: q[0].Value, Upper: q[2].Value}
	}
	return est
}

// ownKPI is the median of an organization's own reporters.
func (e *engine) ownKPI(k kpi, unit string, own int) Estimate {
	if own < 0 {
		return Estimate{Stat: "median", Item: k.item.Key, Column: Own, Unit: unit, Status: NotComputed}
	}
	b := base{kind: baseGroup, respondents: k.reporters[own], hidden: e.ownHidden(k.reporters, false)[own]}
	est := figure("median", unit, k.values[own], b).withN(k.reporters[own], 0)
	if !k.values[own].Valid && k.reporters[own] > 0 {
		est.Reasons = []stat.Reason{stat.InsufficientReliability}
	}
	est.Item, est.Column, est.Weighting = k.item.Key, Own, "none"
	return est
}

// kpiGap is the difference of the medians in points, tested by permutation over
// organizations. Practices and KPI come from the same people, which is said.
func (e *engine) kpiGap(k kpi, row *KPIRow) error {
	values, chosen := make([]float64, len(e.units)), make([]bool, len(e.units))
	for j, v := range k.values {
		values[j] = v.Or(math.NaN())
	}
	for _, j := range e.columns.wc {
		chosen[j] = true
	}
	unit := row.Unit
	if unit == UnitPercent {
		unit = UnitPoints
	}
	r, err := stat.PermuteMedians(values, chosen, stat.PermutationOptions{Seed: e.seed})
	if err != nil {
		return err
	}
	est := Estimate{Stat: "median_gap", Item: k.item.Key, Unit: unit, Value: r.Difference, Status: statusOf(r.Difference, r.Reasons),
		Reasons: r.Reasons, Notes: []string{noteSameInformant}, P: r.P, Seed: r.Seed, Replicates: &r.Replicates, base: row.All.base}
	if !r.P.Valid {
		est.Seed, est.Replicates = nil, nil
	}
	est.base.hidden = r.Difference.Valid && (!e.gate.open(row.WC) || !e.gate.open(row.Rest))
	row.Gap = est.withN(*row.All.N, *row.All.Organizations)
	row.Relative = e.relative(k, row)
	return nil
}

// relative is 100 (WC/Rest - 1), for levels only: a growth rate is compared in
// points.
func (e *engine) relative(k kpi, row *KPIRow) stat.Number {
	level := k.item.Min != nil && *k.item.Min >= 0
	if !level || !e.gate.open(row.WC) || !e.gate.open(row.Rest) || row.Gap.base.hidden || row.Rest.Value.Value <= 0 {
		return stat.Number{}
	}
	return stat.Some(100 * (row.WC.Value.Value/row.Rest.Value.Value - 1))
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
		_, top := e.axisOf(j)
		if top == nil || e.class.tiers[j].Tier == nil {
			continue
		}
		at := [2]bool{e.class.tiers[j].PWorldClass.Value >= likelyWorldClass, *top}
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
	case len(e.results.kpis) == 0:
		return "The instrument asks for no results (KPIs), so practice can not be set against them."
	case !e.results.cut.Valid:
		return "No organization has enough reported results for the second axis."
	}
	return ""
}
