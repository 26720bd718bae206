package analysis

import (
	"math"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// What an organization needs for a tier.
const (
	tierRespondents = 15
	tierReliability = 0.70
)

// Group is one organization. The index is the mean over its respondents of
// their share of items in the agree box.
type Group struct {
	Organization string         `json:"organization"`
	N            int            `json:"n"`
	NIndex       int            `json:"n_index"` // respondents with at least half of the items
	Share        stat.Number    `json:"index_raw"`
	ShareCI      *stat.Interval `json:"index_raw_ci"`
	Mean         stat.Number    `json:"mean"` // of the respondents' scale scores
	Shrunk       stat.Number    `json:"index_posterior_mean"`
	ShrunkCI     *stat.Interval `json:"index_ci"`
	Lambda       stat.Number    `json:"lambda"`      // reliability of the index
	LambdaMean   stat.Number    `json:"lambda_mean"` // reliability of the mean scale score
	stat.OrganizationTier
	ExpectedRank stat.Number    `json:"expected_rank"`
	RankCI       *stat.Interval `json:"rank_ci"`
	PTopDecile   stat.Number    `json:"p_top_decile"`
	PAbove       stat.Number    `json:"p_above,omitzero"` // the single cut asked for
	Agreement    GroupAgreement `json:"agreement"`
}

// GroupAgreement is the agreement inside one organization, from complete rows.
type GroupAgreement struct {
	Uniform stat.Number   `json:"rwgj_uniform"`
	Slight  stat.Number   `json:"rwgj_slight_skew"`
	Star    stat.Number   `json:"rwg_star_j_uniform"`
	ADMean  stat.Number   `json:"ad_mean"`
	AWG     stat.Number   `json:"awg"`
	Reasons []stat.Reason `json:"reasons"`
}

// Tiers is what is said about all organizations together.
type Tiers struct {
	Rule          string         `json:"rule"`
	Cuts          *stat.TierCuts `json:"cuts"`
	RoleWeighting string         `json:"role_weighting"`
	Sigma2        stat.Number    `json:"sigma2"`
	Mu            stat.Number    `json:"mu_reml"`
	Tau2          stat.Number    `json:"tau2_reml"`
	Eligible      int            `json:"eligible"`
	Expected      stat.Number    `json:"expected_world_class"`
	ExpectedCI    *stat.Interval `json:"expected_world_class_ci"`
	Accuracy      stat.Number    `json:"classification_accuracy"`
	RankWidth     stat.Number    `json:"rank_ci_mean_width"`
	RankDraws     int            `json:"rank_draws"`
	Reasons       []stat.Reason  `json:"reasons"`
}

// ranking holds what the gaps need of the classification.
type ranking struct {
	scores, variances []float64
	posterior         []float64
	mix               []float64
	roles             []uint8
	expected          stat.Number
}

// classify scores all organizations, shrinks, ranks and classifies them.
func classify(t *Table, c *counts, a *Aggregation, o Options) ([]Group, Tiers, *ranking, error) {
	cells, mix, slots := t.roleCells(c)
	index, err := stat.OrganizationIndex(cells, mix)
	if err != nil {
		return nil, Tiers{}, nil, err
	}
	y, s2 := index.Scores()
	shrunk, err := stat.ShrinkNormal(y, s2, stat.ShrinkOptions{Conf: confidence})
	if err != nil {
		return nil, Tiers{}, nil, err
	}
	tiers := Tiers{Rule: "organizations/1", RoleWeighting: index.RoleWeighting, Sigma2: index.Sigma2, Mu: shrunk.MuREML, Tau2: shrunk.Tau2REML, Reasons: shrunk.Reasons}
	tiers.makeCuts(index, shrunk, o.Criteria)
	if cuts := tiers.Cuts; cuts != nil {
		shrunk, err = stat.ShrinkNormal(y, s2, stat.ShrinkOptions{Conf: confidence, Cuts: []float64{cuts.WorldClass, cuts.HighPerforming, cuts.Average}})
		if err != nil {
			return nil, Tiers{}, nil, err
		}
	}
	inputs := make([]stat.TierInput, len(y))
	for j, score := range index.PerOrganization {
		one := shrunk.PerOrganization[j]
		inputs[j] = stat.TierInput{N: score.N, Lambda: one.Lambda, PAbove: one.PAbove, NoTier: t.barred(score) || a.Gate == stat.NotSupported}
	}
	classified := stat.Classify(inputs)
	tiers.Eligible, tiers.Expected, tiers.ExpectedCI, tiers.Accuracy = classified.Eligible, classified.ExpectedWorldClass, classified.ExpectedWorldClassCI, classified.Accuracy
	tiers.addReasons(classified.Reasons...)
	ranks, err := rank(y, s2, o, &tiers)
	if err != nil {
		return nil, Tiers{}, nil, err
	}
	r := &ranking{scores: y, variances: s2, mix: mix, roles: slots, expected: tiers.Expected}
	groups := make([]Group, len(y))
	for j := range groups {
		groups[j] = group(t, c, a, j)
		one := shrunk.PerOrganization[j]
		groups[j].NIndex, groups[j].Share = index.PerOrganization[j].N, index.PerOrganization[j].Index
		groups[j].Shrunk, groups[j].ShrunkCI, groups[j].Lambda = one.PosteriorMean, one.CI, one.Lambda
		groups[j].OrganizationTier = classified.PerOrganization[j]
		if score := index.PerOrganization[j]; score.Index.Valid && score.NStarRole.Valid {
			groups[j].ShareCI = normalInterval(score.Index.Value, score.SamplingVariance)
		}
		if ranks != nil {
			place := ranks.PerOrganization[j]
			groups[j].ExpectedRank, groups[j].RankCI, groups[j].PTopDecile = place.ExpectedRank, place.CI, place.PTopDecile
		}
		r.posterior = append(r.posterior, one.PosteriorMean.Or(math.NaN()))
	}
	return groups, tiers, r, nil
}

// barred says that an organization has no salesperson. Roles of a file that are
// named otherwise bar nobody.
func (t *Table) barred(score stat.OrganizationScore) bool {
	return len(t.Roles) > 0 && t.Roles[0] == sellingRole && !score.TierAllowed
}

// makeCuts takes the frozen cuts of the criteria, or makes provisional ones from
// the organizations of the file that are large and reliable enough.
func (t *Tiers) makeCuts(index *stat.Index, shrunk *stat.Shrunk, criteria *Criteria) {
	if criteria != nil && criteria.Cuts != nil {
		t.Rule, t.Cuts = criteria.Name, criteria.Cuts
		return
	}
	var means []float64
	for j, one := range shrunk.PerOrganization {
		if index.PerOrganization[j].N >= tierRespondents && one.Lambda.Valid && one.Lambda.Value >= tierReliability {
			means = append(means, one.PosteriorMean.Or(math.NaN()))
		}
	}
	making := stat.MakeTierCuts(means)
	t.Cuts = making.Cuts
	t.addReasons(append(slices.Clone(making.Reasons), stat.ProvisionalCut)...)
}

func (t *Tiers) addReasons(reasons ...stat.Reason) {
	for _, r := range reasons {
		if !slices.Contains(t.Reasons, r) {
			t.Reasons = append(t.Reasons, r)
		}
	}
}

// normalInterval is index +/- z s, cut to the range of a share.
func normalInterval(index float64, variance stat.Number) *stat.Interval {
	if !variance.Valid || variance.Value == 0 {
		return nil
	}
	half := -stat.NormalQuantile((1-confidence)/2) * math.Sqrt(variance.Value)
	return &stat.Interval{Lower: math.Max(0, index-half), Upper: math.Min(1, index+half)}
}

func group(t *Table, c *counts, a *Aggregation, j int) Group {
	g := Group{Organization: t.Organizations[j], N: int(c.rows[j]), Mean: moved(c.meanScore[j], float64(t.Columns.Min-1))}
	if j < len(a.lambda) {
		g.LambdaMean = a.lambda[j]
	}
	if j < len(a.agreement) {
		own := a.agreement[j]
		g.Agreement = GroupAgreement{Uniform: own.RwgjUniform, Slight: own.RwgjSlight, Star: own.RwgStarUniform, ADMean: own.ADMean, AWG: own.AWG, Reasons: own.Reasons}
	}
	return g
}

// manyOrganizations is where a draw of all ranks costs more than its noise is worth.
const manyOrganizations = 2000

func rank(y, s2 []float64, o Options, tiers *Tiers) (*stat.Ranking, error) {
	if o.ClosedForms {
		return nil, nil
	}
	if len(y) > stat.MostRanked {
		tiers.addReasons(stat.ManyOrganizations)
		return nil, nil
	}
	options := stat.RankOptions{Seed: o.Seed, Conf: confidence}
	if len(y) > manyOrganizations {
		options.Draws = 1000
	}
	ranks, err := stat.Ranks(y, s2, options)
	if err != nil {
		return nil, err
	}
	tiers.RankWidth, tiers.RankDraws = ranks.MeanWidth, ranks.Replicates
	tiers.addReasons(ranks.Reasons...)
	return ranks, nil
}

// sellingRole is the role without which an organization gets no tier.
const sellingRole = "salesperson"

// roleCells gathers the moments of the respondents' shares by organization and
// role, and the mix of the roles over the file, to which organizations are
// standardized where a role column was named.
func (t *Table) roleCells(c *counts) (cells [][]stat.Moments, mix []float64, slots []uint8) {
	width := max(1, len(t.Roles))
	cells = make([][]stat.Moments, len(t.Organizations))
	for j := range cells {
		cells[j] = make([]stat.Moments, width)
	}
	total := make([]int, width)
	for i, share := range c.agree {
		role := 0
		if t.Roles != nil {
			role = int(t.Role[i])
		}
		if share < 0 || role < 0 {
			continue
		}
		cells[t.Org[i]][role].Add(share)
		total[role]++
	}
	if len(t.Roles) < 2 {
		return cells, nil, nil
	}
	all := 0
	for _, n := range total {
		all += n
	}
	for _, n := range total {
		mix = append(mix, float64(n)/float64(all))
	}
	slots = make([]uint8, t.Rows)
	for i, role := range t.Role {
		slots[i] = stat.OtherRole
		if role >= 0 {
			slots[i] = uint8(role)
		}
	}
	return cells, mix, slots
}
