package stat

import (
	"fmt"
	"math"
	"slices"
)

// A league of ten thousand organizations is classified anew after every response,
// because the mix of roles, the spread of the organizations and the cuts move with
// each of them. What is needed of an organization, and what is found of it, stands
// here in columns: no memory is asked for per organization, and one core after the
// other walks along them. The digits are those of OrganizationIndex, ShrinkNormal,
// MakeTierCuts and Classify, with which they share every formula.

// standingBlock is the number of organizations that one core takes at a time.
const standingBlock = 1024

// IndexTable holds what the index needs of every organization. It may be changed
// from one use to the next, but not during one.
type IndexTable struct {
	roles  int
	cells  []Moments // of all roles of an organization one after the other
	within []float64 // squared deviations within the organization
	pooled []int     // its respondents
}

// NewIndexTable makes room for organizations whose respondents have one of some
// roles; one role stands for none.
func NewIndexTable(organizations, roles int) *IndexTable {
	return &IndexTable{roles: roles, cells: make([]Moments, organizations*roles), within: make([]float64, organizations), pooled: make([]int, organizations)}
}

// Cells are the moments of the roles of organization j. Who writes to them says so
// with Changed.
func (t *IndexTable) Cells(j int) []Moments {
	return t.cells[j*t.roles : (j+1)*t.roles : (j+1)*t.roles]
}

// Changed takes notice of new cells of organization j.
func (t *IndexTable) Changed(j int) {
	all := pool(t.Cells(j))
	t.pooled[j], t.within[j] = all.N, 0
	if all.N > 0 {
		t.within[j] = all.squaresWithin()
	}
}

// IndexScores are the scores of all organizations: the index, its sampling variance
// (both NaN where there is none), the respondents, whether the roles allow a tier,
// and whether a role of the mix is missing.
type IndexScores struct {
	Y, S2            []float64
	N                []int
	Allowed, Missing []bool
}

// Notes are what is noted of the score of organization j.
func (s *IndexScores) Notes(j int) []string {
	if s.Missing[j] {
		return []string{NoteRoleMissing}
	}
	return []string{}
}

// Scores gives index and sampling variance as OrganizationIndex does.
func (t *IndexTable) Scores(mix []float64) (*IndexScores, error) {
	if mix != nil && len(mix) != t.roles {
		return nil, &InputError{"length_mismatch", 0, -1, fmt.Sprintf("%d roles, the mix has %d", t.roles, len(mix))}
	}
	if err := checkMix(mix); err != nil {
		return nil, err
	}
	count := len(t.pooled)
	s := &IndexScores{make([]float64, count), make([]float64, count), slices.Clone(t.pooled), make([]bool, count), make([]bool, count)}
	inBlocks(count, standingBlock, func(from, to int) {
		for j := from; j < to; j++ {
			score := scoreRoles(t.Cells(j), mix)
			s.Y[j], s.S2[j], s.Allowed[j], s.Missing[j] = score.index, score.nStar, score.allowed, score.missing
			if score.n == 0 {
				s.Y[j], s.S2[j] = math.NaN(), math.NaN()
			}
		}
	})
	sigma2 := t.sigma2()
	for j, nStar := range s.S2 {
		s.S2[j] = sigma2 / nStar
	}
	return s, nil
}

// sigma2 is the pooled variance within organizations; NaN without replication.
func (t *IndexTable) sigma2() float64 {
	var within Sum
	respondents, organizations := 0, 0
	for j, n := range t.pooled {
		if n > 0 {
			respondents, organizations = respondents+n, organizations+1
			within.Add(t.within[j])
		}
	}
	if respondents == organizations {
		return math.NaN()
	}
	return within.Value() / float64(respondents-organizations)
}

// Standings are the tiers of all organizations.
type Standings struct {
	Eligible []bool
	P        [][4]float64 // of the tiers, best first; nothing where not eligible
	tier     []int8       // place among the tiers; -1: none
}

// Tier is the tier of organization j, as Classify gives it; empty where it has none.
func (s *Standings) Tier(j int) Tier {
	if s.tier[j] < 0 {
		return ""
	}
	return tierNames[s.tier[j]]
}

// TierP is the probability of that tier.
func (s *Standings) TierP(j int) float64 {
	if s.tier[j] < 0 {
		return math.NaN()
	}
	return s.P[j][s.tier[j]]
}

// Call is how sure World-Class is for organization j.
func (s *Standings) Call(j int) Call {
	if s.tier[j] < 0 {
		return CallInsufficient
	}
	return callOf(s.P[j][0])
}

// Reliable says which organizations may help to make cuts and may get a tier: by
// their respondents, their roles and the reliability of their score.
func (s *IndexScores) Reliable(lambda []float64) []bool {
	reliable := make([]bool, len(s.N))
	for j, n := range s.N {
		reliable[j] = s.Allowed[j] && n >= tierMinN && lambda[j] >= tierMinReliability
	}
	return reliable
}

// Stand gives the organizations marked as eligible their tiers; nil cuts, or fewer
// than ten of them, give none.
func (m *NormalModel) Stand(cuts *TierCuts, eligible []bool) *Standings {
	s := &Standings{Eligible: make([]bool, m.scores), P: make([][4]float64, m.scores), tier: slices.Repeat([]int8{-1}, m.scores)}
	if cuts == nil || len(m.present) < minOrganizations {
		return s
	}
	count := 0
	for _, j := range m.present {
		if s.Eligible[j] = eligible[j]; eligible[j] {
			count++
		}
	}
	if count < minOrganizations {
		return s
	}
	center := m.fit.center
	at := [3]float64{cuts.WorldClass - center, cuts.HighPerforming - center, cuts.Average - center}
	inBlocks(len(m.present), standingBlock, func(from, to int) {
		w := newStandingWork(m.fit)
		for i := from; i < to; i++ {
			if j := m.present[i]; s.Eligible[j] {
				p, best := tierOf(w.above(i, at))
				s.P[j], s.tier[j] = p, int8(best)
			}
		}
	})
	return s
}

// standingWork is what one core needs to place organizations.
type standingWork struct {
	fit     *normalPosterior
	mix     *mixture
	weights []float64
	z       [3][mostNodes]float64
}

func newStandingWork(fit *normalPosterior) *standingWork {
	w := &standingWork{fit: fit, mix: newMixture(len(fit.nodes))}
	for _, q := range fit.nodes {
		w.weights = append(w.weights, q.weight)
	}
	return w
}

// above are the probabilities that organization j lies above the cuts: what its
// mixture says, without making it where a few nodes suffice.
func (w *standingWork) above(j int, cuts [3]float64) (p [3]float64) {
	if len(w.weights) <= mostNodes {
		for i, q := range w.fit.nodes {
			mean, variance := w.fit.given(j, q)
			precision := 1 / math.Sqrt(variance)
			for c, cut := range cuts {
				w.z[c][i] = (mean - cut) * precision
			}
		}
	}
	made := false
	for c, cut := range cuts {
		if len(w.weights) <= mostNodes {
			if sum, ok := quickNormals(w.mix.nodes, w.weights, w.z[c][:len(w.weights)]); ok {
				p[c] = min(sum, 1)
				continue
			}
		}
		if !made {
			w.fit.mix(j, w.mix)
			made = true
		}
		p[c] = w.mix.above(cut)
	}
	return p
}
