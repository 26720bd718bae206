package stat

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"
)

// RankOptions steers Ranks.
type RankOptions struct {
	Seed  uint64
	Draws int     // 0 means 10,000, or 2,000 where there are more than 32,768 organizations
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

// MostRanked is the number of organizations up to which ranks are drawn. Up to
// fewRanked a doubled rank and a position in a sort key are short; ranks of more
// take twice the memory, so they are drawn less often.
const (
	MostRanked = 1 << 17
	fewRanked  = 1 << 15
	usualDraws = 10_000
	fewDraws   = 2_000
)

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
	switch {
	case options.Draws != 0:
	case len(present) > fewRanked:
		options.Draws = fewDraws
	default:
		options.Draws = usualDraws
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
	if len(present) > fewRanked {
		fillRanks[uint32](p, out, present, options)
	} else {
		fillRanks[uint16](p, out, present, options)
	}
	return out, nil
}

// doubledRank is twice a rank minus 2.
type doubledRank interface{ uint16 | uint32 }

// fillRanks draws the ranks and says what they come to.
func fillRanks[R doubledRank](p *normalPosterior, out *Ranking, present []int, options RankOptions) {
	ranks := drawRanks[R](p, options)
	inBlocks(len(present), rankBlock, func(from, to int) {
		parts := make([]int, len(present)*2/rankPart+1)
		for i := from; i < to; i++ {
			out.PerOrganization[present[i]] = summarizeRanks(ranks[i], parts, len(present), options.Conf)
		}
	})
	var width Sum
	for _, j := range present {
		width.Add(out.PerOrganization[j].CI.Upper - out.PerOrganization[j].CI.Lower)
	}
	out.MeanWidth = Some(width.Value() / float64(len(present)))
}

// rankBlock is the number of draws that share one random stream.
const rankBlock = 100

// drawRanks returns, per organization, twice its rank minus 2 in every draw:
// doubled, because equal values share the mean of their ranks.
func drawRanks[R doubledRank](p *normalPosterior, options RankOptions) [][]R {
	count, draws := len(p.y), options.Draws
	ranks := make([][]R, count)
	flat := make([]R, count*draws)
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
			order.rank(theta, func(j, doubled int) { ranks[j][b] = R(doubled) })
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
		theta[j] = mu + float64(l*(p.deviation(j)-mu)) + float64(math.Sqrt(t2*(1-l))*stream.Normal())
	}
}

// rankPart is how many doubled ranks are counted together before a quantile is
// looked for among them: counts of all would be many more than draws.
const rankPart = 256

// summarizeRanks says what the draws of one organization come to; parts has room
// for the counts of all parts.
func summarizeRanks[R doubledRank](ranks []R, parts []int, organizations int, conf float64) OrganizationRank {
	clear(parts)
	decile, quarter := R(2*((organizations+9)/10)-2), R(2*((organizations+3)/4)-2)
	total, inDecile, inQuarter := 0, 0, 0
	for _, r := range ranks {
		total += int(r)
		parts[r/rankPart]++
		if r <= quarter {
			inQuarter++
			if r <= decile {
				inDecile++
			}
		}
	}
	draws := float64(len(ranks))
	tail := (1 - conf) / 2
	return OrganizationRank{
		ExpectedRank: Some(1 + float64(total)/(2*draws)),
		CI:           &Interval{rankQuantile(ranks, parts, tail), rankQuantile(ranks, parts, 1-tail)},
		PTopDecile:   Some(float64(inDecile) / draws),
		PTopQuarter:  Some(float64(inQuarter) / draws),
	}
}

// rankQuantile is the type-1 quantile of the ranks; parts says how many of them
// each part has.
func rankQuantile[R doubledRank](ranks []R, parts []int, p float64) float64 {
	need := p * float64(len(ranks)) * (1 - 1e-12)
	part, reached := 0, 0
	for part < len(parts)-1 && float64(reached+parts[part]) < need {
		reached += parts[part]
		part++
	}
	var counts [rankPart]int
	for _, r := range ranks {
		if int(r/rankPart) == part {
			counts[r%rankPart]++
		}
	}
	last := 0
	for r, c := range counts {
		if reached += c; c > 0 {
			last = r
		}
		if float64(reached) >= need {
			break
		}
	}
	return 1 + float64(part*rankPart+last)/2
}

// ranker ranks organizations by value, reusing its memory from draw to draw.
type ranker struct {
	keys []uint64
	bits int // of a key, that hold the position of its organization
}

func newRanker(n int) *ranker {
	return &ranker{make([]uint64, n), max(bits.Len(uint(max(n-1, 0))), 15)}
}

// rank hands every position of x its rank from the highest value down, as twice
// the rank minus 2; equal values get the mean of their ranks. Floats are mapped
// to integers that sort alike, whose last bits give way to the position: values
// that agree in 35 bits of their mantissa count as equal, or in 37 among few.
func (r *ranker) rank(x []float64, give func(j, doubled int)) {
	position := uint64(1)<<r.bits - 1
	for j, v := range x {
		b := math.Float64bits(v)
		if b>>63 == 0 {
			b = ^b &^ (1 << 63)
		}
		r.keys[j] = b&^position | uint64(j)
	}
	slices.Sort(r.keys)
	for first := 0; first < len(r.keys); {
		last := first
		for last+1 < len(r.keys) && r.keys[last+1]&^position == r.keys[first]&^position {
			last++
		}
		for _, k := range r.keys[first : last+1] {
			give(int(k&position), first+last)
		}
		first = last + 1
	}
}
