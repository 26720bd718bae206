package benchmark

import (
	"context"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// addTiers counts the organizations per tier and says how many World-Class ones
// are expected, and how far people in one organization answer alike.
func (e *engine) addTiers(_ context.Context, b *Benchmark) error {
	b.ExpectedWC = notComputed("expected_world_class", UnitCount, e.noTierReason())
	b.ICC1 = notComputed("icc1_n0", UnitCorrelation, e.noTierReason())
	if e.class == nil {
		return nil
	}
	count := map[Tier]int{}
	for _, t := range e.class.tiers {
		if t.Tier == nil {
			count[""]++
			continue
		}
		count[Tier(*t.Tier)]++
	}
	for _, tier := range []Tier{TierWorldClass, TierHighPerforming, TierAverage, TierUnderPerforming, ""} {
		n := count[tier]
		key := string(tier)
		if tier == "" {
			key = "none"
		}
		if len(e.units) == 0 || tier == "" && n == 0 {
			continue
		}
		est := figure("share_of_organizations", UnitProportion, stat.Some(float64(n)/float64(len(e.units))), base{kind: baseCount})
		est.Organizations = ptr(n)
		b.Tiers = append(b.Tiers, Share{Key: key, Label: upperFirst(tier.Words()), Value: est})
	}
	e.expected(b)
	return nil
}

// noTierReason is why there are no tiers; it stands where they would.
func (e *engine) noTierReason() stat.Reason {
	switch {
	case e.in.Criteria != nil && e.in.Criteria.Unit == UnitRespondent:
		return stat.UnitIsRespondent
	case e.columns.reason != "":
		return e.columns.reason
	}
	return stat.NoValidAnswers
}

func (e *engine) expected(b *Benchmark) {
	if c := e.class; c.expected.Valid {
		b.ExpectedWC = figure("expected_world_class", UnitCount, c.expected, base{kind: baseCount})
		b.ExpectedWC.CI, b.ExpectedWC.Conf, b.ExpectedWC.CIMethod = c.interval, confidence, "poisson_binomial"
		b.ExpectedWC.Organizations = ptr(len(e.units))
	}
	b.ICC1 = iccEstimate("icc1_n0", e.class.icc.ICC1N0, e.class.icc.ICC1N0CI, e.class.icc)
}
