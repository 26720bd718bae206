package stat

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/bits"
	"math/rand/v2"

	"gonum.org/v1/gonum/mathext"
)

// Stream is a reproducible source of random numbers for one unit of work.
//
// It is PCG-DXSM seeded from SHA-256 over (seed, task, index), so that each
// unit draws from its own stream and neither the number of threads nor the
// order in which units finish can change a digit. All transforms are written
// here and not taken from math/rand/v2: their output is part of the result.
type Stream struct{ source *rand.PCG }

// NewStream returns the stream of unit index of a task. Equal arguments give
// equal numbers on every machine.
func NewStream(seed uint64, task string, index int) *Stream {
	key := make([]byte, 0, 16+len(task))
	key = binary.BigEndian.AppendUint64(key, seed)
	key = binary.BigEndian.AppendUint64(key, uint64(index))
	key = append(key, task...)
	sum := sha256.Sum256(key)
	return &Stream{rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]))}
}

// DefaultSeed is the seed of a random result that was asked for without one:
// the first eight bytes (big endian) of SHA-256 over the wave edition, the
// method id and the criteria hash, separated by zero bytes.
func DefaultSeed(waveEdition, methodID, criteriaHash string) uint64 {
	sum := sha256.Sum256([]byte(waveEdition + "\x00" + methodID + "\x00" + criteriaHash))
	return binary.BigEndian.Uint64(sum[:8])
}

// Uint64 returns 64 random bits.
func (s *Stream) Uint64() uint64 { return s.source.Uint64() }

// Float64 returns a uniform number in the open interval (0, 1): the midpoints
// of 2^53 equal cells, so that its logarithm and its normal quantile exist.
func (s *Stream) Float64() float64 {
	return (float64(s.source.Uint64()>>11) + 0.5) * 0x1p-53
}

// IntN returns a uniform integer in [0, n) by Lemire's multiplication with
// rejection. It panics for n < 1, as slices do for a wrong index.
func (s *Stream) IntN(n int) int {
	if n < 1 {
		panic("stat: IntN of an empty range")
	}
	bound := uint64(n)
	high, low := bits.Mul64(s.source.Uint64(), bound)
	if low < bound {
		for reject := -bound % bound; low < reject; {
			high, low = bits.Mul64(s.source.Uint64(), bound)
		}
	}
	return int(high)
}

// Normal returns a standard normal number by the inverse of its distribution
// function: one uniform for one normal.
func (s *Stream) Normal() float64 { return mathext.NormalQuantile(s.Float64()) }

// Gamma returns a number of the gamma distribution with scale 1.
func (s *Stream) Gamma(shape float64) float64 { return math.Exp(s.logGamma(shape)) }

// logGamma draws the logarithm of a gamma number by Marsaglia and Tsang (2000),
// with their boost for shapes under 1; in logarithms, because tiny shapes give
// numbers below the smallest float.
func (s *Stream) logGamma(shape float64) float64 {
	if !(shape > 0) {
		return math.Inf(-1)
	}
	boost := 0.0
	if shape < 1 {
		boost = math.Log(s.Float64()) / shape
		shape++
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.Normal()
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		v = v * v * v
		bound := float64(0.5*x*x) + float64(d*(1-v+math.Log(v)))
		if math.Log(s.Float64()) < bound {
			return math.Log(d) + math.Log(v) + boost
		}
	}
}

// Beta returns a number of the beta distribution as a ratio of two gammas,
// taken in logarithms.
func (s *Stream) Beta(a, b float64) float64 {
	x := s.logGamma(a)
	y := s.logGamma(b)
	return 1 / (1 + math.Exp(y-x))
}

// Permute shuffles order in place (Fisher and Yates).
func (s *Stream) Permute(order []int) {
	for i := len(order) - 1; i > 0; i-- {
		j := s.IntN(i + 1)
		order[i], order[j] = order[j], order[i]
	}
}

// poisson returns a Poisson number by multiplication of uniforms, halving large
// means so that the product stays far from zero.
func (s *Stream) poisson(mean float64) int {
	total := 0
	for mean > 30 {
		half := mean / 2
		total += s.poisson(half)
		mean -= half
	}
	limit := math.Exp(-mean)
	for product := s.Float64(); product > limit; product *= s.Float64() {
		total++
	}
	return total
}
