package benchmark

import (
	"fmt"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// practice is one agreement item with its counts per organization of the frame.
type practice struct {
	field  survey.Field
	label  string
	points int
	top    int // how many of the highest points count as agreement

	valid    []int // per organization
	agree    []int
	top3     []int // one point more than agreement
	asked    []int
	dontKnow []int
	share    []stat.Contribution // weight 1 per organization
	person   []stat.Contribution // every answer counts its own weight
	answers  []int8              // per row, 0 where missing
}

func (f *frame) gatherItems() {
	f.position = map[string]int{}
	for _, field := range f.inst.Fields() {
		if field.Kind != survey.Likert || field.Points < 2 || field.Points > 127 {
			continue
		}
		f.position[field.Item.Key] = len(f.items)
		f.items = append(f.items, f.gatherItem(field))
	}
}

func (f *frame) gatherItem(field survey.Field) practice {
	scale := f.inst.ScaleOf(field.Item)
	j := len(f.units)
	p := practice{
		field: field, label: turned(field.Item, f.language), points: field.Points, top: scale.TopBox,
		valid: make([]int, j), agree: make([]int, j), top3: make([]int, j), asked: make([]int, j), dontKnow: make([]int, j),
		answers: make([]int8, len(f.rows)),
	}
	if p.top < 1 || p.top >= p.points {
		p.top = max(1, min(2, p.points-1))
	}
	f.snapshot.Answers(field.Index, f.rows, p.answers)
	for j, u := range f.units {
		points, silent := f.snapshot.Distribution(u.code, field.Index)
		for x, count := range points {
			p.valid[j] += int(count)
			if x+1 > p.points-p.top {
				p.agree[j] += int(count)
			}
			if x+1 > p.points-p.top-1 {
				p.top3[j] += int(count)
			}
		}
		p.dontKnow[j] = int(silent[survey.DontKnow])
		p.asked[j] = p.valid[j] + p.dontKnow[j] + int(silent[survey.Skipped]) + int(silent[survey.NotApplicable]) + int(silent[survey.Refused])
	}
	p.share, p.person = f.contributions(&p, p.agree, p.top)
	return p
}

// contributions are what each organization adds to a share: with weight 1, and
// with one weight per answer. Weighted answers are gathered from the rows.
func (f *frame) contributions(p *practice, count []int, top int) (equal, person []stat.Contribution) {
	if f.weights == nil {
		summaries := make([]stat.Summary, len(count))
		for j, x := range count {
			summaries[j] = stat.SummaryFromSums(p.valid[j], int64(x), int64(x))
		}
		return stat.Contribute(summaries, stat.EqualOrganization), stat.Contribute(summaries, stat.EqualRespondent)
	}
	person = make([]stat.Contribution, len(count))
	for i, a := range p.answers {
		if w := f.weights[i]; a > 0 && w > 0 {
			c := &person[f.org[i]]
			c.N++
			c.W += w
			c.W2 += float64(w * w)
			if int(a) > p.points-top {
				c.WY += w
			}
		}
	}
	equal = make([]stat.Contribution, len(count))
	for j, c := range person {
		if c.W > 0 {
			equal[j] = stat.Contribution{N: c.N, W: 1, WY: c.WY / c.W, W2: c.W2 / (c.W * c.W)}
		}
	}
	return equal, person
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
func (p *practice) boxes() []int8 {
	return stat.Box(p.answers, int8(p.points-p.top+1), int8(p.points))
}

// area is a group of practices.
type area struct {
	key, title string
	items      []int // positions in frame.items
}

// areas are those of the instrument that have practices, in its order.
func (f *frame) areas() []area {
	var found []area
	for _, a := range f.inst.Areas {
		group := area{key: a.Key, title: a.Title.In(f.language)}
		for k := range f.items {
			if f.items[k].field.Item.Area == a.Key {
				group.items = append(group.items, k)
			}
		}
		if len(group.items) > 0 {
			found = append(found, group)
		}
	}
	return found
}
