package benchmark

import (
	"fmt"
	"slices"
	"sync"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// practice is one agreement item with its counts per organization of the frame.
type practice struct {
	field  survey.Field
	label  string
	points int
	top    int // how many of the highest points count as agreement

	blocks []block                    // counts, by blockSize organizations
	sums   itemSums                   // of all organizations
	shares func() []stat.Contribution // weight 1 per organization, made at the first use
	person []stat.Contribution        // every answer counts its own weight; nil where all are 1
}

func (f *frame) gatherItems() error {
	f.items = make([]practice, len(f.plan.items))
	return eachOf(len(f.items), func(k int) error {
		f.items[k] = f.gatherItem(k)
		return nil
	})
}

func (f *frame) gatherItem(k int) practice {
	item := f.plan.items[k]
	p := practice{field: item.field, label: turned(item.field.Item, f.language), points: item.points, top: item.top}
	if before := f.before; before != nil {
		p.blocks, p.sums = slices.Clone(before.items[k].blocks), before.items[k].sums.clone()
		own := -1 // the block that this frame has for itself
		for _, j := range f.changed {
			if b := j / blockSize; b != own {
				own, p.blocks[b] = b, p.blocks[b].clone()
			}
			p.sums.remove(p.of(j), p.pointsGiven(j), f.gate.minimum)
			f.count(&p, k, j)
			p.sums.add(p.of(j), p.pointsGiven(j), f.gate.minimum)
		}
		p.shares = sync.OnceValue(p.equalShares)
		return p
	}
	p.blocks, p.sums.points = make([]block, (len(f.units)+blockSize-1)/blockSize), make([]stat.UnitSum, p.points)
	for b := range p.blocks {
		n := min(blockSize, len(f.units)-b*blockSize)
		p.blocks[b] = block{make([]itemTally, n), make([]uint32, p.points*n)}
	}
	if f.weighted {
		p.person = make([]stat.Contribution, len(f.units))
	}
	for j, t := range f.tally {
		f.count(&p, k, j)
		p.sums.add(p.of(j), p.pointsGiven(j), f.gate.minimum)
		if f.weighted {
			n := p.valid(j)
			p.person[j] = stat.Contribution{N: n, W: float64(n), WY: float64(p.agree(j)), W2: float64(n)}
			if t.weighted {
				p.person[j] = t.person[k]
			}
		}
	}
	p.shares = sync.OnceValue(p.equalShares)
	return p
}

// count takes the counts of one organization, and its answers per scale point.
func (f *frame) count(p *practice, k, j int) {
	*p.of(j) = f.tally[j].items[k]
	var counts [2 * mostScalePoints]uint32
	f.snapshot.DistributionInto(counts[:], f.units[j].code, p.field.Index)
	copy(p.pointsGiven(j), counts[:])
}

// blockSize is the number of organizations whose counts lie in one piece, which
// editions share as long as none of them changes.
const blockSize = 64

// block are the counts of some organizations, and their answers per scale point.
type block struct {
	counts []itemTally
	given  []uint32
}

func (b block) clone() block { return block{slices.Clone(b.counts), slices.Clone(b.given)} }

// of are the counts of one organization.
func (p *practice) of(j int) *itemTally { return &p.blocks[j/blockSize].counts[j%blockSize] }

func (p *practice) valid(j int) int { return int(p.of(j).valid) }
func (p *practice) agree(j int) int { return int(p.of(j).agree) }

// valids are the numbers of answers of all organizations.
func (p *practice) valids() []int { return p.each(func(c *itemTally) int32 { return c.valid }) }

// each takes one count of all organizations.
func (p *practice) each(count func(*itemTally) int32) []int {
	all := make([]int, 0, len(p.blocks)*blockSize)
	for _, b := range p.blocks {
		for i := range b.counts {
			all = append(all, int(count(&b.counts[i])))
		}
	}
	return all
}

// pointsGiven are the answers of one organization per scale point.
func (p *practice) pointsGiven(j int) []uint32 {
	at := j % blockSize * p.points
	return p.blocks[j/blockSize].given[at : at+p.points]
}

// mostScalePoints is the length of the longest scale that counts as agreement.
const mostScalePoints = 127

// shareAt is what an organization adds to a share where each counts alike.
func (p *practice) shareAt(j int) stat.Contribution {
	if p.person != nil {
		return alike(p.person[j])
	}
	c := p.of(j)
	return equalShare(int(c.valid), int(c.agree))
}

// equalShares are shareAt of all organizations.
func (p practice) equalShares() []stat.Contribution {
	all := make([]stat.Contribution, 0, len(p.blocks)*blockSize)
	for b := range p.blocks {
		for i := range p.blocks[b].counts {
			all = append(all, p.shareAt(b*blockSize+i))
		}
	}
	return all
}

// equalShare is what an organization adds to a share where each counts alike.
func equalShare(valid, agree int) stat.Contribution {
	if valid == 0 {
		return stat.Contribution{}
	}
	return stat.Contribution{N: valid, W: 1, WY: float64(agree) / float64(valid), W2: 1 / float64(valid)}
}

// alike gives an organization the weight 1.
func alike(c stat.Contribution) stat.Contribution {
	if c.W <= 0 {
		return stat.Contribution{}
	}
	return stat.Contribution{N: c.N, W: 1, WY: c.WY / c.W, W2: c.W2 / (c.W * c.W)}
}

// personOf is what an organization adds to a share where every answer counts its
// own weight.
func (p *practice) personOf(j int) stat.Contribution {
	if p.person != nil {
		return p.person[j]
	}
	c := p.of(j)
	n := float64(c.valid)
	if n == 0 {
		return stat.Contribution{}
	}
	return stat.Contribution{N: int(c.valid), W: n, WY: n * (float64(c.agree) / n), W2: n}
}

// persons are personOf of all organizations.
func (p *practice) persons() []stat.Contribution {
	out := make([]stat.Contribution, 0, len(p.blocks)*blockSize)
	for b := range p.blocks {
		for i := range p.blocks[b].counts {
			out = append(out, p.personOf(b*blockSize+i))
		}
	}
	return out
}

// top3Contributions appends what each organization adds to the share of one point
// more than agreement, with weight 1, where answers are weighted.
func (f *frame) top3Contributions(out []stat.Contribution, k int) []stat.Contribution {
	p, m := &f.items[k], f.image()
	out = slices.Grow(out, len(f.units))
	for _, u := range f.units {
		out = append(out, alike(weighContribution(m.answers[k][u.from:u.to], m.weights[u.from:u.to], p.points-p.top-1)))
	}
	return out
}

// ownShare is the share of one organization; false where nobody answered.
func (p *practice) ownShare(j int) (float64, bool) {
	c := p.shareAt(j)
	if c.N == 0 || c.W == 0 {
		return 0, false
	}
	return c.WY / c.W, true
}

// cut names the answers that count as agreement, "6-7 of 7".
func (p *practice) cut() string {
	if p.top == 1 {
		return fmt.Sprintf("%d of %d", p.points, p.points)
	}
	return fmt.Sprintf("%d-%d of %d", p.points-p.top+1, p.points, p.points)
}

// boxes are the answers as 1 (agreement), 0 and -1 (missing), per row.
func (f *frame) boxes(k int) []int8 {
	p := &f.items[k]
	return stat.Box(f.image().answers[k], int8(p.points-p.top+1), int8(p.points))
}

// area is a group of practices.
type area struct {
	key, title string
	items      []int // positions in frame.items
}
