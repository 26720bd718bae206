package stat

import (
	"fmt"
	"math"
)

// Fieldwork are the counts of one organization, or of all.
type Fieldwork struct {
	Invited, Started, Partial, Complete int
}

// ResponseRates are the rates of AAPOR (2013), as far as an open invitation list
// allows: nobody is of unknown eligibility.
type ResponseRates struct {
	// RR1 counts complete answers, RR2 partial ones too, both over the invited.
	RR1 Number `json:"response_rate"`
	RR2 Number `json:"response_rate_with_partials"`
	// Breakoff is the share of those who started and did not complete.
	Breakoff Number   `json:"breakoff_rate"`
	Reasons  []Reason `json:"reasons"`
}

// Rates computes the response rates. Nobody invited, or not known how many:
// no_counts. More complete or partial answers than invitations, or more of them
// than starts, is an error.
func (f Fieldwork) Rates() (ResponseRates, error) {
	out := ResponseRates{Reasons: []Reason{}}
	if f.Invited < 0 || f.Started < 0 || f.Partial < 0 || f.Complete < 0 {
		return out, &InputError{"invalid_value", -1, -1, "negative count"}
	}
	if f.Started > 0 && f.Started < f.Partial+f.Complete {
		return out, &InputError{"invalid_value", -1, -1, fmt.Sprintf("%d started, %d partial and %d complete", f.Started, f.Partial, f.Complete)}
	}
	if f.Started > 0 {
		out.Breakoff = Some(1 - float64(f.Complete)/float64(f.Started))
	}
	if f.Invited == 0 {
		out.Reasons = []Reason{NoCounts}
		return out, nil
	}
	if f.Complete+f.Partial > f.Invited {
		return out, &InputError{"invalid_value", -1, -1, fmt.Sprintf("%d answers to %d invitations", f.Complete+f.Partial, f.Invited)}
	}
	out.RR1 = Some(float64(f.Complete) / float64(f.Invited))
	out.RR2 = Some(float64(f.Complete+f.Partial) / float64(f.Invited))
	return out, nil
}

// ItemSilence says how an item was left without a valid answer.
type ItemSilence struct {
	Asked        int    `json:"n_asked"`
	Valid        int    `json:"n"`
	Nonresponse  Number `json:"item_nonresponse"`
	DontKnow     Number `json:"dont_know_share"`
	NotApplied   Number `json:"not_applicable_share"`
	RefusedShare Number `json:"refused_share"`
	SkippedShare Number `json:"skipped_share"`
	// Reasons: nobody asked no_valid_answers.
	Reasons []Reason `json:"reasons"`
}

// ItemCountsAsked are the answers to an item by kind; those to whom it was never
// shown are not asked.
type ItemCountsAsked struct{ Valid, DontKnow, NotApplicable, Skipped, Refused int }

// Silence computes the item non-response: everything but valid answers over all
// who were asked.
func (c ItemCountsAsked) Silence() ItemSilence {
	asked := c.Valid + c.DontKnow + c.NotApplicable + c.Skipped + c.Refused
	out := ItemSilence{Asked: asked, Valid: c.Valid, Reasons: []Reason{}}
	if asked == 0 {
		out.Reasons = []Reason{NoValidAnswers}
		return out
	}
	share := func(n int) Number { return Some(float64(n) / float64(asked)) }
	out.Nonresponse, out.DontKnow, out.NotApplied = share(asked-c.Valid), share(c.DontKnow), share(c.NotApplicable)
	out.RefusedShare, out.SkippedShare = share(c.Refused), share(c.Skipped)
	return out
}

// Association is a correlation over organizations.
type Association struct {
	R             Number    `json:"r"`
	CI            *Interval `json:"r_ci"`
	P             Number    `json:"p_t"`
	Organizations int       `json:"organizations"`
	Reasons       []Reason  `json:"reasons"`
}

// ScoreAgainstResponse correlates organizations' scores with their response
// rates: a clear slope says that those who stay silent may think otherwise.
// Pearson's r, p from t with J-2, interval by Fisher's z. NaN is left out.
//
// Edge cases: nothing no_valid_answers; under ten few_organizations, r alone; no
// variance zero_variance.
func ScoreAgainstResponse(scores, rates []float64, conf float64) (Association, error) {
	out := Association{Reasons: []Reason{}}
	if len(scores) != len(rates) {
		return out, lengthMismatch("scores", len(scores), "rates", len(rates))
	}
	if err := checkConfidence(conf); err != nil {
		return out, err
	}
	for j := range scores {
		if !math.IsNaN(scores[j]) && !math.IsNaN(rates[j]) {
			out.Organizations++
		}
	}
	out.R = correlate(scores, rates)
	switch {
	case out.Organizations == 0:
		out.Reasons = []Reason{NoValidAnswers}
	case out.Organizations == 1:
		out.Reasons = []Reason{OneOrganization}
	case !out.R.Valid:
		out.Reasons = []Reason{ZeroVariance}
	case out.Organizations < minOrganizations:
		out.Reasons = []Reason{FewOrganizations}
	default:
		r, n := out.R.Value, float64(out.Organizations)
		half := normalCritical(conf) / math.Sqrt(n-3)
		z := math.Atanh(r)
		out.CI = &Interval{math.Tanh(z - half), math.Tanh(z + half)}
		out.P = Some(TTwoSided(r*math.Sqrt((n-2)/max(1-r*r, 1e-300)), n-2))
	}
	return out, nil
}
