package stat

import "math"

// Distribution is how the answers to one item spread over the scale.
type Distribution struct {
	Counts   []int    `json:"counts"`
	Shares   []Number `json:"shares"`
	Top      Number   `json:"top_share"`
	Bottom   Number   `json:"bottom_share"`
	Net      Number   `json:"net"`
	Median   Number   `json:"median"`
	DontKnow Number   `json:"dont_know_share"`
	N        int      `json:"n"`
	NAsked   int      `json:"n_asked"`
	Reasons  []Reason `json:"reasons"`
}

// Spread describes the answers to one item: counts[0] belongs to answer 1. The
// top box starts at answer top, the bottom box ends at answer bottom; net = top
// - bottom share. asked counts everybody who saw the item, dontKnow those among
// them who said so. The median is of type 7. Nobody answered: no_valid_answers,
// with the share of don't know still given.
func Spread(counts []int, top, bottom, asked, dontKnow int) Distribution {
	d := Distribution{Counts: counts, NAsked: asked, Shares: make([]Number, len(counts)), Reasons: []Reason{}}
	var above, below int
	for i, c := range counts {
		d.N += c
		if i+1 >= top {
			above += c
		}
		if i+1 <= bottom {
			below += c
		}
	}
	if asked > 0 {
		d.DontKnow = Some(float64(dontKnow) / float64(asked))
	}
	if d.N == 0 {
		d.Reasons = append(d.Reasons, NoValidAnswers)
		return d
	}
	n := float64(d.N)
	for i, c := range counts {
		d.Shares[i] = Some(float64(c) / n)
	}
	d.Top, d.Bottom = Some(float64(above)/n), Some(float64(below)/n)
	d.Net = Some(float64(above-below) / n)
	d.Median = Some((answerAt(counts, (d.N-1)/2) + answerAt(counts, d.N/2)) / 2)
	return d
}

// answerAt is the answer at a zero-based place of the sorted answers.
func answerAt(counts []int, place int) float64 {
	for i, c := range counts {
		if place -= c; place < 0 {
			return float64(i + 1)
		}
	}
	return float64(len(counts))
}

// NetSummary is the Summary of the net score of one organization, in which an
// answer in the top box counts 1, one in the bottom box -1 and others 0;
// WeightedMean of such summaries is the net score with its clustered t
// interval.
func NetSummary(counts []int, top, bottom int) Summary {
	var n int
	var above, below int64
	for i, c := range counts {
		n += c
		if i+1 >= top {
			above += int64(c)
		}
		if i+1 <= bottom {
			below += int64(c)
		}
	}
	return SummaryFromSums(n, above-below, above+below)
}

// RoundPercent is the whole percentage 100x/n, half up, from integers: 0.285 x
// 100 is 28.499... in float64. n must be positive.
func RoundPercent(x, n int) int { return (200*x + n) / (2 * n) }

// Round rounds half away from zero to a number of decimals, for display only: a
// difference is taken from unrounded figures and rounded once.
func Round(value float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(value*scale) / scale
}
