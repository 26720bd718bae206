package benchmark

import (
	"sort"
	"time"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// AggregateInput is a source that publishes shares of organizations and no
// single answers.
type AggregateInput struct {
	Study         survey.Study
	Wave          survey.Wave
	Organizations []survey.Organization
	Instrument    *survey.Instrument // labels and themes of the measures; nil: the measures are their own labels
	Aggregates    []survey.Aggregate
	Published     map[string]float64 // the source's own benchmark row, by measure
	Now           time.Time
	Version       string
	Language      string
}

// ComputeAggregates makes the benchmark of published shares: the median
// organization and the upper quartile of organizations, measure by measure. With
// orgKey it also places that organization among the others. What needs single
// answers or their number is answered by no_counts.
func ComputeAggregates(in AggregateInput, orgKey string) (*AggregateBenchmark, error) {
	a, err := newAggregates(in, orgKey)
	if err != nil {
		return nil, err
	}
	b := &AggregateBenchmark{
		Provenance: a.provenance(), Title: waveTitle(in.Study, in.Wave), OrganizationsN: len(a.organizations), Organization: orgKey,
	}
	for _, o := range a.organizations {
		b.Names = append(b.Names, AggregateOrg{Key: o.Key, Name: o.Name})
	}
	for _, measure := range a.order {
		b.Rows = append(b.Rows, a.row(measure))
	}
	b.Headline = a.headline(b)
	b.Caveats = aggregateCaveats()
	newGate(in.Wave.MinimumGroup).seal(b)
	return b, nil
}

// aggregates are the shares by measure and organization.
type aggregates struct {
	in            AggregateInput
	own           survey.OrganizationID // empty without an organization
	organizations []survey.Organization // those with at least one share, by key
	order         []string              // measures, in the order of the instrument or of the source
	shares        map[string]map[survey.OrganizationID]float64
	counts        map[string]map[survey.OrganizationID]int // 0 where the source gives none
}

func newAggregates(in AggregateInput, orgKey string) (*aggregates, error) {
	a := &aggregates{in: in, shares: map[string]map[survey.OrganizationID]float64{}, counts: map[string]map[survey.OrganizationID]int{}}
	known := map[survey.OrganizationID]survey.Organization{}
	for _, o := range in.Organizations {
		known[o.ID] = o
		if o.Key == orgKey {
			a.own = o.ID
		}
	}
	if orgKey != "" && a.own == "" {
		return nil, survey.Errorf(survey.NotFound, "organization %q is not part of wave %s", orgKey, in.Wave.Key)
	}
	seen := map[survey.OrganizationID]bool{}
	for _, g := range in.Aggregates {
		o, ok := known[g.OrganizationID]
		if !ok {
			return nil, survey.Errorf(survey.Invalid, "a share of %s belongs to an organization that the study does not have", g.Measure)
		}
		if !(g.Share >= 0 && g.Share <= 1) {
			return nil, survey.Errorf(survey.Invalid, "%s of %s: %v is not a share between 0 and 1", g.Measure, o.Key, g.Share)
		}
		if a.shares[g.Measure] == nil {
			a.shares[g.Measure], a.counts[g.Measure] = map[survey.OrganizationID]float64{}, map[survey.OrganizationID]int{}
			a.order = append(a.order, g.Measure)
		}
		if _, twice := a.shares[g.Measure][o.ID]; twice {
			return nil, survey.Errorf(survey.Invalid, "%s of %s is given twice", g.Measure, o.Key)
		}
		a.shares[g.Measure][o.ID], a.counts[g.Measure][o.ID] = g.Share, g.N
		if !seen[o.ID] {
			seen[o.ID] = true
			a.organizations = append(a.organizations, o)
		}
	}
	sort.Slice(a.organizations, func(x, y int) bool { return a.organizations[x].Key < a.organizations[y].Key })
	a.sortMeasures()
	return a, nil
}

// sortMeasures puts themes first and then items, both as the instrument has
// them; measures that it does not know follow by name.
func (a *aggregates) sortMeasures() {
	position := map[string]int{}
	if inst := a.in.Instrument; inst != nil {
		for i, area := range inst.Areas {
			position[area.Key] = i - len(inst.Areas) - len(inst.Fields())
		}
		for i, f := range inst.Fields() {
			position[f.Key] = i - len(inst.Fields())
		}
	}
	sort.SliceStable(a.order, func(x, y int) bool {
		px, py := position[a.order[x]], position[a.order[y]]
		if px != py {
			return px < py
		}
		return a.order[x] < a.order[y]
	})
}

func (a *aggregates) provenance() Provenance {
	p := Provenance{
		Study: a.in.Study.Key, Wave: a.in.Wave.Key, Seal: a.in.Wave.Seal, Method: Method, Version: a.in.Version, Rule: "median_organization/1",
		Edition: plural(len(a.organizations), "organization", "organizations"),
		Origin:  string(a.in.Study.Origin), Attribution: a.in.Study.Attribution,
	}
	if a.in.Instrument != nil {
		p.Instrument = a.in.Instrument.Hash()
		if p.Attribution == "" {
			p.Attribution = a.in.Instrument.Attribution.In(a.in.Language)
		}
	}
	return p
}

// row is one measure over all organizations.
func (a *aggregates) row(measure string) AggregateRow {
	var values []float64
	var scores []stat.Number
	own := -1
	for _, o := range a.organizations {
		v, ok := a.shares[measure][o.ID]
		if !ok {
			continue
		}
		if o.ID == a.own {
			own = len(values)
		}
		values, scores = append(values, v), append(scores, stat.Some(v))
	}
	q := stat.Quantiles(values, 0, 0.25, 0.5, 0.75, 1)
	make := func(name, unit string, column Column, v stat.Number) Estimate {
		// The source has published these shares itself, so the gate lets them pass.
		e := figure(name, unit, v, base{kind: baseCount}).because(stat.NoCounts)
		e.Item, e.Column, e.Organizations = measure, column, ptr(len(values))
		return e
	}
	label, theme := a.label(measure)
	row := AggregateRow{
		Measure: measure, Label: label, Theme: theme, Minimum: q[0], Maximum: q[4],
		Lower:      make("share_lower_quartile", UnitProportion, Lower, q[1]),
		Median:     make("share_median", UnitProportion, Median, q[2]),
		Upper:      make("share_upper_quartile", UnitProportion, Upper, q[3]),
		Own:        notComputed("share", UnitProportion, stat.NoValidAnswers),
		Percentile: notComputed("percentile_midrank", UnitPercentile, stat.NoValidAnswers),
	}
	if v, ok := a.in.Published[measure]; ok {
		row.Published = stat.Some(v)
	}
	if own >= 0 {
		row.Own = make("share", UnitProportion, Own, scores[own])
		percentiles, reasons := stat.PercentileMidrank(scores, false)
		row.Percentile = make("percentile_midrank", UnitPercentile, Own, percentiles[own]).because(reasons...)
		if n := a.counts[measure][a.own]; n > 0 {
			row.Own.N, row.Own.base = ptr(n), base{kind: baseGroup, respondents: n}
			row.Percentile.base = row.Own.base
		}
	}
	return row
}

// label finds the words for a measure; a theme is an area of the instrument.
func (a *aggregates) label(measure string) (label string, theme bool) {
	inst := a.in.Instrument
	if inst == nil {
		return measure, false
	}
	for _, area := range inst.Areas {
		if area.Key == measure {
			return area.Title.In(a.in.Language), true
		}
	}
	if item := inst.ItemByKey(measure); item != nil {
		return item.Label.In(a.in.Language), item.Block == "theme"
	}
	return measure, false
}

// waveTitle names study and wave.
func waveTitle(study survey.Study, wave survey.Wave) string {
	if wave.Title == "" || wave.Title == study.Title {
		return study.Title
	}
	return study.Title + ": " + wave.Title
}
