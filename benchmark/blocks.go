package benchmark

import (
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// Groups of organizations and people can be asked for in any number of
// combinations, and whoever asks can subtract. So nothing is published of a group
// but sums over the blocks of one partition, which is the same for all of them:
// whatever is computed from any number of groups is a function of block sums, and
// each block has at least five organizations with at least the minimum group of
// people each.
//
// Beside groups a reader of the wave knows the figures of single organizations,
// where they may be shown, and the columns of the whole wave. After subtracting
// them from a block its cells that are withheld remain. A block is therefore shown
// for an item only where no cell in it is withheld for its size, and those withheld
// because all or none agreed (or, in roles, for whatever reason) are none or at
// least five, with the minimum group of people, who do not all answer alike. The
// same holds for what is left of the whole wave without the blocks that are shown.

// blocksOf parts the organizations: by industry, each industry by region, each
// region by size, as far as every part has enough of them. What is too small is
// taken together, with the smallest part that is not where that is not enough.
func (f *frame) blocksOf(members []int, trait int) [][]int {
	if trait == len(GroupTraits) || len(members) < 2*benchmarkMinimum {
		return [][]int{members}
	}
	parts := map[string][]int{}
	for _, j := range members {
		value := traitOf(&f.units[j].Organization, trait)
		parts[value] = append(parts[value], j)
	}
	var large [][]int
	var rest []int
	for _, j := range members {
		switch part := parts[traitOf(&f.units[j].Organization, trait)]; {
		case len(part) < benchmarkMinimum:
			rest = append(rest, j)
		case part[0] == j:
			large = append(large, part)
		}
	}
	if n := len(rest); n > 0 && n < benchmarkMinimum && len(large) > 0 {
		least := 0
		for i := range large {
			if len(large[i]) < len(large[least]) {
				least = i
			}
		}
		rest = append(rest, large[least]...)
		slices.Sort(rest)
		large = slices.Delete(large, least, least+1)
	}
	var blocks [][]int
	for _, part := range large {
		blocks = append(blocks, f.blocksOf(part, trait+1)...)
	}
	if len(rest) > 0 {
		blocks = append(blocks, rest)
	}
	return blocks
}

// makeBlocks are the blocks of the wave; none where it has too few organizations.
func (f *frame) makeBlocks() [][]int {
	if len(f.units) < benchmarkMinimum {
		return nil
	}
	return f.blocksOf(f.everybody(), 0)
}

// chooseBlocks are the blocks of which the group holds all organizations.
func (e *engine) chooseBlocks(g Group) []int {
	var chosen []int
	for i, block := range e.blocks() {
		if !slices.ContainsFunc(block, func(j int) bool { return !g.holds(&e.units[j].Organization) }) {
			chosen = append(chosen, i)
		}
	}
	return chosen
}

// groupCells are the cells of an item, or of one role in it, by organization.
type groupCells struct {
	sums  []stat.EqualShares  // by block
	share []stat.Contribution // by organization, only where answers are weighted
	shown []bool              // by block
}

// blockSum is what decides whether a block may be shown.
type blockSum struct {
	organizations, small        int // that count; of which withheld for their size
	hidden, answers, agreements int // withheld: organizations and what they add up to
}

func (s *blockSum) add(o blockSum) {
	s.organizations += o.organizations
	s.small += o.small
	s.hidden += o.hidden
	s.answers += o.answers
	s.agreements += o.agreements
}

// safe says whether the sum may be known.
func (s *blockSum) safe(g gate) bool {
	if s.organizations < benchmarkMinimum {
		return false
	}
	mixed := s.agreements > 0 && s.agreements < s.answers || s.answers >= unanimousBelow
	return s.hidden == 0 || s.hidden >= benchmarkMinimum && s.answers >= g.minimum && mixed
}

// cellsOf are the cells of which a group is put together.
func (e *engine) cellsOf(k int, g Group) *groupCells {
	if g.Answer != "" {
		return e.answers[k]()[answerPlace(e.inst, g.Answer)]
	}
	return e.groupCells(k, g.Role)
}

// groupCells returns the cells of an item, or of a role in it: the same for all
// groups.
func (e *engine) groupCells(k int, role string) *groupCells {
	at := slices.Index(comparedRoles[:], role) + 1
	return e.cells[k*(len(comparedRoles)+1)+at]()
}

// makeCells gathers the cells of an item; s is the role, -1 for everybody.
func (e *engine) makeCells(k, s int) *groupCells {
	c := &groupCells{sums: make([]stat.EqualShares, len(e.blocks())), shown: make([]bool, len(e.blocks()))}
	if s < 0 && e.weighted {
		c.share = e.items[k].shares()
	}
	sums := make([]blockSum, len(c.shown))
	for i, block := range e.blocks() {
		for _, j := range block {
			sums[i].add(e.cellSum(k, s, j))
			if s < 0 {
				c.sums[i].Add(e.items[k].valid(j), e.items[k].agree(j))
			} else if t := e.roleCounts()[k]; t.in(s, j) {
				c.sums[i].Add(t.valid(s, j), t.agree(s, j))
			}
		}
		c.shown[i] = sums[i].safe(e.gate) && (s >= 0 || sums[i].small == 0)
	}
	e.gate.closeBlocks(sums, c.shown, s < 0)
	return c
}

// closeBlocks hides further blocks until the sum over those that are not shown,
// which follows from the column of the whole wave, may be known too. Of everybody's
// cells that are withheld for their size none stands in a block that is shown, so
// that this sum says no more of them than the column.
func (g gate) closeBlocks(sums []blockSum, shown []bool, everybody bool) {
	for {
		var rest blockSum
		least := -1
		for i := range sums {
			switch {
			case !shown[i]:
				rest.add(sums[i])
			case least < 0 || sums[i].organizations < sums[least].organizations:
				least = i
			}
		}
		if everybody && rest.hidden == rest.small {
			rest.hidden = 0
		}
		if rest.organizations == 0 || rest.safe(g) || least < 0 {
			return
		}
		shown[least] = false
	}
}

// cellSum is what one organization adds to its block.
func (e *engine) cellSum(k, s, j int) blockSum {
	p, own := &e.items[k], e.hiddenItems[k]()[j]
	if s < 0 {
		n, x := p.valid(j), p.agree(j)
		if n == 0 {
			return blockSum{}
		}
		return cellOf(n, x, own, own || unanimous(n, x))
	}
	t := e.roleCounts()[k]
	if !t.in(s, j) {
		return blockSum{}
	}
	return cellOf(t.valid(s, j), t.agree(s, j), false, e.rolesHidden(k, j, own)[s])
}

func cellOf(n, x int, small, hidden bool) blockSum {
	sum := blockSum{organizations: 1}
	if small {
		sum.small = 1
	}
	if hidden {
		sum.hidden, sum.answers, sum.agreements = 1, n, x
	}
	return sum
}
