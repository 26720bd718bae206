package stat

import (
	"fmt"
	"math"
	"slices"
	"sync"
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
	pooled []int32   // its respondents
}

// NewIndexTable makes room for organizations whose respondents have one of some
// roles; one role stands for none.
func NewIndexTable(organizations, roles int) *IndexTable {
	return &IndexTable{roles: roles, cells: make([]Moments, organizations*roles), within: make([]float64, organizations), pooled: make([]int32, organizations)}
}

// Cells are the moments of the roles of organization j. Who writes to them says so
// with Changed.
func (t *IndexTable) Cells(j int) []Moments {
	return t.cells[j*t.roles : (j+1)*t.roles : (j+1)*t.roles]
}

// Changed takes notice of new cells of organization j.
func (t *IndexTable) Changed(j int) {
	all := pool(t.Cells(j))
	t.pooled[j], t.within[j] = int32(all.N), 0
	if all.N > 0 {
		t.within[j] = all.squaresWithin()
	}
}

// IndexScores are the scores of all organizations: the index, its sampling variance
// (both NaN where there is none), the respondents, whether the roles allow a tier,
// and whether a role of the mix is missing.
type IndexScores struct {
	Y, S2            []float64
	N                []int32
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
			respondents, organizations = respondents+int(n), organizations+1
			within.Add(t.within[j])
		}
	}
	if respondents == organizations {
		return math.NaN()
	}
	return within.Value() / float64(respondents-organizations)
}

// Eligible says which organizations may help to make cuts and may get a tier: by
// their respondents, their roles and the reliability of their score.
func (m *NormalModel) Eligible(s *IndexScores) []bool {
	eligible := make([]bool, m.scores)
	for i := range m.count() {
		j := m.organization(i)
		eligible[j] = s.Allowed[j] && s.N[j] >= tierMinN && m.fit.lambda(i) >= tierMinReliability
	}
	return eligible
}

// scratch lends columns to whoever needs one for a moment.
var scratch = sync.Pool{New: func() any { return new([]float64) }}

// MakeCuts is MakeTierCuts of the posterior means of the eligible organizations.
func (m *NormalModel) MakeCuts(eligible []bool) CutMaking {
	column := scratch.Get().(*[]float64)
	defer scratch.Put(column)
	means := slices.Grow((*column)[:0], m.count())[:m.count()]
	*column = means
	inBlocks(len(means), standingBlock, func(from, to int) {
		for i := from; i < to; i++ {
			means[i] = math.NaN()
			if eligible[m.organization(i)] {
				means[i] = m.fit.mean(i)
			}
		}
	})
	return cutsOf(slices.DeleteFunc(means, math.IsNaN))
}

// Standings are the tiers of all organizations. What they follow from takes as much
// memory as the probabilities, which are therefore computed again for whoever asks.
type Standings struct {
	model *NormalModel
	at    [3]float64 // cuts, as deviations
	place []standingPlace
}

// standingPlace is what an organization is called.
type standingPlace struct {
	tier int8 // place among the tiers; -1: none
	call int8 // place among the calls
}

// Tier is the tier of organization j, as Classify gives it; empty where it has none.
func (s *Standings) Tier(j int) Tier {
	if s.place[j].tier < 0 {
		return ""
	}
	return tierNames[s.place[j].tier]
}

// Call is how sure World-Class is for organization j.
func (s *Standings) Call(j int) Call { return callNames[s.place[j].call] }

// P are the probabilities of the tiers of organization j, best first, and that of its
// tier; nothing where it has none.
func (s *Standings) P(j int) (p [4]float64, own float64) {
	if s.place[j].tier < 0 {
		return p, math.NaN()
	}
	w := standingWork{fit: s.model.fit, table: normalTable()}
	p, best := tierOf(w.above(s.model.place(j), s.at))
	return p, p[best]
}

// Stand gives the organizations marked as eligible their tiers; nil cuts, or fewer
// than ten of them, give none.
func (m *NormalModel) Stand(cuts *TierCuts, eligible []bool) *Standings {
	s := &Standings{m, [3]float64{}, slices.Repeat([]standingPlace{{-1, int8(len(callNames) - 1)}}, m.scores)}
	count := 0
	for i := range m.count() {
		if eligible[m.organization(i)] {
			count++
		}
	}
	if cuts == nil || count < minOrganizations {
		return s
	}
	center := m.fit.center
	s.at = [3]float64{cuts.WorldClass - center, cuts.HighPerforming - center, cuts.Average - center}
	inBlocks(m.count(), standingBlock, func(from, to int) {
		w := standingWork{fit: m.fit, table: normalTable()}
		for i := from; i < to; i++ {
			if j := m.organization(i); eligible[j] {
				p, best := tierOf(w.above(i, s.at))
				s.place[j] = standingPlace{int8(best), int8(callOf(p[0]))}
			}
		}
	})
	return s
}

// standingWork is what one core needs to place organizations.
type standingWork struct {
	fit   *normalPosterior
	table []tableNode
	mix   *mixture // nil: not needed yet
}

// above are the probabilities that organization j lies above the cuts: what its
// mixture says, without making it where a few nodes suffice.
func (w *standingWork) above(j int, cuts [3]float64) (p [3]float64) {
	nodes := w.fit.nodes
	if len(nodes) > mostNodes {
		return w.slowly(j, cuts)
	}
	var weights [mostNodes]float64
	var z [3][mostNodes]float64
	for i, q := range nodes {
		mean, variance := w.fit.given(j, q)
		precision := 1 / math.Sqrt(variance)
		weights[i] = q.weight
		for c, cut := range cuts {
			z[c][i] = (mean - cut) * precision
		}
	}
	for c := range cuts {
		sum, ok := quickNormals(w.table, weights[:len(nodes)], z[c][:len(nodes)])
		if !ok {
			return w.slowly(j, cuts)
		}
		p[c] = min(sum, 1)
	}
	return p
}

// slowly is above by way of the mixture.
func (w *standingWork) slowly(j int, cuts [3]float64) (p [3]float64) {
	if w.mix == nil {
		w.mix = newMixture(len(w.fit.nodes))
	}
	w.fit.mix(j, w.mix)
	for c, cut := range cuts {
		p[c] = w.mix.above(cut)
	}
	return p
}
