package benchmark

import (
	"fmt"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// practice is one agreement item with its counts per organization of the frame.
type practice struct {
	field  survey.Field
	label  string
	points int
	top    int // how many of the highest points count as agreement

	counts   []int // of which the following are parts
	valid    []int // per organization
	agree    []int
	top3     []int // one point more than agreement
	asked    []int
	dontKnow []int
	given    [][]uint32          // answers per organization and scale point, by givenBlock organizations
	share    []stat.Contribution // weight 1 per organization
	person   []stat.Contribution // every answer counts its own weight; nil where all are 1
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
		p.place(slices.Clone(before.items[k].counts), slices.Clone(before.items[k].share))
		p.given = slices.Clone(before.items[k].given)
		own := -1 // the block that this frame has for itself
		for _, j := range f.changed {
			p.count(j, f.tally[j].items[k])
			if b := j / givenBlock; b != own {
				own, p.given[b] = b, slices.Clone(p.given[b])
			}
			f.pointsOf(&p, j)
		}
		return p
	}
	p.place(make([]int, 5*len(f.units)), make([]stat.Contribution, len(f.units)))
	p.given = make([][]uint32, (len(f.units)+givenBlock-1)/givenBlock)
	for b := range p.given {
		p.given[b] = make([]uint32, p.points*min(givenBlock, len(f.units)-b*givenBlock))
	}
	if f.weighted {
		p.person = make([]stat.Contribution, len(f.units))
	}
	for j, t := range f.tally {
		p.count(j, t.items[k])
		f.pointsOf(&p, j)
		if f.weighted {
			p.person[j] = stat.Contribution{N: p.valid[j], W: float64(p.valid[j]), WY: float64(p.agree[j]), W2: float64(p.valid[j])}
			if t.weighted {
				p.person[j] = t.person[k]
			}
			p.share[j] = alike(p.person[j])
		}
	}
	return p
}

// pointsOf takes the number of answers per scale point of one organization.
func (f *frame) pointsOf(p *practice, j int) {
	var counts [2 * mostScalePoints]uint32
	f.snapshot.DistributionInto(counts[:], f.units[j].code, p.field.Index)
	copy(p.pointsGiven(j), counts[:])
}

// givenBlock is the number of organizations whose answers lie in one piece, which
// editions share as long as none of them changes.
const givenBlock = 64

// pointsGiven are the answers of one organization per scale point.
func (p *practice) pointsGiven(j int) []uint32 {
	at := j % givenBlock * p.points
	return p.given[j/givenBlock][at : at+p.points]
}

// mostScalePoints is the length of the longest scale that counts as agreement.
const mostScalePoints = 127

// place lays the counts of all organizations out in one piece of memory.
func (p *practice) place(counts []int, share []stat.Contribution) {
	n := len(share)
	p.counts, p.share = counts, share
	p.valid, p.agree, p.top3 = counts[:n:n], counts[n:2*n:2*n], counts[2*n:3*n:3*n]
	p.asked, p.dontKnow = counts[3*n:4*n:4*n], counts[4*n:]
}

// count takes the counts of one organization.
func (p *practice) count(j int, c itemTally) {
	p.valid[j], p.agree[j], p.top3[j], p.asked[j], p.dontKnow[j] = int(c.valid), int(c.agree), int(c.top3), int(c.asked), int(c.dontKnow)
	p.share[j] = equalShare(p.valid[j], p.agree[j])
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
	n := float64(p.valid[j])
	if n == 0 {
		return stat.Contribution{}
	}
	return stat.Contribution{N: p.valid[j], W: n, WY: n * (float64(p.agree[j]) / n), W2: n}
}

// persons are personOf of all organizations.
func (p *practice) persons() []stat.Contribution {
	out := make([]stat.Contribution, len(p.valid))
	for j := range out {
		out[j] = p.personOf(j)
	}
	return out
}

// contributions appends what each organization adds to a share with weight 1,
// given its counts. Weighted answers are gathered from the rows.
func (f *frame) contributions(out []stat.Contribution, k int, count []int, top int) []stat.Contribution {
	p := &f.items[k]
	out = slices.Grow(out, len(count))
	if !f.weighted {
		for j, x := range count {
			out = append(out, equalShare(p.valid[j], x))
		}
		return out
	}
	m := f.image()
	for _, u := range f.units {
		out = append(out, alike(weighContribution(m.answers[k][u.from:u.to], m.weights[u.from:u.to], p.points-top)))
	}
	return out
}

// ownShare is the share of one organization; false where nobody answered.
func (p *practice) ownShare(j int) (float64, bool) {
	c := p.share[j]
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
