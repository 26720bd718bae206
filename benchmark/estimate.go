package benchmark

import (
	"github.com/salesbench/salesbench/benchmark/stat"
)

// confidence of all intervals.
const confidence = 0.95

// statusOf tells a plain figure from one with a warning and from a missing one.
func statusOf(value stat.Number, reasons []stat.Reason) Status {
	switch {
	case !value.Valid:
		return NotComputed
	case len(reasons) > 0:
		return Limited
	}
	return OK
}

// notComputed is a figure that can not be had, with the reason.
func notComputed(name, unit string, reason stat.Reason) Estimate {
	return Estimate{Stat: name, Unit: unit, Status: NotComputed, Reasons: []stat.Reason{reason}}
}

// figure is a bare value with its base.
func figure(name, unit string, value stat.Number, b base) Estimate {
	var e Estimate
	e.is(name, unit, value, b)
	return e
}

// is makes an empty figure one with a bare value.
func (e *Estimate) is(name, unit string, value stat.Number, b base) {
	e.Stat, e.Unit, e.Value, e.Status, e.base = name, unit, value, statusOf(value, nil), b
	if !value.Valid {
		e.Reasons = []stat.Reason{stat.NoValidAnswers}
	}
}

// withN adds the counts behind a figure.
func (e Estimate) withN(n, organizations int) Estimate {
	e.N = &n
	if organizations > 0 {
		many := organizations // or the heap would get one for every figure without
		e.Organizations = &many
	}
	return e
}

// because adds reasons and lowers the status of a value.
func (e Estimate) because(reasons ...stat.Reason) Estimate {
	for _, r := range reasons {
		seen := false
		for _, have := range e.Reasons {
			seen = seen || have == r
		}
		if !seen {
			e.Reasons = append(e.Reasons, r)
		}
	}
	e.Status = statusOf(e.Value, e.Reasons)
	return e
}

// fromShare turns a share into a figure.
func fromShare(r stat.ShareResult, b base) Estimate {
	e := Estimate{
		Stat: "top2_share", Unit: UnitProportion, Value: r.Share, Status: statusOf(r.Share, r.Reasons),
		Reasons: r.Reasons, Notes: r.Notes, NEff: r.NEff, base: b,
	}
	if r.CI != nil {
		e.CI, e.Conf, e.CIMethod = r.CI, r.Conf, r.CIMethod
	}
	b.unanimous = r.Share.Valid && (r.Share.Value <= 0 || r.Share.Value >= 1)
	e.base = b
	return e.withN(r.N, r.Organizations)
}

// columnBase is the base of a figure over the organizations of a column.
func columnBase(contributions []stat.Contribution) base {
	b := base{kind: baseColumn}
	total, largest := 0.0, 0.0
	for _, c := range contributions {
		if c.N == 0 || c.W <= 0 {
			continue
		}
		b.respondents += c.N
		b.organizations++
		total += c.W
		largest = max(largest, c.W)
	}
	if total > 0 {
		b.largest = largest / total
	}
	return b
}

// pick takes the elements of x at the positions.
func pick[T any](x []T, at []int) []T {
	out := make([]T, len(at))
	for i, j := range at {
		out[i] = x[j]
	}
	return out
}
