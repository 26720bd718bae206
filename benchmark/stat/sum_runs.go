package stat

import "sync/atomic"

// runLength is the number of organizations of which sums are kept together, so that
// after a change of one of them only these are summed up again. The runs are the same
// whether sums were kept or not, and so are the digits.
const runLength = 64

// runs are sums over runs of organizations. Organizations may change side by side, but
// not while sums are read.
type runs[T any] struct {
	sums  []T
	fresh []atomic.Bool
}

func newRuns[T any](organizations int) runs[T] {
	count := (organizations + runLength - 1) / runLength
	return runs[T]{make([]T, count), make([]atomic.Bool, count)}
}

// changed takes notice of a change of organization j.
func (r *runs[T]) changed(j int) { r.fresh[j/runLength].Store(false) }

// read returns the sums; sum makes those of n organizations which are other ones.
func (r *runs[T]) read(n int, sum func(from, to int) T) []T {
	for i := range r.sums {
		if !r.fresh[i].Load() {
			r.sums[i] = sum(i*runLength, min(n, (i+1)*runLength))
			r.fresh[i].Store(true)
		}
	}
	return r.sums
}
