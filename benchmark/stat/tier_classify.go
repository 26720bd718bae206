package stat

import (
	"fmt"
	"math"
	"slices"
)

// Bounds of the default classification (methods, section 4).
const (
	tierMinN           = 15
	tierMinReliability = 0.70
	absoluteFloor      = 0.50
	provisionalUnder   = 30
	callCertain        = 0.90
	callLikely         = 0.70
	callUnlikely       = 0.30
)

// TierCuts are the lower bounds of World-Class, High-Performing and Average.
type TierCuts struct {
	WorldClass     float64 `json:"world_class"`
	HighPerforming float64 `json:"high_performing"`
	Average        float64 `json:"average"`
}

// CutMaking is the result of MakeTierCuts.
type CutMaking struct {
	Cuts          *TierCuts `json:"cuts"`
	Organizations int       `json:"organizations"`
	// FloorUsed says that the World-Class cut is the absolute floor .50
	// because the .90 quantile lies under it.
	FloorUsed bool     `json:"floor_used"`
	Reasons   []Reason `json:"reasons"`
}

// MakeTierCuts makes the cuts once, from the posterior means of the eligible
// organizations of the first wave: type-7 quantiles .90, .70 and .30, the first
// not under the floor .50. They are frozen afterwards, else the share of
// World-Class organizations would be a constant by definition. NaN means are
// left out.
//
// Edge cases: nobody eligible insufficient_reliability; fewer than ten
// few_organizations, no cuts; fewer than thirty provisional_cut.
func MakeTierCuts(posteriorMeans []float64) CutMaking {
	return cutsOf(slices.DeleteFunc(slices.Clone(posteriorMeans), math.IsNaN))
}

// cutsOf is MakeTierCuts of means of which none is NaN.
func cutsOf(means []float64) CutMaking {
	making := CutMaking{Organizations: len(means), Reasons: []Reason{}}
	switch {
	case len(means) == 0:
		making.Reasons = []Reason{InsufficientReliability}
		return making
	case len(means) < minOrganizations:
		making.Reasons = []Reason{FewOrganizations}
		return making
	case len(means) < provisionalUnder:
		making.Reasons = []Reason{ProvisionalCut}
	}
	q := Quantiles(means, 0.90, 0.70, 0.30)
	cuts := TierCuts{q[0].Value, q[1].Value, q[2].Value}
	if cuts.WorldClass < absoluteFloor {
		cuts.WorldClass, making.FloorUsed = absoluteFloor, true
	}
	making.Cuts = &cuts
	return making
}

// Tier is the place of an organization against the criteria.
type Tier string

// The tiers, best first.
const (
	WorldClass      Tier = "world_class"
	HighPerforming  Tier = "high_performing"
	AverageTier     Tier = "average"
	UnderPerforming Tier = "under_performing"
)

// Call says how sure World-Class is.
type Call string

// The calls, surest first.
const (
	CallWorldClass   Call = "world_class"
	CallLikely       Call = "likely"
	CallUndecided    Call = "undecided"
	CallUnlikely     Call = "unlikely"
	CallInsufficient Call = "insufficient"
)

// TierInput is what one organization brings into Classify.
type TierInput struct {
	// N is the number of its respondents in the index.
	N int
	// Lambda is the reliability of its score.
	Lambda Number
	// PAbove are P(th > c1), P(th > c2), P(th > c3); fewer where they could
	// not be computed.
	PAbove []Number
	// NoTier bars a tier for another reason, such as an absent role.
	NoTier bool
}

// Classified is the result of Classify.
type Classified struct {
	Eligible int `json:"eligible"`
	// ExpectedWorldClass is the sum of P(World-Class) over the eligible.
	ExpectedWorldClass   Number             `json:"expected_world_class"`
	ExpectedWorldClassCI *Interval          `json:"expected_world_class_ci"`
	Accuracy             Number             `json:"classification_accuracy"`
	PerOrganization      []OrganizationTier `json:"per_organization"`
	Reasons              []Reason           `json:"reasons"`
}

// OrganizationTier is one organization's tier with its probability.
type OrganizationTier struct {
	Eligible         bool     `json:"eligible"`
	PWorldClass      Number   `json:"p_world_class"`
	PHighPerforming  Number   `json:"p_high_performing"`
	PAverage         Number   `json:"p_average"`
	PUnderPerforming Number   `json:"p_under_performing"`
	Call             Call     `json:"wc_call"`
	Tier             *Tier    `json:"tier"`
	TierP            Number   `json:"tier_p"`
	Reasons          []Reason `json:"reasons"`
}

// Classify gives each organization its tier probabilities, the call on
// World-Class and the most probable tier (ties: the lower one); World-Class
// itself is printed only at P >= .90, else the more probable of the others.
// Eligible are organizations with n >= 15 and lambda >= .70; probabilities of
// the others are withheld.
//
// expected_world_class is the sum of the eligible P with the 95% interval of
// the Poisson-binomial distribution; classification_accuracy the mean of
// max(P, 1-P).
//
// Edge cases: fewer than ten eligible few_organizations and no tiers; nobody
// eligible insufficient_reliability.
func Classify(organizations []TierInput) Classified {
	out := Classified{PerOrganization: make([]OrganizationTier, len(organizations)), Reasons: []Reason{}}
	for _, o := range organizations {
		if o.eligible() {
			out.Eligible++
		}
	}
	enough := out.Eligible >= minOrganizations
	switch {
	case len(organizations) == 0:
		out.Reasons = []Reason{NoValidAnswers}
	case out.Eligible == 0:
		out.Reasons = []Reason{InsufficientReliability}
	case !enough:
		out.Reasons = []Reason{FewOrganizations}
	}
	var p []float64
	for j, o := range organizations {
		switch {
		case !o.eligible():
			out.PerOrganization[j] = OrganizationTier{Call: CallInsufficient, Reasons: []Reason{o.whyNot()}}
		case !enough:
			out.PerOrganization[j] = OrganizationTier{Eligible: true, Call: CallInsufficient, Reasons: []Reason{FewOrganizations}}
		default:
			out.PerOrganization[j] = placeInTier(o.PAbove)
			p = append(p, out.PerOrganization[j].PWorldClass.Value)
		}
	}
	if enough {
		out.expect(p)
	}
	return out
}

func (o TierInput) eligible() bool {
	if o.NoTier || o.N < tierMinN || !o.Lambda.Valid || o.Lambda.Value < tierMinReliability || len(o.PAbove) != 3 {
		return false
	}
	return o.PAbove[0].Valid && o.PAbove[1].Valid && o.PAbove[2].Valid
}

func (o TierInput) whyNot() Reason {
	if o.N == 0 {
		return NoValidAnswers
	}
	return InsufficientReliability
}

// placeInTier turns exceedance probabilities into tier probabilities that sum
// to 1 and picks the tier.
func placeInTier(above []Number) OrganizationTier {
	p, best := tierOf([3]float64{above[0].Value, above[1].Value, above[2].Value})
	return OrganizationTier{
		Eligible: true, PWorldClass: Some(p[0]), PHighPerforming: Some(p[1]), PAverage: Some(p[2]),
		PUnderPerforming: Some(p[3]), Call: callNames[callOf(p[0])], Tier: &tierNames[best], TierP: Some(p[best]), Reasons: []Reason{},
	}
}

// tierNames are the tiers, best first. Results point to them; nobody writes there.
var tierNames = [4]Tier{WorldClass, HighPerforming, AverageTier, UnderPerforming}

// tierOf are the probabilities of the tiers, best first, and the place of the one
// that an organization has.
func tierOf(above [3]float64) (p [4]float64, best int) {
	p = [4]float64{above[0], max(above[1]-above[0], 0), max(above[2]-above[1], 0), max(1-above[2], 0)}
	return p, bestOf(&above)
}

// bestOf is the place of the tier that an organization has: World-Class at .9, else
// the most probable of the others, the lower one of equal ones.
func bestOf(above *[3]float64) int {
	high, average, under := above[1]-above[0], above[2]-above[1], 1-above[2]
	best := 3 - one(average > under)
	best -= (best - 1) * one(high > average) * one(high > under)
	return best * one(!(above[0] >= callCertain))
}

// one is 1 for what is true. Where each of ten thousand organizations takes another
// turn, reckoning takes a quarter of the time of branches.
func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// callNames are the calls, surest first.
var callNames = [...]Call{CallWorldClass, CallLikely, CallUndecided, CallUnlikely, CallInsufficient}

// callOf is the place of the call on World-Class.
func callOf(p float64) int {
	return one(!(p >= callCertain)) + one(!(p >= callLikely)) + one(!(p >= callUnlikely))
}

func (out *Classified) expect(p []float64) {
	var expected, accuracy Sum
	for _, v := range p {
		expected.Add(v)
		accuracy.Add(max(v, 1-v))
	}
	out.ExpectedWorldClass = Some(expected.Value())
	out.Accuracy = Some(accuracy.Value() / float64(len(p)))
	if ci, err := PoissonBinomialInterval(p, 0.95); err == nil {
		out.ExpectedWorldClassCI = ci
	}
}

// PoissonBinomialInterval is the central interval of the number of successes in
// independent trials of probabilities p: type-1 quantiles of the exact
// distribution, computed by adding one trial after the other. Nil for no trial.
func PoissonBinomialInterval(p []float64, conf float64) (*Interval, error) {
	if err := checkConfidence(conf); err != nil {
		return nil, err
	}
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			return nil, &InputError{"invalid_value", i, 0, fmt.Sprintf("probability %v", v)}
		}
	}
	if len(p) == 0 {
		return nil, nil
	}
	mass, least := poissonBinomial(p)
	tail := (1 - conf) / 2
	return &Interval{least + pmfQuantile(mass, tail), least + pmfQuantile(mass, 1-tail)}, nil
}

// poissonBinomial returns the probabilities of least, least+1, .. successes. Trials
// that can not matter within 1e-12 in sum are taken as failures, and numbers of
// successes less likely than 1e-30 on either side are dropped as they appear,
// which keeps ten thousand organizations cheap.
func poissonBinomial(p []float64) (mass []float64, least float64) {
	memory := make([]float64, len(p)+1)
	memory[0] = 1
	mass = memory[:1]
	skipped := 0.0
	for _, v := range p {
		if v < 1e-9 && skipped+v < 1e-12 {
			skipped += v
			continue
		}
		mass = append(mass, 0)
		for k := len(mass) - 1; k > 0; k-- {
			mass[k] = float64(mass[k]*(1-v)) + float64(mass[k-1]*v)
		}
		mass[0] *= 1 - v
		for mass[0] < leastMass {
			mass, least = mass[1:], least+1
		}
		for mass[len(mass)-1] < leastMass {
			mass = mass[:len(mass)-1]
		}
	}
	return mass, least
}

// leastMass is the probability under which a number of successes is dropped.
const leastMass = 1e-30

func pmfQuantile(pmf []float64, p float64) float64 {
	var reached Sum
	for k, mass := range pmf {
		reached.Add(mass)
		if reached.Value() >= p*(1-1e-12) {
			return float64(k)
		}
	}
	return float64(len(pmf) - 1)
}

// TopOrganizations marks the k organizations with the highest scores; ties go
// to the earlier one, so callers pass organizations in the order of their ids.
// NaN scores are never marked.
func TopOrganizations(scores []float64, k int) []bool {
	top := make([]bool, len(scores))
	known := slices.DeleteFunc(slices.Clone(scores), math.IsNaN)
	k = min(k, len(known))
	if k <= 0 {
		return top
	}
	placeAt(known, 0, len(known)-1, len(known)-k)
	least := known[len(known)-k]
	left := k // for those who have just the least
	for j, s := range scores {
		if s > least {
			top[j] = true
			left--
		}
	}
	for j, s := range scores {
		if s == least && left > 0 {
			top[j] = true
			left--
		}
	}
	return top
}

// QuantileRaw is the habit of other tools, `tier_assign: quantile_raw`: marked
// is every organization whose raw index reaches the type-7 .90 quantile. It is
// captioned "top tenth", never World-Class. NaN scores are left out; the cut is
// missing when nothing is left.
func QuantileRaw(indexRaw []float64) (marked []bool, cut Number) {
	cut = Quantile(slices.DeleteFunc(slices.Clone(indexRaw), math.IsNaN), 0.90)
	marked = make([]bool, len(indexRaw))
	for j, v := range indexRaw {
		marked[j] = cut.Valid && v >= cut.Value
	}
	return marked, cut
}
