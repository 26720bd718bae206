package stat

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// FUpper is P(F > f) of the F distribution, accurate far into the tail.
func FUpper(f, df1, df2 float64) float64 {
	if f <= 0 {
		return 1
	}
	if math.IsInf(f, 1) {
		return 0
	}
	scaled := float64(df1 * f)
	total := df2 + scaled
	p, _ := betaTails(df2/total, scaled/total, df2/2, df1/2)
	return p
}

// FQuantile is the quantile of the F distribution at 0 < p < 1.
func FQuantile(p, df1, df2 float64) float64 {
	if p <= 0.5 {
		return df2 / df1 * math.Exp(betaLogit(p, df1/2, df2/2))
	}
	return df2 / df1 * math.Exp(-betaLogit(1-p, df2/2, df1/2))
}

// ChiSquareUpper is P(X > x) of the chi-squared distribution.
func ChiSquareUpper(x, df float64) float64 {
	if x <= 0 {
		return 1
	}
	return mathext.GammaIncRegComp(df/2, x/2)
}
