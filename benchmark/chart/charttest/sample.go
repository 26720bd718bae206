// Package charttest builds results for tests of what is made from them: invented
// numbers in the shape of real ones, each the same on every run.
package charttest

import (
	"fmt"
	"math"
	"time"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/stat"
)

// Hostile is a name that tries everything at once: to end a script element, to
// become code in go-echarts, to break a line, to turn the direction of the text,
// to be a formula in a spreadsheet and to be taken for a template.
const Hostile = "=HYPERLINK(1) </script><script>alert(1)</script> __f__alert(2)__f__ \n\u202e{a|b}{c} <img src=x onerror=alert(3)> \"'`&"

// Secret is a value that stands in suppressed estimates and must never come out.
const Secret = 0.990919

var practices = []struct{ key, area, label string }{
	{"problems_first", "creating_opportunities", "Customer problems understood before proposing"},
	{"value_message", "creating_opportunities", "Agreed message that attracts new customers"},
	{"marketing_alignment", "creating_opportunities", "Sales and marketing share one view of customer needs"},
	{"large_deal_resources", "managing_opportunities", "Large deals get the resources they need"},
	{"account_teamwork", "managing_relationships", "Departments work together on key accounts"},
	{"account_goals", "managing_relationships", "Long-term goals set with key accounts"},
	{"top_seller_sharing", "people_organization", "Methods of the best sellers reach everyone"},
	{"forecast_by_system", "operations_enablement", "Forecast produced by systems, not by managers"},
	{"customer_time", "operations_enablement", "Enough time for customers"},
	{"manager_deal_help", "management_execution", "Managers help the team to advance deals"},
	{"coaching_time", "management_execution", "Managers take enough time for coaching"},
	{"limited_data_demands", "management_execution", "Data demands leave managers time for the team"},
}

var areas = []struct{ key, title string }{
	{"creating_opportunities", "Creating opportunities"},
	{"managing_opportunities", "Managing opportunities"},
	{"managing_relationships", "Managing relationships"},
	{"people_organization", "People and organization"},
	{"operations_enablement", "Operations and enablement"},
	{"management_execution", "Management execution"},
}

var times = []struct {
	key, label    string
	own, wc, rest float64
}{
	{"time_coaching", "Coaching and deal strategy with sellers", 16.2, 27.4, 14.1},
	{"time_selling", "Own selling", 18.4, 14.2, 17.9},
	{"time_forecasting", "Forecasting and reporting numbers", 21.7, 11.3, 22.6},
	{"time_meetings", "Internal meetings", 13.6, 12.4, 14.8},
	{"time_resources", "Lining up resources across departments", 9.4, 15.8, 8.7},
	{"time_admin", "Administration", 13.1, 9.7, 13.4},
	{"time_other", "Other", 7.6, 9.2, 8.5},
}

func ptr[T any](v T) *T { return &v }

// Share is a share of n answers from a number of organizations.
func Share(column benchmark.Column, value float64, n, organizations int) benchmark.Estimate {
	half := 1.96 * math.Sqrt(value*(1-value)/float64(n)*1.6)
	return benchmark.Estimate{
		Stat: "top2_share", Column: column, Status: benchmark.OK, Reasons: []stat.Reason{}, Notes: []string{},
		Value: stat.Some(value), Unit: benchmark.UnitProportion, Conf: 0.95, CIMethod: "wilson_neff_t",
		CI: &stat.Interval{Lower: max(0, value-half), Upper: min(1, value+half)},
		N:  ptr(n), NAsked: ptr(n + 9), Organizations: ptr(organizations), NEff: stat.Some(float64(n) / 1.6), Cut: "6-7 of 7",
		Weighting: "equal_organization",
	}
}

// Points is a gap in points with its interval.
func Points(kind string, value, half float64) benchmark.Estimate {
	return benchmark.Estimate{Stat: kind, Status: benchmark.OK, Reasons: []stat.Reason{}, Notes: []string{}, Value: stat.Some(value),
		Unit: benchmark.UnitPoints, Conf: 0.95, CI: &stat.Interval{Lower: value - half, Upper: value + half}, N: ptr(640),
		Organizations: ptr(24), P: stat.Some(0.004), PBH: stat.Some(0.012)}
}

// Suppressed is an estimate that the gate withheld, in which a careless engine
// left its value.
func Suppressed() benchmark.Estimate {
	return benchmark.Estimate{Stat: "top2_share", Status: benchmark.Withheld, Reasons: []stat.Reason{stat.Suppressed}, Notes: []string{},
		Value: stat.Some(Secret), Unit: benchmark.UnitProportion, CI: &stat.Interval{Lower: Secret, Upper: Secret}}
}

// Plain is an estimate of any unit with an interval of the given half width.
func Plain(column benchmark.Column, value, half float64, unit string) benchmark.Estimate {
	e := benchmark.Estimate{Stat: unit, Column: column, Status: benchmark.OK, Reasons: []stat.Reason{}, Notes: []string{},
		Value: stat.Some(value), Unit: unit, Conf: 0.95, N: ptr(640), Organizations: ptr(24)}
	if half > 0 {
		e.CI = &stat.Interval{Lower: value - half, Upper: value + half}
	}
	return e
}

func provenance() benchmark.Provenance {
	return benchmark.Provenance{Study: "demo", Wave: "demo-2026", Edition: "640/018f", Instrument: "sha256:1f0c", Criteria: "sha256:99ab",
		Rule: "organizations/1", Method: "methods/1", Version: "test", Origin: "generated"}
}

// Wave is the result of a wave with 24 organizations.
func Wave() *benchmark.Benchmark {
	b := &benchmark.Benchmark{
		Provenance: provenance(), Title: "Sales practices 2026, first wave", ComputedAt: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Headline:    "In World-Class organizations 78% say that managers help to advance deals; in the others 36% do.",
		Story:       []string{"The managers there spend more time on coaching than on forecasting."},
		Caveats:     []string{"The group was chosen by these answers, so it must agree more; the split-half column shows what remains without that."},
		Respondents: ptr(640), OrganizationsN: ptr(24), MinimumGroup: 10, WCCaption: "The 4 organizations most likely World-Class, 2 of them with a probability of 90% or more.",
		ExpectedWC: Plain(benchmark.All, 4.2, 1.1, benchmark.UnitCount), HalfCorrelation: stat.Some(0.81),
		ICC1: Plain(benchmark.All, 0.14, 0.05, "icc"),
		Quality: benchmark.Quality{Respondents: 640, Uniform: Share(benchmark.All, 0.02, 640, 24), StraightLine: Share(benchmark.All, 0.03, 640, 24), Flagged: Share(benchmark.All, 0.02, 640, 24),
			Sentence: "3% of the respondents gave the same answer to every statement; without them no figure changes by more than a point."},
	}
	b.Roles = []benchmark.Share{{Key: "salesperson", Label: "Salesperson", Value: Share(benchmark.All, 0.7, 640, 24)},
		{Key: "manager", Label: "Sales manager", Value: Share(benchmark.All, 0.22, 640, 24)}, {Key: "executive", Label: "Executive", Value: Suppressed()}}
	b.Industries = []benchmark.Share{{Key: "software", Label: "Software", Value: Share(benchmark.All, 0.4, 640, 24)}}
	b.Regions = []benchmark.Share{{Key: "europe", Label: "Europe", Value: Share(benchmark.All, 0.8, 640, 24)}}
	for i, p := range practices {
		b.Practices = append(b.Practices, practice(i, p.key, p.area, p.label))
		b.Distributions = append(b.Distributions, spread(i, p.key, p.label))
	}
	for i, a := range areas {
		shift := float64(i)
		b.Areas = append(b.Areas, benchmark.AreaRow{Key: a.key, Title: a.title, Points: 7, WC: Plain(benchmark.WorldClass, 5.9+0.05*shift, 0.2, benchmark.UnitScale),
			Rest: Plain(benchmark.Rest, 4.2+0.14*shift, 0.15, benchmark.UnitScale), All: Plain(benchmark.All, 4.5+0.12*shift, 0.15, benchmark.UnitScale)})
	}
	b.Tiers = []benchmark.Share{{Key: "world_class", Label: "World-Class", Value: Plain(benchmark.All, 4, 0, benchmark.UnitCount)},
		{Key: "average", Label: "Average", Value: Plain(benchmark.All, 14, 0, benchmark.UnitCount)}}
	b.Organizations = organizations()
	b.KPIs = kpis()
	b.Matrix = Matrix()
	for _, t := range times {
		b.Time = append(b.Time, timeRow(t.key, t.label, t.wc, t.rest))
	}
	b.Coach = benchmark.CoachIndex{WC: Plain(benchmark.WorldClass, 2.06, 0.4, benchmark.UnitRatio), Rest: Plain(benchmark.Rest, 0.63, 0.08, benchmark.UnitRatio),
		All: Plain(benchmark.All, 0.74, 0.1, benchmark.UnitRatio)}
	b.RoleGaps = roleGaps()
	b.StudyStyle = &benchmark.StudyStyle{Rule: "Mean of all practice items 6.0 or more of 7, at least half answered.",
		Share: Share(benchmark.All, 0.062, 640, 24), Rows: b.Practices}
	return b
}

func practice(i int, key, area, label string) benchmark.PracticeRow {
	wc, rest := 0.88-0.013*float64(i%7), 0.30+0.031*float64((i*5)%9)
	row := benchmark.PracticeRow{Item: key, Label: label, Area: area, KeyPractice: true,
		WC: Share(benchmark.WorldClass, wc, 108, 4), Rest: Share(benchmark.Rest, rest, 532, 20), All: Share(benchmark.All, 0.17*wc+0.83*rest, 640, 24),
		Top3All: Share(benchmark.All, 0.7, 640, 24), Median: Share(benchmark.Median, rest+0.01, 640, 24), Upper: Share(benchmark.Upper, wc-0.2, 640, 24),
		Gap: Points("gap_points", 100*(wc-rest), 9), LeaveOut: Points("gap_points", 95*(wc-rest), 9.4), SplitHalf: Points("gap_points", 86*(wc-rest), 10.2),
		KPIDefined: Points("gap_points", 20*(wc-rest), 11), Circular: stat.Some(0.14)}
	if key == "manager_deal_help" {
		row.Norms = []benchmark.NormReference{{Label: label, Year: 2013, Measure: benchmark.MeasureAgree, Comparison: stat.Some(33), Base: "all",
			Approximate: true, Grade: "A", SourceTitle: "The study's publisher, August 2014", SourceURL: "https://example.org/study"}}
	}
	return row
}

func spread(i int, key, label string) benchmark.Distribution {
	d := benchmark.Distribution{Item: key, Label: label, N: ptr(640)}
	total := 0.0
	weights := []float64{3, 6, 9, 14, 20, 22, 12}
	for at := range weights {
		weights[at] += float64((i * (at + 2)) % 7)
		total += weights[at]
	}
	for at, w := range weights {
		d.Points = append(d.Points, Share(benchmark.All, w/total, 640, 24))
		d.Labels = append(d.Labels, [...]string{"1 strongly disagree", "2", "3", "4 neither", "5", "6", "7 strongly agree"}[at])
	}
	return d
}

func timeRow(key, label string, wc, rest float64) benchmark.TimeRow {
	return benchmark.TimeRow{Key: key, Label: label, WC: Plain(benchmark.WorldClass, wc, 2.1, benchmark.UnitPercent),
		Rest: Plain(benchmark.Rest, rest, 1.2, benchmark.UnitPercent), All: Plain(benchmark.All, 0.17*wc+0.83*rest, 1.1, benchmark.UnitPercent)}
}

func organizations() []benchmark.OrganizationRow {
	names := []string{"Northwind Pumps", "Aurelia Software", Hostile, "Kestrel Logistics", "Blue Harbour", "Small Shop"}
	calls := []benchmark.Call{benchmark.CallWorldClass, benchmark.CallLikely, benchmark.CallUndecided, benchmark.CallUnlikely, benchmark.CallUnlikely, benchmark.CallInsufficient}
	var rows []benchmark.OrganizationRow
	for i, name := range names {
		row := benchmark.OrganizationRow{Key: fmt.Sprintf("org-%d", i+1), Name: name, Industry: "software", Region: "europe", N: ptr(30 - i),
			Status: benchmark.OK, Classification: benchmark.Classification{Tier: benchmark.TierWorldClass, TierP: stat.Some(0.94), Call: calls[i],
				PWC: stat.Some(0.94 - 0.17*float64(i)), Index: Plain(benchmark.Own, 78-6*float64(i), 5, benchmark.UnitIndex),
				Rank: Plain(benchmark.Own, 1+4*float64(i), 0.9, benchmark.UnitRank), Reasons: []stat.Reason{}}}
		if i == len(names)-1 {
			row = benchmark.OrganizationRow{Key: row.Key, Name: name, Status: benchmark.Withheld,
				Classification: benchmark.Classification{Call: benchmark.CallInsufficient, Index: Suppressed(), Rank: Suppressed(), Reasons: []stat.Reason{stat.Suppressed}}}
		}
		rows = append(rows, row)
	}
	return rows
}

func kpis() []benchmark.KPIRow {
	return []benchmark.KPIRow{
		{Key: "win_rate", Label: "Win rate of forecast deals", Unit: "percent", Direction: "higher", Source: "reported",
			WC: Plain(benchmark.WorldClass, 54, 5, benchmark.UnitPercent), Rest: Plain(benchmark.Rest, 44, 3, benchmark.UnitPercent),
			All: Plain(benchmark.All, 46, 3, benchmark.UnitPercent), Own: Plain(benchmark.Own, 41, 0, benchmark.UnitPercent), Gap: Points("kpi_gap", 10, 6)},
		{Key: "forecast_error", Label: "Forecast error", Unit: "percent", Direction: "lower", Source: "reported",
			WC: Plain(benchmark.WorldClass, 11, 2, benchmark.UnitPercent), Rest: Plain(benchmark.Rest, 17, 2, benchmark.UnitPercent),
			All: Plain(benchmark.All, 16, 2, benchmark.UnitPercent), Own: Suppressed(), Gap: Points("kpi_gap", -6, 3)},
	}
}

// Matrix is a 2 x 2 with one withheld cell.
func Matrix() benchmark.Matrix {
	return benchmark.Matrix{Status: benchmark.OK, Cells: []benchmark.MatrixCell{
		{PracticeTop: true, KPITop: true, Organizations: ptr(3), Status: benchmark.OK, Names: []string{"Northwind Pumps", Hostile}},
		{PracticeTop: true, KPITop: false, Organizations: ptr(2), Status: benchmark.OK},
		{PracticeTop: false, KPITop: true, Organizations: ptr(4), Status: benchmark.OK},
		{PracticeTop: false, KPITop: false, Organizations: ptr(15), Status: benchmark.OK},
	}}
}

func roleGaps() []benchmark.RoleGapRow {
	var rows []benchmark.RoleGapRow
	for i, p := range practices[9:] {
		rows = append(rows, benchmark.RoleGapRow{Item: p.key, Label: p.label, Salesperson: Share(benchmark.All, 0.41+0.03*float64(i), 440, 24),
			Manager: Share(benchmark.All, 0.63, 140, 24), Executive: Suppressed(), Gap: Points("role_gap_points", 22-3*float64(i), 7)})
	}
	return rows
}

// Organization is the report of one organization, with one practice withheld.
func Organization() *benchmark.OrganizationReport {
	b := Wave()
	r := &benchmark.OrganizationReport{Provenance: provenance(), Title: b.Title, Organization: b.Organizations[1], Status: benchmark.OK, MinimumGroup: 10,
		Headline: "Likely World-Class (probability 77%), with the longest way to go on time for coaching.",
		Caveats:  b.Caveats, PeersCaption: "Peers: 8 organizations of the industry “Software”.", Quality: b.Quality}
	for i, p := range b.Practices {
		own := p.Rest.Value.Value + 0.02*float64(i%5)
		row := benchmark.OrganizationPractice{Item: p.Item, Label: p.Label, Area: p.Area, KeyPractice: true, Own: Share(benchmark.Own, own, 29, 1),
			Shrunk: Share(benchmark.Own, own+0.02, 29, 1), WC: p.WC, All: p.All, Peers: Share(benchmark.Peers, own+0.05, 210, 8),
			GapWC: Points("gap_points", 100*(p.WC.Value.Value-own), 17), GapAll: Points("gap_points", 100*(p.All.Value.Value-own), 15),
			GapPeers: Points("gap_points", 5, 15), Norms: p.Norms}
		if i == 3 {
			row.Own, row.GapWC, row.GapAll, row.GapPeers = Suppressed(), Suppressed(), Suppressed(), Suppressed()
		}
		r.Practices = append(r.Practices, row)
	}
	r.Strengths, r.StrengthWords, r.StrengthOrder = r.Practices[:3], "Highest compared with others; may be chance", "By the distance from all other organizations, longest first."
	r.Gaps, r.GapWords, r.GapOrder = r.Practices[9:12], "Gaps that matter most", "Key practices by the distance from World-Class, longest first."
	for i, a := range b.Areas {
		a.Own = Plain(benchmark.Own, 4.3+0.3*float64(i%3), 0.4, benchmark.UnitScale)
		r.Areas = append(r.Areas, a)
	}
	for _, d := range b.Distributions {
		r.Distributions = append(r.Distributions, boxes(d))
	}
	r.KPIs, r.Roles, r.Coach = b.KPIs, b.RoleGaps, b.Coach
	r.Coach.Own = Plain(benchmark.Own, 0.73, 0.31, benchmark.UnitRatio)
	for i, t := range b.Time {
		t.Own = Plain(benchmark.Own, times[i].own, 3.4, benchmark.UnitPercent)
		r.Time = append(r.Time, t)
	}
	return r
}

// boxes is the same distribution in three boxes, as a small group has it.
func boxes(d benchmark.Distribution) benchmark.Distribution {
	at := func(from, to int) benchmark.Estimate {
		sum := 0.0
		for _, e := range d.Points[from:to] {
			sum += e.Value.Value
		}
		return Share(benchmark.Own, sum, 29, 1)
	}
	return benchmark.Distribution{Item: d.Item, Label: d.Label, Boxes: true, N: ptr(29),
		Points: []benchmark.Estimate{at(0, 3), at(3, 4), at(4, 7)}, Labels: []string{"1-3 disagree", "4 neither", "5-7 agree"}}
}

// Aggregate is a benchmark of shares without single answers; own adds an organization.
func Aggregate(own bool) *benchmark.AggregateBenchmark {
	a := &benchmark.AggregateBenchmark{Provenance: provenance(), Title: "Civil service, 2019", Headline: "The median organization has 67% positive answers on my work.",
		Caveats: []string{"The source gives no counts, so no interval can be shown."}, OrganizationsN: 98,
		Names: []benchmark.AggregateOrg{{Key: "a", Name: "Ministry of Weather"}, {Key: "b", Name: Hostile}}}
	if own {
		a.Organization = "a"
	}
	for i, label := range []string{"My work", "My manager", "My team", "Learning and development", "Resources and workload", "Pay and benefits"} {
		median := 0.76 - 0.07*float64(i)
		row := benchmark.AggregateRow{Measure: fmt.Sprintf("theme_%d", i+1), Label: label, Theme: true,
			Median: Plain(benchmark.Median, median, 0, benchmark.UnitProportion), Upper: Plain(benchmark.Upper, median+0.05, 0, benchmark.UnitProportion),
			Lower: Plain("lower_quartile", median-0.05, 0, benchmark.UnitProportion), Minimum: stat.Some(median - 0.2), Maximum: stat.Some(median + 0.15),
			Published: stat.Some(median)}
		if own {
			row.Own = Plain(benchmark.Own, median+0.04-0.02*float64(i), 0, benchmark.UnitProportion)
			row.Percentile = Plain(benchmark.Own, 71-9*float64(i), 0, benchmark.UnitPercentile)
		}
		a.Rows = append(a.Rows, row)
	}
	return a
}
