package stat

import (
	"math/big"
	"math/bits"
)

// UnitSum adds numbers between 0 and 1 without any rounding, after each of them
// was cut to 63 binary places. So the total does not depend on the order, and a
// term that is taken out again is gone without a trace: what is mended after one
// more answer has the bits of what is added up from the start. The zero value is
// an empty sum; it holds 2^64 terms.
type UnitSum struct{ high, low uint64 }

// unitPlaces is the number of binary places.
const unitPlaces = 63

// inUnits cuts x.
func inUnits(x float64) uint64 { return uint64(x * (1 << unitPlaces)) }

// Add adds a number between 0 and 1.
func (s *UnitSum) Add(x float64) { s.plus(UnitSum{0, inUnits(x)}) }

// Remove takes out a number that was added before.
func (s *UnitSum) Remove(x float64) { s.minus(UnitSum{0, inUnits(x)}) }

func (s *UnitSum) plus(o UnitSum) {
	var carry uint64
	s.low, carry = bits.Add64(s.low, o.low, 0)
	s.high, _ = bits.Add64(s.high, o.high, carry)
}

func (s *UnitSum) minus(o UnitSum) {
	var borrow uint64
	s.low, borrow = bits.Sub64(s.low, o.low, 0)
	s.high, _ = bits.Sub64(s.high, o.high, borrow)
}

// Value is the total.
func (s UnitSum) Value() float64 {
	return float64(float64(s.high)*2) + float64(s.low)/(1<<unitPlaces)
}

// EqualShares are the shares of agreement of many organizations that count alike,
// as far as a column of them needs to know: counts, and exact sums of the shares
// and their squares. Organizations can be added and taken out in any order; what
// remains has the same bits as if they alone had been added. The zero value is no
// organization.
type EqualShares struct {
	answers, organizations, sizes int
	sum                           UnitSum
	squares                       [3]uint64 // lowest first, in 126 binary places
}

// Add adds an organization by its answers and those of them that agree; one
// without answers is nothing.
func (e *EqualShares) Add(valid, agree int) {
	if valid == 0 {
		return
	}
	q := inUnits(float64(agree) / float64(valid))
	high, low := bits.Mul64(q, q)
	e.plus(EqualShares{valid, 1, valid * valid, UnitSum{0, q}, [3]uint64{low, high, 0}})
}

// Remove takes an organization out that was added before.
func (e *EqualShares) Remove(valid, agree int) {
	var one EqualShares
	one.Add(valid, agree)
	e.minus(one)
}

// With are the organizations and those of o.
func (e EqualShares) With(o EqualShares) EqualShares {
	e.plus(o)
	return e
}

// Without are the organizations but those of o, which are among them.
func (e EqualShares) Without(o EqualShares) EqualShares {
	e.minus(o)
	return e
}

func (e *EqualShares) plus(o EqualShares) {
	e.answers, e.organizations, e.sizes = e.answers+o.answers, e.organizations+o.organizations, e.sizes+o.sizes
	e.sum.plus(o.sum)
	var carry uint64
	for i := range e.squares {
		e.squares[i], carry = bits.Add64(e.squares[i], o.squares[i], carry)
	}
}

func (e *EqualShares) minus(o EqualShares) {
	e.answers, e.organizations, e.sizes = e.answers-o.answers, e.organizations-o.organizations, e.sizes-o.sizes
	e.sum.minus(o.sum)
	var borrow uint64
	for i := range e.squares {
		e.squares[i], borrow = bits.Sub64(e.squares[i], o.squares[i], borrow)
	}
}

// linearized is what linearize finds of the organizations.
func (e *EqualShares) linearized() linearization {
	l := linearization{n: e.answers, organizations: e.organizations, equal: true}
	if e.organizations == 0 {
		return l
	}
	j := float64(e.organizations)
	l.weight, l.mean, l.df = j, e.sum.Value()/j, e.organizations-1
	l.clusterSize = float64(e.sizes) / float64(e.answers)
	if e.organizations > 1 {
		l.squares = e.squaresAboutMean()
		l.variance = j / (j - 1) * l.squares / (j * j)
	}
	return l
}

// squaresAboutMean is the sum of squared deviations, (J sum s^2 - (sum s)^2)/J.
// The difference is taken of whole numbers, so that nothing cancels.
func (e *EqualShares) squaresAboutMean() float64 {
	var sum, squares, j big.Int
	sum.Or(sum.Lsh(sum.SetUint64(e.sum.high), 64), j.SetUint64(e.sum.low))
	for i := len(e.squares) - 1; i >= 0; i-- {
		squares.Or(squares.Lsh(&squares, 64), j.SetUint64(e.squares[i]))
	}
	squares.Mul(&squares, j.SetInt64(int64(e.organizations)))
	squares.Sub(&squares, sum.Mul(&sum, &sum))
	f := new(big.Float).SetInt(&squares)
	value, _ := f.SetMantExp(f, -2*unitPlaces).Float64()
	return value / float64(e.organizations)
}

// ShareOfEqual is ClusteredShare of organizations that count alike, under the
// default interval.
func ShareOfEqual(e EqualShares, opt ShareOptions) (ShareResult, error) {
	if opt.Conf == 0 {
		opt.Conf = 0.95
	}
	r := ShareResult{Conf: opt.Conf, CIMethod: WilsonNeffT, Reasons: []Reason{}, Notes: []string{}}
	if opt.Strata != nil || opt.PlainN || opt.Method != "" && opt.Method != WilsonNeffT {
		return r, &InputError{Code: "invalid_value", Row: -1, Column: -1, Detail: "sums of organizations give the interval on n_star alone"}
	}
	if err := checkConfidence(opt.Conf); err != nil {
		return r, err
	}
	return r, r.fill(e.linearized(), nil, opt)
}
