package stat

import (
	"math"
	"sync/atomic"
)

// hugeDF is where Student's t and the normal distribution agree to the last
// digit that matters.
const hugeDF = 1e12

// TTwoSided is P(|T| > |t|), accurate far into the tail.
func TTwoSided(t, df float64) float64 {
	if df >= hugeDF || math.IsInf(df, 1) {
		return NormalTwoSided(t)
	}
	if math.IsInf(t, 0) {
		return 0
	}
	square := float64(t * t)
	total := df + square
	p, _ := betaTails(df/total, square/total, df/2, 0.5)
	return p
}

// TQuantile is the quantile of Student's t at 0 < p < 1.
func TQuantile(p, df float64) float64 {
	switch {
	case p == 0.5:
		return 0
	case df >= hugeDF || math.IsInf(df, 1):
		return NormalQuantile(p)
	case p > 0.5:
		return tFromTail(2*(1-p), df)
	}
	return -tFromTail(2*p, df)
}

// tFromTail is the t whose two-sided p-value is p.
func tFromTail(p, df float64) float64 {
	if p <= 0.5 {
		return math.Sqrt(df * math.Exp(-betaLogit(p, df/2, 0.5)))
	}
	return math.Sqrt(df * math.Exp(betaLogit(1-p, 0.5, df/2)))
}

// TCritical is the two-sided critical value of Student's t at confidence conf.
func TCritical(conf, df float64) float64 {
	if df >= hugeDF || math.IsInf(df, 1) {
		return normalCritical(conf)
	}
	slot := &criticals[math.Float64bits(df)*0x9e3779b97f4a7c15>>(64-criticalBits)]
	if known := slot.Load(); known != nil && known.conf == conf && known.df == df {
		return known.value
	}
	value := tFromTail(1-conf, df)
	slot.Store(&critical{conf, df, value})
	return value
}

// critical is a critical value that was computed before: tables ask for the same
// degrees of freedom in every line.
type critical struct{ conf, df, value float64 }

const criticalBits = 8

var criticals [1 << criticalBits]atomic.Pointer[critical]
