package survey

import (
	"math"
	"time"
)

// Prospect says whether a group will have enough answers at the end of a wave.
type Prospect string

// The prospects.
const (
	Reached    Prospect = "reached"      // it has them
	Likely     Prospect = "likely"       // at this pace, with a probability of .8 or more
	Uncertain  Prospect = "uncertain"    // between .2 and .8
	Unlikely   Prospect = "unlikely"     // .2 or less
	OutOfReach Prospect = "out_of_reach" // not so many are invited, or the wave is over
	NoForecast Prospect = "no_forecast"  // the wave has not opened, or has no end
)

// PaceSpan is how far back the pace of a group is measured: a week, so that days of
// the week do not matter. Earlier days say little, since most people answer at once.
const PaceSpan = 7 * 24 * time.Hour

// paceNeeds is how long answers must have been taken before there is a pace: the first
// hours after a mailing say nothing about the weeks that follow.
const paceNeeds = 24 * time.Hour

// PaceFrom is the moment from which the pace of a wave is measured.
func PaceFrom(w Wave, now time.Time) time.Time {
	if from := now.Add(-PaceSpan); w.Mode != Anonymous && from.After(w.OpensAt) {
		return from
	}
	return w.OpensAt
}

// Progress is how far a group has come.
type Progress struct {
	Responses int
	Recent    int // of them since PaceFrom
	Invited   int // 0: nobody knows, since anybody may answer by an open link
}

// Outlook is a forecast for one group.
type Outlook struct {
	Prospect    Prospect
	Wanted      int
	Probability float64 // of having as many as wanted at the end
	Expected    float64 // responses at the end
}

// Forecast says whether the group will have as many responses as wanted when the
// wave ends: the minimum group, so that it may be shown, or its target.
//
// Answers are taken to come as a Poisson process whose rate is that of the last
// week (in an anonymous wave, where no answer has a time, that since the opening).
// The rate itself is known from few answers only, so it has the distribution
// Gamma(recent + 1/2, time), by Jeffreys' prior; what is still to come is then
// negative binomial, and cannot exceed those who are invited. A reminder, or people
// who lose interest, are not in it: read it as "if it goes on as it does".
func Forecast(w Wave, now time.Time, p Progress, wanted int) Outlook {
	o := Outlook{Wanted: wanted, Expected: float64(p.Responses), Prospect: NoForecast}
	need := wanted - p.Responses
	switch state := w.State(now); {
	case need <= 0:
		o.Prospect, o.Probability = Reached, 1
		need = 0
	case state == WaveClosed || p.Invited > 0 && p.Invited < wanted:
		o.Prospect = OutOfReach
	}
	passed, left := now.Sub(PaceFrom(w, now)), w.ClosesAt.Sub(now)
	if w.State(now) != WaveOpen || w.ClosesAt.IsZero() || passed < paceNeeds {
		return o
	}
	shape := float64(p.Recent) + 0.5
	o.Expected += shape * left.Hours() / passed.Hours()
	if p.Invited > 0 {
		o.Expected = min(o.Expected, float64(p.Invited))
	}
	if o.Prospect != NoForecast {
		return o
	}
	o.Probability = atLeast(need, shape, passed.Hours()/(passed+left).Hours())
	switch {
	case o.Probability >= 0.8:
		o.Prospect = Likely
	case o.Probability <= 0.2:
		o.Prospect = Unlikely
	default:
		o.Prospect = Uncertain
	}
	return o
}

// atLeast is the probability that a negative binomial count with the shape and the
// chance p is need or more.
func atLeast(need int, shape, p float64) float64 {
	below := 0.0
	start, _ := math.Lgamma(shape)
	for k := range need {
		a, _ := math.Lgamma(shape + float64(k))
		b, _ := math.Lgamma(float64(k) + 1)
		below += math.Exp(a - b - start + shape*math.Log(p) + float64(k)*math.Log1p(-p))
	}
	return min(1, max(0, 1-below))
}
