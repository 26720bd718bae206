package analysis

import (
	"math"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// Gap is one item in the columns World-Class, Rest and All, equal weight for
// every organization. Gaps are WC - Rest in points.
type Gap struct {
	Item     string         `json:"item"`
	WC       stat.Number    `json:"wc"`
	WCCI     *stat.Interval `json:"wc_ci"`
	WCN      int            `json:"wc_n"`
	Rest     stat.Number    `json:"rest"`
	RestCI   *stat.Interval `json:"rest_ci"`
	RestN    int            `json:"rest_n"`
	All      stat.Number    `json:"all"`
	Points   stat.Number    `json:"gap_points"` // in sample: descriptive
	PointsCI *stat.Interval `json:"gap_points_ci"`
	CIMethod string         `json:"ci_method"`
	Newcombe *stat.Interval `json:"gap_ci_newcombe_nstar"`
	VsAll    stat.Number    `json:"gap_vs_all_points"`
	CohenH   stat.Number    `json:"cohen_h"`
	SE       stat.Number    `json:"se_points"`
	DF       stat.Number    `json:"df"`
	P        stat.Number    `json:"p_in_sample"` // not to be read as a test: the group was chosen with these items
	PMethod  string         `json:"p_method"`
	PBH      stat.Number    `json:"p_in_sample_bh"`
	PHolm    stat.Number    `json:"p_in_sample_holm"`
	LeaveOut stat.Number    `json:"leave_item_out_points"`
	Split    stat.Number    `json:"split_half_points"` // the headline
	SplitCI  *stat.Interval `json:"split_half_points_ci"`
	SplitP   stat.Number    `json:"p_split_half"`
	SplitBH  stat.Number    `json:"p_bh"`
	SplitHo  stat.Number    `json:"p_holm"`
	Circular stat.Number    `json:"circular_share"`
	BootSE   stat.Number    `json:"se_bootstrap_points"`
	BootCI   *stat.Interval `json:"ci_percentile_points"`
	Reasons  []stat.Reason  `json:"reasons"`
}

// GapTable is the comparison of the columns.
type GapTable struct {
	Column          string        `json:"wc_column"` // expected_number or quantile_raw
	WorldClass      int           `json:"wc_organizations"`
	Organizations   []string      `json:"wc_members"`
	HalfCorrelation stat.Number   `json:"half_correlation"`
	SpearmanBrown   stat.Number   `json:"half_correlation_spearman_brown"`
	Splits          int           `json:"splits"`
	Replicates      int           `json:"replicates"`
	Retiered        bool          `json:"retiered_in_each_replicate"`
	Items           []Gap         `json:"items"`
	Reasons         []stat.Reason `json:"reasons"`
	Explanation     string        `json:"explanation"`
}

const circularSentence = "The organizations in the column WC were chosen by these answers, so they must agree more, even in pure noise. " +
	"Split half chooses by one half of the people and measures the gap on the other; only its p is a test. " +
	"Leave-item-out removes only the item's own noise: where people differ by a general mood it stays large although organizations do not differ at all."

// compare makes the table of gaps between the organizations most likely
// World-Class and all others.
func compare(t *Table, c *counts, r *ranking, o Options) (GapTable, error) {
	table := GapTable{Column: "expected_number", Explanation: circularSentence, Items: []Gap{}, Organizations: []string{}}
	table.WorldClass = int(math.Round(r.expected.Or(0)))
	if table.WorldClass == 0 {
		// nobody is eligible for a tier: the simple habit, captioned as what it is
		table.Column, table.WorldClass = "top_tenth", (len(t.Organizations)+5)/10
	}
	if table.WorldClass == 0 || table.WorldClass >= len(t.Organizations) {
		table.Reasons = append(table.Reasons, stat.FewOrganizations)
		return table, nil
	}
	chosen := stat.TopOrganizations(r.posterior, table.WorldClass)
	for j, in := range chosen {
		if in {
			table.Organizations = append(table.Organizations, t.Organizations[j])
		}
	}
	table.Items = make([]Gap, c.items)
	errs := make([]error, c.items)
	inParallel(c.items, func(k int) { table.Items[k], errs[k] = inSample(t, c, k, chosen, o) })
	if err := firstError(errs); err != nil {
		return table, err
	}
	if err := table.bootstrap(c, r, chosen, o); err != nil {
		return table, err
	}
	if o.ClosedForms {
		return table, table.adjust()
	}
	if err := table.circular(t, c, r, o); err != nil {
		return table, err
	}
	return table, table.adjust()
}

// inSample is the gap of one item between the columns as they stand.
func inSample(t *Table, c *counts, k int, chosen []bool, o Options) (Gap, error) {
	agree, err := stat.ShareSummaries(c.boxCounts(k, boxes{c.points, o.Top}))
	if err != nil {
		return Gap{}, err
	}
	wc, rest := make([]stat.Summary, len(agree)), make([]stat.Summary, len(agree))
	for j, s := range agree {
		if chosen[j] {
			wc[j] = s
		} else {
			rest[j] = s
		}
	}
	g, err := stat.Gap(wc, rest, stat.GapOptions{Weighting: stat.EqualOrganization, Seed: o.Seed})
	if err != nil {
		return Gap{}, err
	}
	return Gap{
		Item: t.Items[k], WC: g.WC.Share, WCCI: g.WC.CI, WCN: g.WC.N, Rest: g.Rest.Share, RestCI: g.Rest.CI, RestN: g.Rest.N, All: g.All,
		Points: g.Points, PointsCI: g.CI, CIMethod: g.CIMethod, Newcombe: g.CINewcombe, VsAll: g.VsAllPoints, CohenH: g.CohenH,
		SE: g.SE, DF: g.DF, P: g.P, PMethod: g.PMethod, Reasons: append([]stat.Reason{stat.SelectedOnItems}, g.Reasons...),
	}, nil
}

// bootstrap resamples whole organizations; the tier is made again each time.
func (table *GapTable) bootstrap(c *counts, r *ranking, chosen []bool, o Options) error {
	if o.Replicates == 0 {
		return nil
	}
	data := stat.GapData{Chosen: chosen, WorldClass: table.WorldClass, Scores: r.scores, Variances: r.variances}
	for k := range c.items {
		agree, err := stat.ShareSummaries(c.boxCounts(k, boxes{c.points, o.Top}))
		if err != nil {
			return err
		}
		data.Items = append(data.Items, stat.Contribute(agree, stat.EqualOrganization))
	}
	results, err := stat.BootstrapGaps(data, stat.BootstrapOptions{Seed: o.Seed, Replicates: o.Replicates})
	if err != nil {
		return err
	}
	table.Retiered, table.Replicates = true, o.Replicates
	for k, b := range results {
		table.Items[k].BootSE, table.Items[k].BootCI = hundredfold(b.SE), hundredfoldInterval(b.CIPercentile)
	}
	return nil
}

// circular fills the columns that show how much of a gap comes from the choice.
func (table *GapTable) circular(t *Table, c *counts, r *ranking, o Options) error {
	columns := make([][]int8, c.items)
	bar := uint8(c.points - o.Top + 1)
	inParallel(c.items, func(k int) {
		column := make([]int8, t.Rows)
		for i, v := range t.Answers[k] {
			switch {
			case v == 0:
				column[i] = -1
			case v >= bar:
				column[i] = 1
			}
		}
		columns[k] = column
	})
	bits, err := stat.PackAgree(columns, t.Org, r.roles, c.organizations)
	if err != nil {
		return err
	}
	result, err := stat.Circularity(bits, stat.CircularOptions{
		Key: c.key, Mix: r.mix, WorldClass: table.WorldClass, Weighting: stat.EqualOrganization, Seed: o.Seed, Splits: o.Splits, Conf: confidence,
	})
	if err != nil {
		return err
	}
	split := result.Split
	table.HalfCorrelation, table.SpearmanBrown, table.Splits = split.HalfCorrelation, split.SpearmanBrown, split.Splits
	table.Reasons = append(table.Reasons, split.Reasons...)
	for k := range table.Items {
		g := &table.Items[k]
		g.LeaveOut, g.Circular = hundredfold(result.Items[k].LeaveItemOut), result.Items[k].CircularShare
		g.Split, g.SplitCI, g.SplitP = hundredfold(split.Items[k].Gap), hundredfoldInterval(split.Items[k].CI), split.Items[k].P
		g.Reasons = append(g.Reasons, split.Items[k].Reasons...)
	}
	return nil
}

// adjust corrects both families of p-values for the number of items.
func (table *GapTable) adjust() error {
	raw, split := make([]stat.Number, len(table.Items)), make([]stat.Number, len(table.Items))
	for k, g := range table.Items {
		raw[k], split[k] = g.P, g.SplitP
	}
	rawBH, rawHolm, splitBH, splitHolm := stat.BenjaminiHochberg(raw), stat.Holm(raw), stat.BenjaminiHochberg(split), stat.Holm(split)
	for k := range table.Items {
		g := &table.Items[k]
		g.PBH, g.PHolm, g.SplitBH, g.SplitHo = rawBH[k], rawHolm[k], splitBH[k], splitHolm[k]
	}
	return nil
}

func hundredfold(n stat.Number) stat.Number {
	if !n.Valid {
		return n
	}
	return stat.Some(100 * n.Value)
}

func hundredfoldInterval(ci *stat.Interval) *stat.Interval {
	if ci == nil {
		return nil
	}
	return &stat.Interval{Lower: 100 * ci.Lower, Upper: 100 * ci.Upper}
}
