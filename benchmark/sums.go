package benchmark

import (
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// itemSums are the answers to one item of some organizations that count alike,
// added up without rounding: an organization that changes is taken out and added
// anew, and a column is what remains when the others are taken out of all.
type itemSums struct {
	share, top3     stat.EqualShares
	asked, dontKnow int
	points          []stat.UnitSum // of the organizations' shares of the scale points
	shown           int            // answers of organizations whose own share may be shown
}

func (s itemSums) clone() itemSums {
	s.points = slices.Clone(s.points)
	return s
}

// add adds an organization by its counts and its answers per scale point; minimum
// is that of the gate.
func (s *itemSums) add(c *itemTally, given []uint32, minimum int) {
	if int(c.valid) >= minimum {
		s.shown += int(c.valid)
	}
	s.share.Add(int(c.valid), int(c.agree))
	s.top3.Add(int(c.valid), int(c.top3))
	s.asked, s.dontKnow = s.asked+int(c.asked), s.dontKnow+int(c.dontKnow)
	for x := range s.points {
		if given[x] > 0 {
			s.points[x].Add(float64(given[x]) / float64(c.valid))
		}
	}
}

// remove takes out an organization that was added.
func (s *itemSums) remove(c *itemTally, given []uint32, minimum int) {
	if int(c.valid) >= minimum {
		s.shown -= int(c.valid)
	}
	s.share.Remove(int(c.valid), int(c.agree))
	s.top3.Remove(int(c.valid), int(c.top3))
	s.asked, s.dontKnow = s.asked-int(c.asked), s.dontKnow-int(c.dontKnow)
	for x := range s.points {
		if given[x] > 0 {
			s.points[x].Remove(float64(given[x]) / float64(c.valid))
		}
	}
}

// columnSums are the answers to one item in a column.
type columnSums struct {
	share           stat.EqualShares
	asked, dontKnow int
}

// without leaves one organization out that is in the column.
func (s columnSums) without(c *itemTally) columnSums {
	s.share.Remove(int(c.valid), int(c.agree))
	s.asked, s.dontKnow = s.asked-int(c.asked), s.dontKnow-int(c.dontKnow)
	return s
}

// sumsOf adds the organizations of a column up, for every item. Of a column that
// holds most of them the others are taken out of all.
func (f *frame) sumsOf(members []int) []columnSums {
	sums := make([]columnSums, len(f.items))
	most := 2*len(members) > len(f.units)
	if most {
		members = f.outside(members)
	}
	for _, j := range members {
		for k, c := range f.tally[j].items {
			s := &sums[k]
			s.share.Add(int(c.valid), int(c.agree))
			s.asked, s.dontKnow = s.asked+int(c.asked), s.dontKnow+int(c.dontKnow)
		}
	}
	if most {
		for k := range sums {
			s, all := &sums[k], &f.items[k].sums
			s.share, s.asked, s.dontKnow = all.share.Without(s.share), all.asked-s.asked, all.dontKnow-s.dontKnow
		}
	}
	return sums
}

// sumOf is sumsOf for one item.
func (f *frame) sumOf(k int, members []int) columnSums {
	p, most := &f.items[k], 2*len(members) > len(f.units)
	if most {
		members = f.outside(members)
	}
	var s columnSums
	for _, j := range members {
		c := p.of(j)
		s.share.Add(int(c.valid), int(c.agree))
		s.asked, s.dontKnow = s.asked+int(c.asked), s.dontKnow+int(c.dontKnow)
	}
	if most {
		s.share, s.asked, s.dontKnow = p.sums.share.Without(s.share), p.sums.asked-s.asked, p.sums.dontKnow-s.dontKnow
	}
	return s
}

// outside are the organizations that are not among the members, which ascend.
func (f *frame) outside(members []int) []int {
	others := make([]int, 0, len(f.units)-len(members))
	for j := range f.units {
		if len(members) > 0 && members[0] == j {
			members = members[1:]
			continue
		}
		others = append(others, j)
	}
	return others
}

// equalShareOf is a share with the base it rests on.
func equalShareOf(e stat.EqualShares, opt stat.ShareOptions) (stat.ShareResult, base, error) {
	r, err := stat.ShareOfEqual(e, opt)
	at := base{kind: baseColumn, respondents: r.N, organizations: r.Organizations}
	if r.Organizations > 0 {
		at.largest = 1 / float64(r.Organizations)
	}
	return r, at, err
}

// shareOfMembers is the share of an item in a column with the base it rests on.
func (f *frame) shareOfMembers(k int, members []int, opt stat.ShareOptions) (stat.ShareResult, base, error) {
	if f.weighted {
		return weighedShare(f.membersOf(f.items[k].shares(), members), opt)
	}
	return equalShareOf(f.sumOf(k, members).share, opt)
}

// top3Share is the share of all organizations with one point more counted as
// agreement.
func (f *frame) top3Share(k int) (stat.ShareResult, base, error) {
	opt := stat.ShareOptions{Conf: confidence}
	if f.weighted {
		return weighedShare(f.top3Contributions(nil, k), opt)
	}
	return equalShareOf(f.items[k].sums.top3, opt)
}

// weighedShare is the share in all of the elements with the base it rests on.
func weighedShare(x []stat.Contribution, opt stat.ShareOptions) (stat.ShareResult, base, error) {
	r, err := stat.ClusteredShare(x, opt)
	return r, columnBase(x), err
}

// sharesOf are the organizations of a column one by one.
func (f *frame) sharesOf(p *practice, members []int) []stat.Contribution {
	shares := make([]stat.Contribution, len(members))
	for i, j := range members {
		shares[i] = p.shareAt(j)
	}
	return shares
}
