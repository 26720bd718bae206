package stat

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// RankOptions steers Ranks.
type RankOptions struct {
	Seed  uint64
	Draws int     // 0 means 10,000
	Conf  float64 // 0 means .95
	Rest  Rest
}

// Ranking is the result of Ranks.
type Ranking struct {
	Organizations int    `json:"organizations"`
	Seed          uint64 `json:"seed"`
	Replicates    int    `json:"replicates"`
	// MeanWidth is the mean width of the rank intervals over the table, in
	// ranks.
	MeanWidth       Number             `json:"rank_ci_mean_width"`
	PerOrganization []OrganizationRank `json:"per_organization"`
	Reasons         []Reason           `json:"reasons"`
}

// OrganizationRank is one organization's place; rank 1 is the highest.
type OrganizationRank struct {
	ExpectedRank Number    `json:"expected_rank"`
	CI           *Interval `json:"rank_ci"`
	PTopDecile   Number    `json:"p_top_decile"`
	PTopQuarter  Number    `json:"p_top_quarter"`
}

// MostRanked is the number of organizations up to which ranks are drawn: it keeps
// a doubled rank within 16 bits.
const MostRanked = 1 << 15

// Ranks draws all th_j of the normal model of ShrinkNormal together (tau first,
// then mu, then th) and ranks each draw: expected_rank = 1 + the sum over the
// others of P(th_i > th_j), rank_ci the type-1 quantiles of the ranks,
// p_top_decile the share of draws with rank <= ceil(J/10), p_top_quarter
// likewise (Goldstein and Spiegelhalter 1996; Shen and Louis 1998).
//
// NaN scores are left out. Edge cases: fewer than two scores one_organization
// (none: no_valid_answers); fewer than ten few_organizations, ranks withheld.
// Where no difference is detectable intervals are close to 1..J and say so.
func Ranks(y, s2 []float64, options RankOptions) (*Ranking, error) {
	present, err := presentScores(y, s2)
	if err != nil {
		return nil, err
	}
	if options.Draws == 0 {
		options.Draws = 10000
	}
	if options.Conf == 0 {
		options.Conf = 0.95
	}
	if err := checkConfidence(options.Conf); err != nil {
		return nil, err
	}
	if options.Draws < 1 || len(present) > MostRanked {
		return nil, &InputError{"invalid_value", -1, -1, fmt.Sprintf("%d draws of %d organizations", options.Draws, len(present))}
	}
	out := &Ranking{
		Organizations: len(present), Seed: options.Seed, Replicates: options.Draws,
		PerOrganization: make([]OrganizationRank, len(y)), Reasons: []Reason{},
	}
	switch {
	case len(present) == 0:
		out.Reasons = []Reason{NoValidAnswers}
		return out, nil
	case len(present) == 1:
		out.Reasons = []Reason{OneOrganization}
		return out, nil
	case len(present) < minOrganizations:
		out.Reasons = []Reason{FewOrganizations}
		return out, nil
	}
	p := newNormalPosterior(pick(y, present), pick(s2, present))
	out.Reasons = append(out.Reasons, p.reasons...)
	ranks := p.drawRanks(options)
	var width Sum
	for i, j := range present {
		out.PerOrganization[j] = summarizeRanks(ranks[i], len(present), options.Conf)
		width.Add(out.PerOrganization[j].CI.Upper - out.PerOrganization[j].CI.Lower)
	}
	out.MeanWidth = Some(width.Value() / float64(len(present)))
	return out, nil
}

// rankBlock is the number of draws that share one random stream.
const rankBlock = 100

// drawRanks returns, per organization, twice its rank minus 2 in every draw:
// doubled, because equal values share the mean of their ranks.
func (p *normalPosterior) drawRanks(options RankOptions) [][]uint16 {
	count, draws := len(p.y), options.Draws
	ranks := make([][]uint16, count)
	flat := make([]uint16, count*draws)
	for j := range ranks {
		ranks[j] = flat[j*draws : (j+1)*draws]
	}
	inBlocks(draws, rankBlock, func(from, to int) {
		defer options.Rest.since(time.Now())
		stream := NewStream(options.Seed, "rank", from/rankBlock)
		theta := make([]float64, count)
		order := newRanker(count)
		for b := from; b < to; b++ {
			p.draw(stream, theta)
			order.rank(theta, func(j, doubled int) { ranks[j][b] = uint16(doubled) })
		}
	})
	return ranks
}

// draw fills theta with one joint draw (as deviations from the center).
func (p *normalPosterior) draw(stream *Stream, theta []float64) {
	q := p.grid[len(p.grid)-1]
	u := stream.Float64()
	for _, point := range p.grid {
		if u -= point.weight; u < 0 {
			q = point
			break
		}
	}
	mu := q.mean + float64(math.Sqrt(q.variance)*stream.Normal())
	t2 := q.tau * q.tau
	for j := range theta {
		l := 0.0
		if t2 > 0 {
			l = t2 / (p.s2[j] + t2)
		}
		theta[j] = mu + float64(l*(p.y[j]-mu)) + float64(math.Sqrt(t2*(1-l))*stream.Normal())
	}
}

func summarizeRanks(ranks []uint16, organizations int, conf float64) OrganizationRank {
	counts := make([]int, 2*organizations-1)
	total := 0
	for _, r := range ranks {
		counts[r]++
		total += int(r)
	}
	draws := float64(len(ranks))
	within := func(k int) Number {
		n := 0
		for _, c := range counts[:2*k-1] {
			n += c
		}
		return Some(float64(n) / draws)
	}
	tail := (1 - conf) / 2
	return OrganizationRank{
		ExpectedRank: Some(1 + float64(total)/(2*draws)),
		CI:           &Interval{rankQuantile(counts, tail, len(ranks)), rankQuantile(counts, 1-tail, len(ranks))},
		PTopDecile:   within((organizations + 9) / 10),
		PTopQuarter:  within((organizations + 3) / 4),
	}
}

// rankQuantile is the type-1 quantile of ranks given as counts of doubled ranks.
func rankQuantile(counts []int, p float64, draws int) float64 {
	need := p * float64(draws) * (1 - 1e-12)
	reached := 0
	for r, c := range counts {
		if reached += c; float64(reached) >= need {
			return 1 + float64(r)/2
		}
	}
	return 1 + float64(len(counts)-1)/2
}

// positionBits of a sort key hold the position of its organization.
const positionBits = 15

// ranker ranks organizations by value, reusing its memory from draw to draw.
type ranker struct{ keys []uint64 }

func newRanker(n int) *ranker { return &ranker{make([]uint64, n)} }

// rank hands every position of x its rank from the highest value down, as twice
// the rank minus 2; equal values get the mean of their ranks. Floats are mapped
// to integers that sort alike, whose last bits give way to the position: values
// that agree in 37 bits of their mantissa count as equal.
func (r *ranker) rank(x []float64, give func(j, doubled int)) {
	for j, v := range x {
		b := math.Float64bits(v)
		if b>>63 == 0 {
			b = ^b &^ (1 << 63)
		}
		r.keys[j] = b>>positionBits<<positionBits | uint64(j)
	}
	slices.Sort(r.keys)
	for first := 0; first < len(r.keys); {
		last := first
		for last+1 < len(r.keys) && r.keys[last+1]>>positionBits == r.keys[first]>>positionBits {
			last++
		}
		for _, k := range r.keys[first : last+1] {
			give(int(k&(1<<positionBits-1)), first+last)
		}
		first = last + 1
	}
}
