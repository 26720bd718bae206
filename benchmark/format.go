package benchmark

import (
	"math"
	"strconv"
	"strings"

	"github.com/salesbench/salesbench/benchmark/stat"

	"github.com/salesbench/salesbench/survey"
)

// The units a figure can have.
const (
	UnitProportion  = "proportion"
	UnitPoints      = "points"
	UnitScale       = "scale_points"
	UnitIndex       = "index"
	UnitPercent     = "percent"
	UnitRatio       = "ratio"
	UnitRank        = "rank"
	UnitPercentile  = "percentile"
	UnitCount       = "organizations"
	UnitCorrelation = "correlation"
	UnitEffect      = "effect_size"
)

// Dash stands where there is no figure; the reason belongs beside it.
const Dash = "–"

// minus is the typographic minus of a displayed number.
const minus = "−"

// RoundHalfAway rounds to a number of decimals, half away from zero. What is
// within a hair of a half counts as a half: 0.285 * 100 is 28.499... as a float.
func RoundHalfAway(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	scaled := math.Abs(v) * scale
	whole := math.Floor(scaled)
	if scaled-whole >= 0.5-math.Min(1e-9*math.Max(1, scaled), 1e-6) {
		whole++
	}
	return math.Copysign(whole/scale, v) + 0
}

// FormatNumber writes v with a fixed number of decimals, rounded half away from
// zero, with a typographic minus; what rounds to zero has no sign.
func FormatNumber(v float64, decimals int) string {
	r := RoundHalfAway(v, decimals)
	text := strconv.FormatFloat(math.Abs(r), 'f', decimals, 64)
	if r < 0 {
		return minus + text
	}
	return text
}

// decimalsFor is the number of decimals that n answers carry.
func decimalsFor(n int) int {
	if n < 1000 {
		return 0
	}
	return 1
}

// FormatShare writes a proportion of n answers in percent: whole points below a
// thousand answers, else one decimal. A plain share of n answers is rounded from
// the counts.
func FormatShare(p float64, n int) string {
	decimals := decimalsFor(n)
	if x := math.Round(p * float64(n)); n > 0 && math.Abs(x/float64(n)-p) < 1e-13 {
		return FormatCountShare(int(x), n)
	}
	return FormatNumber(100*p, decimals) + "%"
}

// FormatCountShare writes x of n in percent, rounded from the integers.
func FormatCountShare(x, n int) string {
	if n <= 0 {
		return Dash
	}
	if decimalsFor(n) == 0 {
		return strconv.Itoa((200*x+n)/(2*n)) + "%"
	}
	tenths := (2000*x + n) / (2 * n)
	return strconv.Itoa(tenths/10) + "." + strconv.Itoa(tenths%10) + "%"
}

// FormatPoints writes a difference in points with its sign.
func FormatPoints(d float64, n int) string {
	text := FormatNumber(d, decimalsFor(n))
	if RoundHalfAway(d, decimalsFor(n)) > 0 {
		return "+" + text
	}
	return text
}

// FormatP writes a p-value: three decimals, "< .001" below.
func FormatP(p stat.Number) string {
	switch {
	case !p.Valid:
		return Dash
	case p.Value < 0.001:
		return "< .001"
	case p.Value >= 0.9995:
		return "1.000"
	}
	return strings.TrimPrefix(FormatNumber(p.Value, 3), "0")
}

// FormatProbability writes a probability of a class in whole percent; it never
// says certain or impossible of what is only very likely.
func FormatProbability(p stat.Number) string {
	switch {
	case !p.Valid:
		return Dash
	case p.Value > 0.99 && p.Value < 1:
		return "over 99%"
	case p.Value < 0.01 && p.Value > 0:
		return "under 1%"
	}
	return FormatNumber(100*p.Value, 0) + "%"
}

// FormatValue writes a value of a unit; n decides on the decimals of shares and points.
func FormatValue(v float64, unit string, n int) string {
	switch unit {
	case UnitProportion:
		return FormatShare(v, n)
	case UnitPoints:
		return FormatPoints(v, n)
	case UnitScale:
		return FormatNumber(v, 1)
	case UnitPercent:
		return FormatNumber(v, decimalsOf(v)) + "%"
	case UnitIndex, UnitPercentile, UnitCount:
		return FormatNumber(v, 0)
	case UnitRatio, UnitCorrelation, UnitEffect:
		return FormatNumber(v, 2)
	default:
		return FormatNumber(v, decimalsOf(v))
	}
}

// decimalsOf gives small numbers one decimal and large ones none.
func decimalsOf(v float64) int {
	if math.Abs(v) < 100 && RoundHalfAway(v, 1) != RoundHalfAway(v, 0) {
		return 1
	}
	return 0
}

// Text is the figure as a page prints it: the value, the bound of a unanimous
// group, "withheld", or a dash.
func (e Estimate) Text() string {
	switch {
	case e.Bound != "":
		return e.Bound
	case e.Status == Withheld:
		return "withheld"
	case !e.Value.Valid:
		return Dash
	}
	return FormatValue(e.Value.Value, e.Unit, e.rounding())
}

// Alike lets figures that stand beside each other be printed with the decimals of
// the one with fewest answers: 87% beside 24.6% looks like two kinds of figures.
// The number of answers of each stays what it is.
func Alike(figures ...*Estimate) {
	fewest := 0
	for _, e := range figures {
		if n := e.answers(); e.Shown() && n > 0 && (fewest == 0 || n < fewest) {
			fewest = n
		}
	}
	for _, e := range figures {
		if decimalsFor(fewest) < decimalsFor(e.answers()) && fewest > 0 {
			e.like = fewest
		}
	}
}

// pair prints two shares of one sentence.
func pair(a, b Estimate) (string, string) {
	Alike(&a, &b)
	return a.Text(), b.Text()
}

// Range is the interval as a page prints it, "29 to 45%"; empty without one.
func (e Estimate) Range() string {
	if e.CI == nil {
		return ""
	}
	low := FormatValue(e.CI.Lower, e.Unit, e.displayN())
	high := FormatValue(e.CI.Upper, e.Unit, e.displayN())
	return strings.TrimSuffix(low, "%") + " to " + high
}

// Shown says whether there is a value to print.
func (e Estimate) Shown() bool {
	return e.Value.Valid && e.Status != Withheld && e.Status != NotComputed
}

// BeyondDoubt says whether a difference that is shown is more than chance.
func (e Estimate) BeyondDoubt() bool { return e.Shown() && e.clear() }

// doubt is the adjusted p below which a difference is beyond doubt.
const doubt = 0.05

// clear is the one rule by which a difference is beyond doubt, in headlines, lists and
// marks alike: its interval does not hold zero, and where it was tested, its p holds
// after adjustment.
func (e Estimate) clear() bool {
	tested := e.PBH.Valid
	if tested && e.PBH.Value >= doubt || !tested && e.CI == nil {
		return false
	}
	return e.CI == nil || e.CI.Lower > 0 || e.CI.Upper < 0
}

// Why says in words why the figure is missing or weak; empty for a plain figure.
func (e Estimate) Why() string {
	if e.Status == Withheld {
		return ReasonWords(stat.Suppressed)
	}
	if len(e.Reasons) == 0 {
		return ""
	}
	return ReasonWords(e.Reasons[0])
}

func (e Estimate) answers() int {
	if e.N == nil {
		return 0
	}
	return *e.N
}

// rounding is the number of answers whose decimals a figure is printed with.
func (e Estimate) rounding() int {
	if e.like > 0 {
		return e.like
	}
	return e.answers()
}

// displayN keeps the limits of an interval from being taken for counts: they
// are rounded as the value is, and never from integers.
func (e Estimate) displayN() int {
	if e.rounding() >= 1000 {
		return 1 << 40
	}
	return 0
}

// FormatCount writes a number of people or organizations with a comma every
// three digits.
func FormatCount(n int) string {
	return survey.Thousands(n)
}
