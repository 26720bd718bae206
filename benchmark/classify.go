package benchmark

import (
	"math"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// classified is the classification of all organizations of the frame with all that
// is said of each.
type classified struct {
	*standings
	shrunk   *stat.Shrunk
	tiers    []stat.OrganizationTier
	expected stat.Number
	interval *stat.Interval
	certain  int
	reason   stat.Reason // why nobody has a tier
}

// classify scores all organizations by the criteria: index, shrinkage, cuts,
// probability of each tier. It is nil where the criteria are not about
// organizations.
func (f *frame) classify() (*classified, error) {
	if f.in.Criteria == nil || f.in.Criteria.Unit != UnitOrganization {
		return nil, nil
	}
	places, err := f.stand()
	if err != nil {
		return nil, err
	}
	c := &classified{standings: places, reason: places.reason}
	return c, c.assign()
}

// stand gives everybody a place, or finds the places that a league had before.
func (f *frame) stand() (*standings, error) {
	s := f.in.Kept.standingOf()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.serves(f.snapshot, f.in) {
		if done, err := s.follow(f.snapshot); err != nil || done {
			return s.classifyUnless(err)
		}
	}
	return s.classifyUnless(s.fill(f, func(j int) (*tally, error) { return f.tally[j], nil }))
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

// What an organization needs for a tier.
const (
	tierRespondents = 15
	// tierOrganizations is how many a wave needs for cuts of its own, and for intervals and ranks.
	tierOrganizations = 10
	tierReliability   = 0.70
)

// assign turns posteriors into tiers. Where the answers within organizations do
// not agree more than those across them, nobody gets one.
func (c *classified) assign() error {
	options := stat.ShrinkOptions{Conf: confidence, FullOnly: true}
	if c.cuts != nil {
		options.Cuts = []float64{c.cuts.WorldClass, c.cuts.HighPerforming, c.cuts.Average}
	}
	var err error
	if c.shrunk, err = c.model.Shrink(options); err != nil {
		return err
	}
	inputs := make([]stat.TierInput, len(c.scores.N))
	for j, n := range c.scores.N {
		o := &c.shrunk.PerOrganization[j]
		inputs[j] = stat.TierInput{N: int(n), Lambda: o.Lambda, PAbove: o.PAbove, NoTier: !c.scores.Allowed[j] || c.barred || c.cuts == nil}
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
