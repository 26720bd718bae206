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
	roles         int
	organizations int
	cells         []Moments // of all roles of an organization one after the other
	runs          runs[indexRun]
}

// NewIndexTable makes room for organizations whose respondents have one of some
// roles; one role stands for none.
func NewIndexTable(organizations, roles int) *IndexTable {
	return &IndexTable{roles, organizations, make([]Moments, organizations*roles), newRuns[indexRun](organizations)}
}

// Cells are the moments of the roles of organization j. Who writes to them says so
// with Changed.
func (t *IndexTable) Cells(j int) []Moments {
	return t.cells[j*t.roles : (j+1)*t.roles : (j+1)*t.roles]
}

// Changed takes notice of new cells of organization j.
func (t *IndexTable) Changed(j int) { t.runs.changed(j) }

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
	count := t.organizations
	sigma2 := totalOf(t.runs.read(count, func(from, to int) indexRun {
		return indexRunOf(from, to, func(j int) Moments { return pool(t.Cells(j)) })
	})).sigma2()
	s := &IndexScores{make([]float64, count), make([]float64, count), make([]int32, count), make([]bool, count), make([]bool, count)}
	inBlocks(count, standingBlock, func(from, to int) {
		var score roleScore
		for j := from; j < to; j++ {
			score.weigh(t.Cells(j), mix)
			s.Y[j], s.S2[j], s.N[j] = score.index, sigma2/score.nStar, int32(score.n)
			s.Allowed[j], s.Missing[j] = score.allowed, score.missing
			if score.n == 0 {
				s.Y[j], s.S2[j] = math.NaN(), math.NaN()
			}
		}
	})
	return s, nil
}

// Eligible says which organizations may help to make cuts and may get a tier: by
// their respondents, their roles and the reliability of their score.
func (m *NormalModel) Eligible(s *IndexScores) []bool {
	eligible := make([]bool, m.scores)
	inBlocks(m.count(), standingBlock, func(from, to int) {
		for i := from; i < to; i++ {
			j := m.organization(i)
			eligible[j] = s.Allowed[j] && s.N[j] >= tierMinN && m.fit.lambda(i) >= tierMinReliability
		}
	})
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
	p, best := tierOf(newStandingWork(s.model.fit).above(s.model.place(j), &s.at))
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
	sure := newSureWork(m.fit, s.at)
	inBlocks(m.count(), standingBlock, func(from, to int) {
		w := newStandingWork(m.fit)
		for i := from; i < to; i++ {
			j := m.organization(i)
			if !eligible[j] {
				continue
			}
			if place, ok := sure.place(m.fit.deviation(i), m.fit.s2[i]); ok {
				s.place[j] = place
				continue
			}
			above := w.above(i, &s.at)
			s.place[j] = standingPlace{int8(bestOf(&above)), int8(callOf(above[0]))}
		}
	})
	return s
}

// standingWork is what one core needs to place organizations.
type standingWork struct {
	fit    *normalPosterior
	table  []tableNode
	nodes  [3]tauPoint // of the fit, where it has as many
	weight [3]float64
	mix    *mixture // nil: not needed yet
}

func newStandingWork(fit *normalPosterior) *standingWork {
	w := &standingWork{fit: fit, table: normalTable()}
	copy(w.nodes[:], fit.nodes)
	for i, q := range w.nodes {
		w.weight[i] = q.weight
	}
	return w
}

// above are the probabilities that organization j lies above the cuts: what its
// mixture says, without making it where three nodes suffice.
func (w *standingWork) above(j int, cuts *[3]float64) (p [3]float64) {
	if len(w.fit.nodes) != len(w.nodes) {
		return w.slowly(j, cuts)
	}
	var mean, precision, z [3]float64
	for i := range w.nodes {
		m, variance := w.fit.given(j, &w.nodes[i])
		mean[i], precision[i] = m, 1/math.Sqrt(variance)
	}
	for c, cut := range cuts {
		for i := range z {
			z[i] = (mean[i] - cut) * precision[i]
		}
		sum, ok := threeNormals(w.table, &w.weight, &z)
		if !ok {
			return w.slowly(j, cuts)
		}
		if p[c] = sum; sum > 1 {
			p[c] = 1
		}
	}
	return p
}

// slowly is above by way of the mixture.
func (w *standingWork) slowly(j int, cuts *[3]float64) (p [3]float64) {
	if w.mix == nil {
		w.mix = newMixture(len(w.fit.nodes))
	}
	w.fit.mix(j, w.mix)
	for c, cut := range cuts {
		p[c] = w.mix.above(cut)
	}
	return p
}
