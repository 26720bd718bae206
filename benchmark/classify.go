package benchmark

import (
	"math"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// classified is the classification of all organizations of the frame.
type classified struct {
	index    *stat.Index
	shrunk   *stat.Shrunk
	tiers    []stat.OrganizationTier
	y, s2    []float64 // scores and their sampling variances
	icc      stat.ICCResult
	mix      []float64 // shares of the roles the index is standardized to; nil: none
	cuts     *stat.TierCuts
	frozen   bool
	expected stat.Number
	interval *stat.Interval
	certain  int
	barred   bool        // the answers within organizations show no common view
	reason   stat.Reason // why nobody has a tier
}

// classify scores all organizations by the criteria: index, shrinkage, cuts,
// probability of each tier. It is nil where the criteria are not about
// organizations.
func (f *frame) classify() (*classified, error) {
	if f.in.Criteria == nil || f.in.Criteria.Unit != UnitOrganization {
		return nil, nil
	}
	c := &classified{}
	var err error
	if c.icc, err = f.scoreICC(); err != nil {
		return nil, err
	}
	var cells [][]stat.Moments
	cells, c.mix = f.roleCells()
	if c.index, err = stat.OrganizationIndex(cells, c.mix); err != nil {
		return nil, err
	}
	c.y, c.s2 = c.index.Scores()
	model, err := stat.FitNormal(c.y, c.s2)
	if err != nil {
		return nil, err
	}
	c.makeCuts(f.in.Criteria, model)
	return c, c.assign(model)
}

// scoreICC is the intraclass correlation of the respondents' shares.
func (f *frame) scoreICC() (stat.ICCResult, error) {
	return stat.ICC(f.series.key, confidence)
}

// roleCells gathers the moments of the shares per organization and role, and the
// mix of roles to which all organizations are standardized. Without roles, or
// without any in the data, every respondent counts alike.
func (f *frame) roleCells() (cells [][]stat.Moments, mix []float64) {
	counts := make([]int, len(f.in.Criteria.Roles))
	total := 0
	for _, t := range f.tally {
		for s := range t.byRole {
			counts[s] += t.byRole[s].rows
			total += t.byRole[s].rows
		}
	}
	width := 1
	if total > 0 {
		width = len(counts)
		mix = f.roleMix(counts, total)
	}
	cells = make([][]stat.Moments, len(f.units))
	flat := make([]stat.Moments, width*len(f.units))
	for j, t := range f.tally {
		cells[j] = flat[j*width : (j+1)*width]
		if total == 0 {
			cells[j][0] = t.everybody
			continue
		}
		for s := range t.byRole {
			cells[j][s] = t.byRole[s].Moments
		}
	}
	return cells, mix
}

// roleSlots is the place of each role of the panel among those of the criteria,
// -1 for the others.
func (f *frame) roleSlots() []int {
	slot := make([]int, len(f.roles))
	for r, name := range f.roles {
		slot[r] = slices.Index(f.in.Criteria.Roles, name)
	}
	return slot
}

func (f *frame) roleMix(counts []int, total int) []float64 {
	if len(f.in.Criteria.RoleMix) > 0 {
		return f.in.Criteria.RoleMix
	}
	mix := make([]float64, len(counts))
	for r, n := range counts {
		mix[r] = float64(n) / float64(total)
	}
	return mix
}

// makeCuts takes the frozen cuts, or makes provisional ones from the eligible
// organizations.
func (c *classified) makeCuts(criteria *Criteria, model *stat.NormalModel) {
	if criteria.Cuts != nil {
		cuts := criteria.Cuts.cuts()
		c.cuts, c.frozen = &cuts, true
		return
	}
	var means []float64
	posterior, lambda := model.Means()
	for j, score := range c.index.PerOrganization {
		if score.N >= tierRespondents && score.TierAllowed && lambda[j].Valid && lambda[j].Value >= tierReliability {
			means = append(means, posterior[j].Or(math.NaN()))
		}
	}
	making := stat.MakeTierCuts(means)
	c.cuts = making.Cuts
	if making.Cuts == nil && len(making.Reasons) > 0 {
		c.reason = making.Reasons[0]
	}
}

// What an organization needs for a tier.
const (
	tierRespondents = 15
	// tierOrganizations is how many a wave needs for cuts of its own, and for intervals and ranks.
	tierOrganizations = 10
	tierReliability   = 0.70
)

// assign turns posteriors into tiers. Where the answers within organizations do
// not agree more than those across them, nobody gets one.
func (c *classified) assign(model *stat.NormalModel) error {
	c.barred = stat.AggregationGate(c.icc.ICC1N0CI, stat.Number{}, stat.Number{}) == stat.NotSupported
	options := stat.ShrinkOptions{Conf: confidence, FullOnly: true}
	if c.cuts != nil {
		options.Cuts = []float64{c.cuts.WorldClass, c.cuts.HighPerforming, c.cuts.Average}
	}
	var err error
	if c.shrunk, err = model.Shrink(options); err != nil {
		return err
	}
	inputs := make([]stat.TierInput, len(c.index.PerOrganization))
	for j, score := range c.index.PerOrganization {
		o := c.shrunk.PerOrganization[j]
		inputs[j] = stat.TierInput{N: score.N, Lambda: o.Lambda, PAbove: o.PAbove, NoTier: !score.TierAllowed || c.barred || c.cuts == nil}
	}
	result := stat.Classify(inputs)
	c.tiers, c.expected, c.interval = result.PerOrganization, result.ExpectedWorldClass, result.ExpectedWorldClassCI
	if len(result.Reasons) > 0 && c.reason == "" {
		c.reason = result.Reasons[0]
	}
	for _, t := range c.tiers {
		if t.Call == stat.CallWorldClass {
			c.certain++
		}
	}
	return nil
}

// rankScores are the posterior means of the organizations that may be called
// World-Class, NaN for the others.
func (c *classified) rankScores() []float64 {
	scores := make([]float64, len(c.tiers))
	for j, t := range c.tiers {
		scores[j] = math.NaN()
		if t.Eligible {
			scores[j] = c.shrunk.PerOrganization[j].PosteriorMean.Or(math.NaN())
		}
	}
	return scores
}
