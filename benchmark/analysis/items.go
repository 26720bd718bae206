package analysis

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// Item describes one item: distribution, mean and share of agreement, with
// intervals clustered by organization. Reverse items are described as recoded.
type Item struct {
	Item        string         `json:"item"`
	Reverse     bool           `json:"reverse"`
	N           int            `json:"n"`
	NMissing    int            `json:"n_missing"`
	Counts      []int          `json:"counts"`       // by scale point, ascending
	Shares      []stat.Number  `json:"distribution"` // the same as shares of n
	Mean        stat.Number    `json:"mean"`
	MeanCI      *stat.Interval `json:"mean_ci"`            // CR2; linearized where weighted
	MeanCILin   *stat.Interval `json:"mean_ci_linearized"` // t on J-1 degrees of freedom
	SD          stat.Number    `json:"sd"`
	Median      stat.Number    `json:"median"`
	Index       stat.Number    `json:"index_0_100"`
	SEMean      stat.Number    `json:"se_mean"`     // linearized
	SEMeanCR2   stat.Number    `json:"se_mean_cr2"` // with its degrees of freedom, unweighted only
	DFMeanCR2   stat.Number    `json:"df_satterthwaite"`
	Top         int            `json:"top"`
	Share       stat.Number    `json:"-"` // top2_share where Top is 2; see MarshalJSON
	ShareCI     *stat.Interval `json:"-"`
	CIMethod    string         `json:"ci_method"`
	LogitCI     *stat.Interval `json:"-"`
	NaiveCI     *stat.Interval `json:"-"` // as if people were independent, for contrast
	ByGroup     stat.Number    `json:"-"` // every organization counted once
	ByGroupCI   *stat.Interval `json:"-"`
	Bottom      stat.Number    `json:"bottom_share"`
	Net         stat.Number    `json:"net"`
	NEff        stat.Number    `json:"n_eff"`
	NEffRaw     stat.Number    `json:"n_eff_raw"`
	DeffN       stat.Number    `json:"deff_n"`
	DeffReplace stat.Number    `json:"deff_replace"`
	SE          stat.Number    `json:"se_linearized"`
	DF          stat.Number    `json:"df"`
	ICC1        stat.Number    `json:"icc1_n0"`
	ICC1MeanN   stat.Number    `json:"icc1_mean_n"`
	ICC2        stat.Number    `json:"icc2"`
	Reasons     []stat.Reason  `json:"reasons"`
	Notes       []string       `json:"notes"`
}

// MarshalJSON names the share of agreement by its box: top2_share, top3_share.
func (item Item) MarshalJSON() ([]byte, error) {
	type plain Item
	text, err := json.Marshal(plain(item))
	if err != nil {
		return nil, err
	}
	box := fmt.Sprintf("top%d_share", item.Top)
	for _, field := range []struct {
		name  string
		value any
	}{
		{box, item.Share}, {box + "_ci", item.ShareCI}, {box + "_ci_logit_t", item.LogitCI}, {box + "_ci_wilson", item.NaiveCI},
		{box + "_equal_organization", item.ByGroup}, {box + "_equal_organization_ci", item.ByGroupCI},
	} {
		value, err := json.Marshal(field.value)
		if err != nil {
			return nil, err
		}
		text = fmt.Appendf(text[:len(text)-1], `,%q:%s}`, field.name, value)
	}
	return text, nil
}

// boxes are the agree box and its mirror at the low end of the scale.
type boxes struct{ points, top int }

func (b boxes) agrees(v int) bool    { return v > b.points-b.top }
func (b boxes) disagrees(v int) bool { return v > 0 && v <= b.top }

// describeItems describes all items. The items whose agreement has no variance
// of its own borrow the median design effect of the others.
func describeItems(t *Table, c *counts, top int) ([]Item, error) {
	items := make([]Item, c.items)
	errs := make([]error, c.items)
	describe := func(pool stat.Number) {
		inParallel(c.items, func(k int) { items[k], errs[k] = describeItem(t, c, k, top, pool) })
	}
	describe(stat.Number{})
	if err := firstError(errs); err != nil {
		return nil, err
	}
	var deffs []float64
	for _, item := range items {
		if item.DeffN.Valid {
			deffs = append(deffs, item.DeffN.Value)
		}
	}
	if pool := stat.Median(deffs); pool.Valid && len(deffs) < c.items {
		describe(pool)
	}
	return items, firstError(errs)
}

func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func describeItem(t *Table, c *counts, k, top int, pool stat.Number) (Item, error) {
	total := c.total(k)
	item := Item{Item: t.Items[k], Top: top, Reverse: t.Reversed[k], NMissing: total[0], Counts: total[1:], Reasons: []stat.Reason{}}
	for _, n := range item.Counts {
		item.N += n
	}
	for _, n := range item.Counts {
		item.Shares = append(item.Shares, ratio(n, item.N))
	}
	summaries := c.summaries(k)
	agree, err := stat.ShareSummaries(c.boxCounts(k, boxes{c.points, top}))
	if err != nil {
		return item, err
	}
	if err := item.means(t, c, k, summaries); err != nil {
		return item, err
	}
	if err := item.shares(t, k, top, agree, pool); err != nil {
		return item, err
	}
	icc, err := stat.ICC(summaries, confidence)
	item.ICC1, item.ICC1MeanN, item.ICC2 = icc.ICC1N0, icc.ICC1MeanN, icc.ICC2
	item.addReasons(icc.Reasons...)
	return item, err
}

// means fills the figures in scale points, on the scale of the file.
func (item *Item) means(t *Table, c *counts, k int, summaries []stat.Summary) error {
	mean, err := stat.Mean(summaries, stat.MeanOptions{Scale: c.points})
	if err != nil {
		return err
	}
	item.Mean, item.MeanCI, item.SD, item.Index = mean.Mean, mean.CI, mean.SD, mean.Index
	item.SEMean, item.SEMeanCR2, item.DFMeanCR2 = mean.SE, mean.SECR2, mean.DFCR2
	item.addReasons(mean.Reasons...)
	if t.Weight != nil {
		weighted, err := stat.WeightedMean(weightedContributions(t, k, func(v int) float64 { return float64(v) }), nil, confidence)
		if err != nil {
			return err
		}
		item.Mean, item.MeanCI, item.SEMean = weighted.Mean, weighted.CI, weighted.SE
		item.SEMeanCR2, item.DFMeanCR2 = stat.Number{}, stat.Number{}
		item.Index = stat.Number{}
		if weighted.Mean.Valid {
			item.Index = stat.Some(100 * (weighted.Mean.Value - 1) / float64(c.points-1))
		}
	}
	item.Median = medianOfCounts(item.Counts, item.N)
	shift := float64(t.Columns.Min - 1)
	item.Mean, item.Median = moved(item.Mean, shift), moved(item.Median, shift)
	item.MeanCI = movedInterval(item.MeanCI, shift)
	if item.MeanCI != nil && item.SEMean.Valid {
		half := stat.TCritical(confidence, float64(mean.Organizations-1)) * item.SEMean.Value
		item.MeanCILin = &stat.Interval{Lower: item.Mean.Value - half, Upper: item.Mean.Value + half}
	}
	return nil
}

// shares fills the agreement and what clustering does to it.
func (item *Item) shares(t *Table, k, top int, agree []stat.Summary, pool stat.Number) error {
	box := boxes{t.Columns.Points(), top}
	contributions := stat.Contribute(agree, stat.EqualRespondent)
	if t.Weight != nil {
		contributions = weightedContributions(t, k, func(v int) float64 { return indicator(box.agrees(v)) })
	}
	share, err := stat.ClusteredShare(contributions, stat.ShareOptions{DeffPool: pool})
	if err != nil {
		return err
	}
	item.Share, item.ShareCI, item.CIMethod = share.Share, share.CI, share.CIMethod
	item.NEff, item.NEffRaw, item.DeffN, item.DeffReplace = share.NEff, share.NEffRaw, share.DeffN, share.DeffReplace
	item.SE, item.DF = share.SE, share.DF
	item.addReasons(share.Reasons...)
	item.Notes = share.Notes
	if item.Share.Valid {
		item.NaiveCI = stat.Wilson(item.Share.Value, float64(item.N), confidence)
	}
	if share.SE.Valid && share.DF.Valid && share.CI != nil {
		item.LogitCI = stat.LogitT(share.Share.Value, share.SE.Value, share.DF.Value, confidence)
	}
	byGroup, err := stat.ClusteredShare(stat.Contribute(agree, stat.EqualOrganization), stat.ShareOptions{DeffPool: pool})
	item.ByGroup, item.ByGroupCI = byGroup.Share, byGroup.CI
	low, high := 0, 0
	for v, n := range item.Counts {
		low += int(indicator(box.disagrees(v+1))) * n
		high += int(indicator(box.agrees(v+1))) * n
	}
	item.Bottom, item.Net = ratio(low, item.N), ratio(high-low, item.N)
	return err
}

// addReasons adds what is not said yet.
func (item *Item) addReasons(reasons ...stat.Reason) {
	for _, r := range reasons {
		if !slices.Contains(item.Reasons, r) {
			item.Reasons = append(item.Reasons, r)
		}
	}
}

// summaries are the answers of each organization to item k.
func (c *counts) summaries(k int) []stat.Summary {
	summaries := make([]stat.Summary, c.organizations)
	for j := range summaries {
		var n, sum, squares int64
		for v, count := range c.cell(k, j) {
			if v > 0 {
				n += int64(count)
				sum += int64(v) * int64(count)
				squares += int64(v) * int64(v) * int64(count)
			}
		}
		summaries[j] = stat.SummaryFromSums(int(n), sum, squares)
	}
	return summaries
}

// boxCounts are, per organization, the answers to item k and those in the agree box.
func (c *counts) boxCounts(k int, box boxes) (n, x []int) {
	n, x = make([]int, c.organizations), make([]int, c.organizations)
	for j := range n {
		for v, count := range c.cell(k, j) {
			if v == 0 {
				continue
			}
			n[j] += int(count)
			if box.agrees(v) {
				x[j] += int(count)
			}
		}
	}
	return n, x
}

// weightedContributions sums a function of the answers to item k with the
// weights of the rows; a weight of 0 takes a row out.
func weightedContributions(t *Table, k int, value func(v int) float64) []stat.Contribution {
	contributions := make([]stat.Contribution, len(t.Organizations))
	values := make([]float64, t.Columns.Points()+1)
	for v := range values {
		values[v] = value(v)
	}
	for i, v := range t.Answers[k] {
		w := t.Weight[i]
		if v == 0 || w == 0 {
			continue
		}
		c := &contributions[t.Org[i]]
		c.N++
		c.W += w
		c.WY += float64(w * values[v])
		c.W2 += float64(w * w)
	}
	return contributions
}

func medianOfCounts(counts []int, n int) stat.Number {
	if n == 0 {
		return stat.Number{}
	}
	at := func(rank int) float64 {
		for v, count := range counts {
			if rank < count {
				return float64(v + 1)
			}
			rank -= count
		}
		return float64(len(counts))
	}
	return stat.Some((at((n-1)/2) + at(n/2)) / 2)
}

func moved(n stat.Number, by float64) stat.Number {
	if !n.Valid {
		return n
	}
	return stat.Some(n.Value + by)
}

func movedInterval(ci *stat.Interval, by float64) *stat.Interval {
	if ci == nil {
		return nil
	}
	return &stat.Interval{Lower: ci.Lower + by, Upper: ci.Upper + by}
}

func ratio(x, n int) stat.Number {
	if n == 0 {
		return stat.Number{}
	}
	return stat.Some(float64(x) / float64(n))
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// confidence of all intervals of an analysis.
const confidence = .95
