package analysis

import (
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// Scale is the reliability of all items taken as one scale.
type Scale struct {
	Alpha         stat.Number    `json:"alpha_listwise"`
	AlphaCI       *stat.Interval `json:"alpha_feldt_ci"`
	AlphaPairwise stat.Number    `json:"alpha_pairwise"`
	AlphaStd      stat.Number    `json:"alpha_std_listwise"`
	Omega         stat.Number    `json:"omega_total"`
	AVE           stat.Number    `json:"ave"`
	N             int            `json:"n_listwise"`
	Items         []ScaleItem    `json:"items"`
	NoVariance    []string       `json:"items_without_variance"`
	Reasons       []stat.Reason  `json:"reasons"`
	OmegaReasons  []stat.Reason  `json:"omega_reasons"`
}

// ScaleItem is what one item adds to the scale, from complete rows.
type ScaleItem struct {
	Item           string      `json:"item"`
	Mean           stat.Number `json:"mean"`
	SD             stat.Number `json:"sd"`
	ItemTotal      stat.Number `json:"item_total_corrected"`
	AlphaIfDeleted stat.Number `json:"alpha_if_deleted"`
	Loading        stat.Number `json:"loading"`
}

func describeScale(t *Table) (Scale, error) {
	listwise := stat.CrossProducts(t.Answers, true)
	result, err := stat.ReliabilityOf(listwise, confidence)
	if err != nil {
		return Scale{}, err
	}
	pairwise := stat.AlphaPairwise(listwise)
	if t.MissingCells > 0 {
		pairwise = stat.AlphaPairwise(stat.CrossProducts(t.Answers, false))
	}
	s := Scale{
		Alpha: result.Alpha, AlphaCI: result.AlphaCI, AlphaPairwise: pairwise, AlphaStd: result.AlphaStd,
		Omega: result.Omega, AVE: result.AVE, N: result.N, Reasons: result.Reasons, OmegaReasons: result.OmegaReasons,
	}
	for k, item := range result.PerItem {
		s.Items = append(s.Items, ScaleItem{
			Item: t.Items[k], Mean: moved(item.Mean, float64(t.Columns.Min-1)), SD: item.SD,
			ItemTotal: item.ItemTotal, AlphaIfDeleted: item.AlphaIfDeleted, Loading: item.Loading,
		})
	}
	for _, k := range result.NoVariance {
		s.NoVariance = append(s.NoVariance, t.Items[k])
	}
	return s, nil
}

// Aggregation says whether the mean of the respondents may be called a property
// of the organization: how much of the variance lies between organizations, and
// how far people inside them agree.
type Aggregation struct {
	MissingRule string            `json:"missing_rule"` // of the agreement indices
	ICC1        stat.Number       `json:"icc1_n0"`
	ICC1CI      *stat.Interval    `json:"icc1_n0_ci"`
	ICC1MeanN   stat.Number       `json:"icc1_mean_n"`
	ICC2        stat.Number       `json:"icc2"`
	ICC2CI      *stat.Interval    `json:"icc2_ci"`
	N0          stat.Number       `json:"n0"`
	MeanN       stat.Number       `json:"mean_n"`
	MSB         stat.Number       `json:"msb"`
	MSW         stat.Number       `json:"msw"`
	F           stat.Number       `json:"f"`
	DF1         int               `json:"df1"`
	DF2         int               `json:"df2"`
	PF          stat.Number       `json:"p_f"`
	Tau2        stat.Number       `json:"tau2_reml"`
	Sigma2      stat.Number       `json:"sigma2_reml"`
	LogLik      stat.Number       `json:"loglik_reml"`
	ICC1REML    stat.Number       `json:"icc1_reml"`
	LambdaMean  stat.Number       `json:"lambda_mean"`
	DeffCluster stat.Number       `json:"deff_kish_cluster"`
	DeffWeight  stat.Number       `json:"deff_kish_weight"`
	Needed      stat.Number       `json:"respondents_needed"` // per organization for a reliability of .70
	Uniform     stat.IndexSummary `json:"rwgj_uniform"`
	SlightSkew  stat.IndexSummary `json:"rwgj_slight_skew"`
	Moderate    stat.IndexSummary `json:"rwgj_moderate_skew"`
	Star        stat.IndexSummary `json:"rwg_star_j_uniform"`
	ADMean      stat.IndexSummary `json:"ad_mean"`
	AWG         stat.IndexSummary `json:"awg"`
	SetToZero   int               `json:"n_set_to_zero"`
	Gate        stat.Aggregation  `json:"aggregation"`
	Reasons     []stat.Reason     `json:"reasons"`

	lambda    []stat.Number
	agreement []stat.AgreementResult
}

func describeAggregation(t *Table, c *counts) (Aggregation, error) {
	summaries, err := stat.ValueSummaries(nanWhereNegative(c.score), t.Org)
	if err != nil {
		return Aggregation{}, err
	}
	icc, err := stat.ICC(summaries, confidence)
	if err != nil {
		return Aggregation{}, err
	}
	reml := stat.RandomIntercept(summaries, false)
	agreement := stat.AgreementOf(c.completeCounts(t))
	sizes := make([]int, 0, len(summaries))
	for _, s := range summaries {
		sizes = append(sizes, s.N)
	}
	a := Aggregation{
		MissingRule: "listwise",
		ICC1:        icc.ICC1N0, ICC1CI: icc.ICC1N0CI, ICC1MeanN: icc.ICC1MeanN, ICC2: icc.ICC2, ICC2CI: icc.ICC2CI,
		N0: icc.N0, MeanN: icc.MeanN, MSB: icc.MSB, MSW: icc.MSW, F: icc.F, DF1: icc.DF1, DF2: icc.DF2, PF: icc.PF,
		Tau2: reml.Tau2, Sigma2: reml.Sigma2, LogLik: reml.LogLik, ICC1REML: reml.ICC1, LambdaMean: reml.LambdaMean,
		Uniform: agreement.RwgjUniform, SlightSkew: agreement.RwgjSlight, Moderate: agreement.RwgjModerate,
		Star: agreement.RwgStarUniform, ADMean: agreement.ADMean, AWG: agreement.AWG, SetToZero: agreement.SetToZero,
		Reasons: icc.Reasons, lambda: reml.Lambda, agreement: agreement.PerOrganization,
	}
	for _, r := range reml.Reasons {
		if !slices.Contains(a.Reasons, r) {
			a.Reasons = append(a.Reasons, r)
		}
	}
	if icc.ICC1N0.Valid {
		a.DeffCluster = stat.KishCluster(sizes, icc.ICC1N0.Value)
		a.Needed = stat.RespondentsNeeded(icc.ICC1N0.Value, tierReliability)
	}
	if t.Weight != nil {
		a.DeffWeight = stat.KishWeight(t.Weight)
	}
	a.Gate = stat.AggregationGate(icc.ICC1N0CI, agreement.RwgjUniform.Median, agreement.RwgjSlight.Median)
	return a, nil
}

// completeCounts are the answer counts of complete rows by organization, item
// and scale point.
func (c *counts) completeCounts(t *Table) [][][]int {
	hist := c.hist
	if t.MissingCells > 0 {
		hist = c.completeHistograms(t)
	}
	width := c.points + 1
	byOrganization := make([][][]int, c.organizations)
	inParallel(c.organizations, func(j int) {
		items := make([][]int, c.items)
		cells := make([]int, c.items*c.points)
		for k := range items {
			items[k] = cells[k*c.points : (k+1)*c.points]
			for v, n := range hist[k][j*width+1 : (j+1)*width] {
				items[k][v] = int(n)
			}
		}
		byOrganization[j] = items
	})
	return byOrganization
}

func (c *counts) completeHistograms(t *Table) [][]int32 {
	incomplete := make([]bool, t.Rows)
	for _, column := range t.Answers {
		for i, v := range column {
			if v == 0 {
				incomplete[i] = true
			}
		}
	}
	hist := make([][]int32, c.items)
	width := int32(c.points + 1)
	inParallel(c.items, func(k int) {
		counted := make([]int32, c.organizations*int(width))
		for i, v := range t.Answers[k] {
			if !incomplete[i] {
				counted[t.Org[i]*width+int32(v)]++
			}
		}
		hist[k] = counted
	})
	return hist
}
