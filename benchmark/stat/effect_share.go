package stat

import "math"

// CohenH is 2 asin sqrt p1 - 2 asin sqrt p2 (Cohen 1988). It ignores
// clustering. Missing when a share lies outside [0, 1].
func CohenH(p1, p2 float64) Number {
	if !(p1 >= 0 && p1 <= 1 && p2 >= 0 && p2 <= 1) {
		return Number{}
	}
	return Some(2*math.Asin(math.Sqrt(p1)) - 2*math.Asin(math.Sqrt(p2)))
}

// RatioResult is a ratio of two shares or odds with its interval.
type RatioResult struct {
	Ratio   Number    `json:"ratio"`
	CI      *Interval `json:"ratio_ci"`
	Reasons []Reason  `json:"reasons"`
	Notes   []string  `json:"notes"`
}

// OddsRatio is the ratio of the odds of agreement with Woolf's interval; .5 is
// added to all four cells if one is 0, noted half_added. It ignores
// clustering. An empty sample: no_valid_answers.
func OddsRatio(x1, n1, x2, n2 int, conf float64) (RatioResult, error) {
	r := RatioResult{Reasons: []Reason{}, Notes: []string{}}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	if !validCount(x1, n1) || !validCount(x2, n2) {
		r.Reasons = append(r.Reasons, NoValidAnswers)
		return r, nil
	}
	a, b, c, d := float64(x1), float64(n1-x1), float64(x2), float64(n2-x2)
	if a*b*c*d == 0 {
		a, b, c, d = a+0.5, b+0.5, c+0.5, d+0.5
		r.Notes = append(r.Notes, NoteHalfAdded)
	}
	r.logInterval(math.Log(a)+math.Log(d)-math.Log(b)-math.Log(c), math.Sqrt(1/a+1/b+1/c+1/d), conf)
	return r, nil
}

// RiskRatio is p1/p2 with the interval of its logarithm (Katz 1978). It ignores
// clustering. An empty sample: no_valid_answers; p2 = 0: out_of_domain; p1 = 0:
// ratio 0, no interval.
func RiskRatio(x1, n1, x2, n2 int, conf float64) (RatioResult, error) {
	r := RatioResult{Reasons: []Reason{}, Notes: []string{}}
	if err := checkConfidence(conf); err != nil {
		return r, err
	}
	switch {
	case !validCount(x1, n1) || !validCount(x2, n2):
		r.Reasons = append(r.Reasons, NoValidAnswers)
	case x2 == 0:
		r.Reasons = append(r.Reasons, OutOfDomain)
	case x1 == 0:
		r.Ratio = Some(0)
		r.Reasons = append(r.Reasons, OutOfDomain)
	default:
		p1, p2 := float64(x1)/float64(n1), float64(x2)/float64(n2)
		se := math.Sqrt((1-p1)/float64(x1) + (1-p2)/float64(x2))
		r.logInterval(math.Log(p1/p2), se, conf)
	}
	return r, nil
}

func (r *RatioResult) logInterval(log, se, conf float64) {
	half := float64(normalCritical(conf) * se)
	r.Ratio = Some(math.Exp(log))
	r.CI = &Interval{math.Exp(log - half), math.Exp(log + half)}
}
