package analysis

import (
	"cmp"
	"math"
	"slices"
)

// arranged returns the table with its rows in an order that follows from what they hold: by
// organization, and inside it by a hash of the row. Sums of floats depend on
// their order in the last digit, so without this the order of a file's lines
// would show. Rows of one organization lie together afterwards, which is also
// the order in which the counts are faster.
func (t *Table) arranged() *Table {
	hash := t.hashRows()
	order := t.byOrganization()
	start := 0
	var bounds [][2]int
	for at := 1; at <= len(order); at++ {
		if at == len(order) || t.Org[order[at]] != t.Org[order[start]] {
			bounds = append(bounds, [2]int{start, at})
			start = at
		}
	}
	inParallel(len(bounds), func(b int) {
		slices.SortFunc(order[bounds[b][0]:bounds[b][1]], func(x, y int32) int { return cmp.Compare(hash[x], hash[y]) })
	})
	out := *t
	out.Answers = make([][]uint8, len(t.Answers))
	inParallel(len(t.Answers), func(k int) { out.Answers[k] = gather(t.Answers[k], order) })
	out.Org, out.Role = gather(t.Org, order), gather(t.Role, order)
	out.Outcome, out.Weight = gather(t.Outcome, order), gather(t.Weight, order)
	return &out
}

// byOrganization lists the rows sorted by organization.
func (t *Table) byOrganization() []int32 {
	next := make([]int32, len(t.Organizations)+1)
	for _, j := range t.Org {
		next[j+1]++
	}
	for j := range t.Organizations {
		next[j+1] += next[j]
	}
	order := make([]int32, t.Rows)
	for i, j := range t.Org {
		order[next[j]] = int32(i)
		next[j]++
	}
	return order
}

// hashRows mixes everything a row holds into 64 bits. Equal rows may change
// places without a trace, so only different rows with one hash would matter.
func (t *Table) hashRows() []uint64 {
	hash := make([]uint64, t.Rows)
	const block = 4096
	inParallel((t.Rows+block-1)/block, func(b int) {
		from, to := b*block, min((b+1)*block, t.Rows)
		part := hash[from:to]
		for _, column := range t.Answers {
			for i, v := range column[from:to] {
				part[i] = mix(part[i], uint64(v))
			}
		}
		for i := range part {
			if t.Role != nil {
				part[i] = mix(part[i], uint64(uint32(t.Role[from+i])))
			}
			if t.Outcome != nil {
				part[i] = mix(part[i], math.Float64bits(t.Outcome[from+i]))
			}
			if t.Weight != nil {
				part[i] = mix(part[i], math.Float64bits(t.Weight[from+i]))
			}
		}
	})
	return hash
}

// mix is one step of a multiplicative hash; the shift brings high bits down, so
// that every later step still depends on them.
func mix(hash, value uint64) uint64 {
	hash = (hash ^ value) * 0x9e3779b97f4a7c15
	return hash ^ hash>>29
}

func gather[T any](column []T, order []int32) []T {
	if column == nil {
		return nil
	}
	out := make([]T, len(order))
	for i, from := range order {
		out[i] = column[from]
	}
	return out
}
