package stat

import (
	"fmt"
	"math"
)

// Moments are the count, sum and sum of squares of the respondents' own shares
// of key practices: all that an organization's index needs of its people.
type Moments struct {
	N                int
	Sum, SumOfSquare float64
}

// Add counts one respondent.
func (m *Moments) Add(share float64) {
	m.N++
	m.Sum += share
	m.SumOfSquare += float64(share * share)
}

// KeyShare is a respondent's share of the key practices in the agree box among
// those answered. By the half rule ok is false when fewer than half (rounded
// up) of the items were answered.
func KeyShare(agree, valid, items int) (share float64, ok bool) {
	if items < 1 || valid < 1 || 2*valid < items {
		return 0, false
	}
	return float64(agree) / float64(valid), true
}

// Limits of a single role weight.
const (
	roleWeightLow  = 0.3
	roleWeightHigh = 3.0
)

// Index is the result of OrganizationIndex.
type Index struct {
	// RoleWeighting is "direct_standardization" or "none".
	RoleWeighting string `json:"role_weighting"`
	// Sigma2 is the pooled variance of the respondents' shares within
	// organizations (MSW, N-J degrees of freedom).
	Sigma2          Number              `json:"sigma2"`
	N               int                 `json:"n"`
	Organizations   int                 `json:"organizations"`
	LeftOut         int                 `json:"left_out"`
	PerOrganization []OrganizationScore `json:"per_organization"`
	Reasons         []Reason            `json:"reasons"`
}

// OrganizationScore is one organization's index before shrinkage.
type OrganizationScore struct {
	N     int    `json:"n"`
	Index Number `json:"index_raw"`
	// NStarRole is the effective number of respondents after role weighting.
	NStarRole Number `json:"n_star_role"`
	// SamplingVariance is sigma2 / n_star_role.
	SamplingVariance Number `json:"sampling_variance"`
	// TierAllowed is false where the first role (salespersons) is absent.
	TierAllowed bool     `json:"tier_allowed"`
	Notes       []string `json:"notes"`
	Reasons     []Reason `json:"reasons"`
}

// OrganizationIndex scores organizations from the moments of their respondents'
// shares, cells[j][r] for organization j and role r.
//
// With a mix, the frozen shares of the roles (role 0 being salespersons), the
// index is directly standardized: each respondent of role r weighs
// mix_r n_j/n_jr, clipped to [.3, 3]; a role absent in an organization is
// renormalized away and noted role_missing, and without salespersons there is
// no tier. Respondents of other roles do not belong into cells. With a nil mix
// all cells of an organization are pooled with weight 1.
//
// Edge cases: an organization without respondents no_valid_answers; every
// organization with one respondent no_replication (no sampling variance); equal
// shares within all organizations zero_within_variance, sigma2 = 0.
func OrganizationIndex(cells [][]Moments, mix []float64) (*Index, error) {
	if err := checkCells(cells, mix); err != nil {
		return nil, err
	}
	index := &Index{RoleWeighting: "none", PerOrganization: make([]OrganizationScore, len(cells)), Reasons: []Reason{}}
	if mix != nil {
		index.RoleWeighting = "direct_standardization"
	}
	all := newRuns[indexRun](len(cells))
	total := totalOf(all.read(len(cells), func(from, to int) indexRun {
		return indexRunOf(from, to, func(j int) Moments { return pool(cells[j]) })
	}))
	for j, roles := range cells {
		index.PerOrganization[j] = scoreOrganization(roles, mix)
	}
	index.N, index.Organizations = total.respondents, total.organizations
	index.LeftOut = len(cells) - index.Organizations
	index.finish(total)
	return index, nil
}

// indexRun is what the variance within organizations is made of.
type indexRun struct {
	respondents, organizations int
	within                     float64 // squared deviations
}

// indexRunOf sums up some organizations.
func indexRunOf(from, to int, pooled func(j int) Moments) indexRun {
	var r indexRun
	var within Sum
	for j := from; j < to; j++ {
		if all := pooled(j); all.N > 0 {
			r.respondents, r.organizations = r.respondents+all.N, r.organizations+1
			within.Add(all.squaresWithin())
		}
	}
	r.within = within.Value()
	return r
}

func totalOf(runs []indexRun) indexRun {
	var total indexRun
	var within Sum
	for _, r := range runs {
		total.respondents, total.organizations = total.respondents+r.respondents, total.organizations+r.organizations
		within.Add(r.within)
	}
	total.within = within.Value()
	return total
}

// sigma2 is the pooled variance within organizations; NaN without replication.
func (r indexRun) sigma2() float64 {
	if r.respondents == r.organizations {
		return math.NaN()
	}
	return r.within / float64(r.respondents-r.organizations)
}

func checkCells(cells [][]Moments, mix []float64) error {
	for j, roles := range cells {
		if mix != nil && len(roles) != len(mix) {
			return &InputError{"length_mismatch", j, -1, fmt.Sprintf("%d roles, the mix has %d", len(roles), len(mix))}
		}
	}
	return checkMix(mix)
}

func checkMix(mix []float64) error {
	total := 0.0
	for r, share := range mix {
		if !(share >= 0) || math.IsInf(share, 0) {
			return &InputError{"invalid_weight", r, 0, "role mix must not be negative"}
		}
		total += share
	}
	if mix != nil && total == 0 {
		return &InputError{"invalid_weight", -1, -1, "role mix is all zero"}
	}
	return nil
}

func pool(roles []Moments) Moments {
	var all Moments
	for _, m := range roles {
		all.N += m.N
		all.Sum += m.Sum
		all.SumOfSquare += m.SumOfSquare
	}
	return all
}

// squaresWithin is the sum of squared deviations from the mean. What is left of
// equal shares after rounding is taken as the 0 it stands for.
func (m Moments) squaresWithin() float64 {
	ss := m.SumOfSquare - m.Sum/float64(m.N)*m.Sum
	if ss < 1e-12*m.SumOfSquare {
		return 0
	}
	return ss
}

func scoreOrganization(roles []Moments, mix []float64) OrganizationScore {
	var r roleScore
	r.weigh(roles, mix)
	score := OrganizationScore{N: r.n, TierAllowed: r.allowed, Notes: []string{}, Reasons: []Reason{}}
	if r.n == 0 {
		score.Reasons = []Reason{NoValidAnswers}
		return score
	}
	if r.missing {
		score.Notes = append(score.Notes, NoteRoleMissing)
	}
	score.Index, score.NStarRole = Some(r.index), Some(r.nStar)
	return score
}

// roleScore is what is found of an organization.
type roleScore struct {
	n            int
	index, nStar float64
	allowed      bool // a tier
	missing      bool // a role of the mix
}

// weigh weighs the respondents of each role. What is clipped is what a role weighs in
// all, which saves dividing by its respondents before. Roles with no share in the mix
// keep the lowest weight, as clipping says.
func (s *roleScore) weigh(roles []Moments, mix []float64) {
	var people int
	var present, sum float64
	missing := false
	for r := range roles {
		m := &roles[r]
		people += m.N
		sum += m.Sum
		if mix == nil {
			continue
		}
		if m.N > 0 {
			present += mix[r]
		} else if mix[r] > 0 {
			missing = true
		}
	}
	n := float64(people)
	s.n, s.missing, s.allowed = people, missing, people > 0 && (mix == nil || roles[0].N > 0)
	if mix == nil || people == 0 {
		s.index, s.nStar = sum/n, n
		return
	}
	share := n / present // of the organization, for each of the mix
	var weight, squares, total float64
	for r := range roles {
		m := &roles[r]
		if m.N == 0 {
			continue
		}
		some := float64(m.N)
		all := some // that the role weighs
		if present > 0 {
			all = float64(mix[r] * share)
		}
		if least := roleWeightLow * some; all < least {
			all = least
		}
		if most := roleWeightHigh * some; all > most {
			all = most
		}
		a := all / some
		weight += all
		squares += float64(a * all)
		total += float64(a * m.Sum)
	}
	s.index, s.nStar = total/weight, weight*weight/squares
}

func (index *Index) finish(total indexRun) {
	switch {
	case index.N == 0:
		index.Reasons = append(index.Reasons, NoValidAnswers)
		return
	case index.N == index.Organizations:
		index.Reasons = append(index.Reasons, NoReplication)
		return
	case total.within == 0:
		index.Reasons = append(index.Reasons, ZeroWithinVariance)
	}
	sigma2 := total.sigma2()
	index.Sigma2 = Some(sigma2)
	for j := range index.PerOrganization {
		if score := &index.PerOrganization[j]; score.NStarRole.Valid {
			score.SamplingVariance = Some(sigma2 / score.NStarRole.Value)
		}
	}
}

// Scores returns the indices and sampling variances as ShrinkNormal takes them,
// with NaN for organizations that have none.
func (index *Index) Scores() (y, s2 []float64) {
	y = make([]float64, len(index.PerOrganization))
	s2 = make([]float64, len(y))
	for j, score := range index.PerOrganization {
		y[j] = score.Index.Or(math.NaN())
		s2[j] = score.SamplingVariance.Or(math.NaN())
	}
	return y, s2
}
