package stat

import (
	"fmt"
	"math/bits"
	"slices"
	"sort"
)

// AgreeBits holds, in two bits per answer, which respondents agree with which
// items: enough to choose organizations and measure their gaps thousands of
// times. Rows lie together by organization and, inside it, by role.
type AgreeBits struct {
	items, words, organizations int
	start                       []int // rows of organization j: start[j] to start[j+1]
	role                        []uint8
	agree, missing              []uint64
}

// OtherRole marks a respondent whose role is outside the role mix: counted in
// the gaps, not in the index.
const OtherRole uint8 = 255

// PackAgree packs columns of 1 (agrees), 0 (does not) and negative values
// (missing), one column per item. org holds dense codes from 0; codes without a
// row are organizations without respondents. role, indices into the role mix or
// OtherRole, may be nil.
func PackAgree(columns [][]int8, org []int32, role []uint8, organizations int) (*AgreeBits, error) {
	for k, c := range columns {
		if len(c) != len(org) {
			return nil, &InputError{"length_mismatch", -1, k, fmt.Sprintf("column has %d rows, organizations %d", len(c), len(org))}
		}
	}
	if role != nil && len(role) != len(org) {
		return nil, lengthMismatch("roles", len(role), "organizations", len(org))
	}
	for i, j := range org {
		if j < 0 || int(j) >= organizations {
			return nil, &InputError{"invalid_value", i, 0, fmt.Sprintf("organization %d of %d", j, organizations)}
		}
	}
	a := &AgreeBits{items: len(columns), words: (len(columns) + 63) / 64, organizations: organizations}
	place := a.arrange(org, role)
	a.agree = make([]uint64, len(org)*a.words)
	a.missing = make([]uint64, len(org)*a.words)
	for k, c := range columns {
		word, bit := k/64, uint64(1)<<(k%64)
		for i, y := range c {
			at := place[i]*a.words + word
			switch {
			case y < 0:
				a.missing[at] |= bit
			case y == 1:
				a.agree[at] |= bit
			case y > 1:
				return nil, &InputError{"invalid_value", i, k, fmt.Sprintf("%d is neither agreement nor its absence", y)}
			}
		}
	}
	a.sortAlike()
	return a, nil
}

// sortAlike puts the rows of one organization and role into the order of their
// answers, so that random splits do not depend on the order of the caller's rows.
func (a *AgreeBits) sortAlike() {
	inBlocks(a.organizations, 64, func(first, last int) {
		for j := first; j < last; j++ {
			for from := a.start[j]; from < a.start[j+1]; {
				to := from
				for to < a.start[j+1] && a.role[to] == a.role[from] {
					to++
				}
				sort.Sort(rowOrder{a, from, to - from})
				from = to
			}
		}
	})
}

// rowOrder sorts n rows from a position on by their answers.
type rowOrder struct {
	bits    *AgreeBits
	from, n int
}

func (r rowOrder) Len() int { return r.n }

func (r rowOrder) Less(i, j int) bool {
	a, w := r.bits, r.bits.words
	i, j = (r.from+i)*w, (r.from+j)*w
	if c := slices.Compare(a.agree[i:i+w], a.agree[j:j+w]); c != 0 {
		return c < 0
	}
	return slices.Compare(a.missing[i:i+w], a.missing[j:j+w]) < 0
}

func (r rowOrder) Swap(i, j int) {
	a, w := r.bits, r.bits.words
	for k := range w {
		x, y := (r.from+i)*w+k, (r.from+j)*w+k
		a.agree[x], a.agree[y] = a.agree[y], a.agree[x]
		a.missing[x], a.missing[y] = a.missing[y], a.missing[x]
	}
}

// arrange finds the place of every row when rows are sorted by organization and
// role, keeping their order otherwise (counting sort).
func (a *AgreeBits) arrange(org []int32, role []uint8) []int {
	const roles = 256
	key := func(i int) int {
		if role == nil {
			return int(org[i]) * roles
		}
		return int(org[i])*roles + int(role[i])
	}
	starts := make([]int, a.organizations*roles+1)
	for i := range org {
		starts[key(i)+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	a.start = make([]int, a.organizations+1)
	for j := range a.start {
		a.start[j] = starts[j*roles]
	}
	place := make([]int, len(org))
	a.role = make([]uint8, len(org))
	for i := range org {
		k := key(i)
		place[i] = starts[k]
		starts[k]++
		if role != nil {
			a.role[place[i]] = role[i]
		}
	}
	return place
}

// Items is the number of items packed.
func (a *AgreeBits) Items() int { return a.items }

// mask returns the bits of some items.
func (a *AgreeBits) mask(items []int) ([]uint64, error) {
	m := make([]uint64, a.words)
	for _, k := range items {
		if k < 0 || k >= a.items {
			return nil, &InputError{"unknown_item", -1, k, fmt.Sprintf("item %d of %d", k, a.items)}
		}
		m[k/64] |= 1 << (k % 64)
	}
	return m, nil
}

// keyShares returns each row's share of agreement among the answered items of a
// mask; -1 where the half rule or a role outside the mix leaves it out.
func (a *AgreeBits) keyShares(mask []uint64, mixed bool) []float64 {
	items := popcount(mask)
	shares := make([]float64, len(a.role))
	inBlocks(len(shares), 1<<14, func(from, to int) {
		for i := from; i < to; i++ {
			agree, missing := 0, 0
			for w, m := range mask {
				agree += bits.OnesCount64(a.agree[i*a.words+w] & m)
				missing += bits.OnesCount64(a.missing[i*a.words+w] & m)
			}
			share, ok := KeyShare(agree, items-missing, items)
			if !ok || mixed && a.role[i] == OtherRole {
				share = -1
			}
			shares[i] = share
		}
	})
	return shares
}

func popcount(mask []uint64) int {
	n := 0
	for _, m := range mask {
		n += bits.OnesCount64(m)
	}
	return n
}

// cells gathers the moments of OrganizationIndex from the rows' shares.
func (a *AgreeBits) cells(shares []float64, mix []float64) ([][]Moments, error) {
	roles := max(len(mix), 1)
	flat := make([]Moments, roles*a.organizations)
	cells := make([][]Moments, a.organizations)
	for j := range cells {
		cells[j] = flat[j*roles : (j+1)*roles]
		for i := a.start[j]; i < a.start[j+1]; i++ {
			if shares[i] < 0 {
				continue
			}
			r := 0
			if mix != nil {
				if r = int(a.role[i]); r >= roles {
					return nil, &InputError{"invalid_value", i, -1, fmt.Sprintf("role %d of a mix of %d", r, roles)}
				}
			}
			cells[j][r].Add(shares[i])
		}
	}
	return cells, nil
}

// Index scores the organizations by the items of key, as OrganizationIndex does.
func (a *AgreeBits) Index(key []int, mix []float64) (*Index, error) {
	mask, err := a.mask(key)
	if err != nil {
		return nil, err
	}
	cells, err := a.cells(a.keyShares(mask, mix != nil), mix)
	if err != nil {
		return nil, err
	}
	return OrganizationIndex(cells, mix)
}

// itemCounts are agreements and missing answers per item of some rows.
type itemCounts struct{ agree, missing []int32 }

// bitCounter counts bits per position over many words: plane p holds bit p of
// all 64 counts, so that one addition serves 64 items.
type bitCounter struct{ planes [32]uint64 }

func (c *bitCounter) add(word uint64) {
	for p := 0; word != 0; p++ {
		carry := c.planes[p] & word
		c.planes[p] ^= word
		word = carry
	}
}

// drain moves the counts into counts and empties the planes.
func (c *bitCounter) drain(counts []int32) {
	for p := range c.planes {
		plane := c.planes[p]
		for ; plane != 0; plane &= plane - 1 {
			counts[bits.TrailingZeros64(plane)] += 1 << p
		}
		c.planes[p] = 0
	}
}

// count adds the rows of a list into counts, which are cleared first.
func (a *AgreeBits) count(rows []int, counts itemCounts) {
	clear(counts.agree)
	clear(counts.missing)
	var agree, missing bitCounter
	for w := range a.words {
		for _, i := range rows {
			agree.add(a.agree[i*a.words+w])
			missing.add(a.missing[i*a.words+w])
		}
		agree.drain(counts.agree[w*64:])
		missing.drain(counts.missing[w*64:])
	}
}

func (a *AgreeBits) newCounts() itemCounts {
	return itemCounts{make([]int32, a.words*64), make([]int32, a.words*64)}
}

// rowsOf lists the rows of an organization.
func (a *AgreeBits) rowsOf(j int) []int {
	rows := make([]int, a.start[j+1]-a.start[j])
	for i := range rows {
		rows[i] = a.start[j] + i
	}
	return rows
}

// itemWeight is the weight of an organization with n valid answers to an item.
func itemWeight(n int32, weighting Weighting) float64 {
	switch {
	case n == 0:
		return 0
	case weighting == EqualRespondent:
		return float64(n)
	case weighting == Capped:
		return float64(min(n, capAnswers))
	}
	return 1
}
