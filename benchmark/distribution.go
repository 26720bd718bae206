package benchmark

import (
	"context"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

func (e *engine) addDistributions(_ context.Context, b *Benchmark) error {
	b.Distributions = make([]Distribution, len(e.items))
	return eachOf(len(e.items), func(k int) error {
		shares, at := e.pointShares(k, e.columns.all)
		b.Distributions[k] = e.distribution(k, shares, at, All)
		return nil
	})
}

// pointShares is the share of each scale point, every organization counting
// alike, with the base it rests on.
func (e *engine) pointShares(k int, members []int) ([]float64, base) {
	p := &e.items[k]
	shares := make([]float64, p.points)
	at := e.all.base[k]
	if len(members) != len(e.units) {
		at = columnBase(e.sharesOf(p, members))
	}
	switch {
	case e.weighted:
		e.addPointWeights(shares, k, members)
	case len(members) == len(e.units):
		for x, s := range p.sums.points {
			shares[x] = s.Value()
		}
	default:
		own := itemSums{points: make([]stat.UnitSum, p.points)}
		for _, j := range members {
			own.add(p.of(j), p.pointsGiven(j), e.gate.minimum)
		}
		for x, s := range own.points {
			shares[x] = s.Value()
		}
	}
	for x := range shares {
		shares[x] /= max(1, float64(at.organizations))
	}
	return shares, at
}

// addPointWeights adds the organizations' shares of the scale points where answers
// are weighted.
func (e *engine) addPointWeights(shares []float64, k int, members []int) {
	weights := make([]float64, len(shares))
	for _, j := range members {
		total := e.items[k].personOf(j).W
		if total == 0 {
			continue
		}
		part := 1 / total
		e.pointWeights(k, j, weights)
		for x, weight := range weights {
			shares[x] += float64(part * weight)
		}
	}
}

// pointWeights is the weight of the answers of one organization per scale point.
func (e *engine) pointWeights(k, j int, weights []float64) {
	clear(weights)
	m := e.image()
	for i := e.units[j].from; i < e.units[j].to; i++ {
		if a := m.answers[k][i]; a > 0 {
			weights[a-1] += m.weights[i]
		}
	}
}

// distribution shows all scale points, or three boxes where the group is small.
// Of a small group that agrees unanimously, or not at all, it shows nothing.
func (e *engine) distribution(k int, shares []float64, at base, column Column) Distribution {
	p := &e.items[k]
	d := Distribution{Item: p.field.Item.Key, Label: p.label, N: ptr(at.respondents)}
	labels := e.pointLabels(p)
	if at.respondents < distributionMinimum {
		d.Boxes = true
		shares, labels = threeBoxes(p, shares, labels)
	}
	top := shares[len(shares)-1]
	if !d.Boxes {
		top = 0
		for _, s := range shares[p.points-p.top:] {
			top += s
		}
	}
	if at.respondents < unanimousBelow && (top <= 0 || top >= 1-1e-12) {
		at.hidden = true
	}
	d.Points, d.Labels = make([]Estimate, len(shares)), labels
	for i, s := range shares {
		v := stat.Some(s)
		if at.respondents == 0 {
			v = stat.Number{}
		}
		est := figure("point_share", UnitProportion, v, at).withN(at.respondents, at.organizations)
		est.Item, est.Column = d.Item, column
		d.Points[i] = est
	}
	if !e.gate.passes(at) {
		d.N = nil
	}
	return d
}

// pointLabels are the words of the scale points. A reverse item is recoded, so
// its labels run the other way.
func (e *engine) pointLabels(p *practice) []string {
	scale := e.inst.ScaleOf(p.field.Item)
	labels := make([]string, p.points)
	for x := range labels {
		at := x
		if p.field.Item.Reverse {
			at = p.points - 1 - x
		}
		if at < len(scale.Points) {
			labels[x] = scale.Points[at].Label.In(e.language)
		}
	}
	return labels
}

// threeBoxes are the agree box, its mirror image at the lower end, and what lies
// between.
func threeBoxes(p *practice, shares []float64, labels []string) (boxes []float64, names []string) {
	low := min(p.top, p.points-p.top)
	boxes = make([]float64, 3)
	for x, s := range shares {
		switch {
		case x >= p.points-p.top:
			boxes[2] += s
		case x < low:
			boxes[0] += s
		default:
			boxes[1] += s
		}
	}
	names = []string{rangeLabel(labels[:low]), "between", rangeLabel(labels[p.points-p.top:])}
	return boxes, names
}

func rangeLabel(labels []string) string {
	if len(labels) == 1 || labels[0] == labels[len(labels)-1] {
		return labels[0]
	}
	return labels[0] + " / " + labels[len(labels)-1]
}

// breakdown shows the people by a key and hides what could be told from the rest.
func (e *engine) breakdown(n map[string]int, label func(string) string, order []string) []Share {
	var shares []Share
	cells := make([]cell, 0, len(order))
	for _, k := range order {
		cells = append(cells, cell{n: n[k]})
	}
	e.gate.protect(cells)
	for i, k := range order {
		b := base{kind: baseGroup, respondents: n[k], hidden: cells[i].hidden}
		v := stat.Some(float64(n[k]) / float64(e.people))
		shares = append(shares, Share{Key: k, Label: label(k), Value: figure("share_of_respondents", UnitProportion, v, b).withN(n[k], 0)})
	}
	return shares
}

// addMix says who answered: roles, and the organizations' industries and regions.
func (e *engine) addMix(_ context.Context, b *Benchmark) error {
	roles, industries, regions := map[string]int{}, map[string]int{}, map[string]int{}
	byRole := make([]int, len(e.roles))
	for j, t := range e.tally {
		for code, n := range t.roleRows {
			byRole[code] += int(n)
		}
		u := &e.units[j]
		industries[u.Industry] += u.size()
		regions[u.Region] += u.size()
	}
	for code, n := range byRole {
		if n > 0 {
			roles[e.roles[code]] = n
		}
	}
	b.Roles = e.breakdown(roles, e.roleLabel, orderedKeys(roles, e.roleKeys()))
	b.Industries = e.breakdown(industries, e.optionLabel("industry"), orderedKeys(industries, e.optionCodes("industry")))
	b.Regions = e.breakdown(regions, e.optionLabel("region"), orderedKeys(regions, e.optionCodes("region")))
	return nil
}

func (f *frame) roleKeys() []string {
	var keys []string
	for _, r := range f.inst.Roles {
		keys = append(keys, r.Key)
	}
	return keys
}

func (f *frame) roleLabel(key string) string {
	if r, ok := f.inst.RoleByKey(key); ok {
		return r.Label.In(f.language)
	}
	return unnamed(key)
}

func unnamed(key string) string {
	if key == "" {
		return "Not stated"
	}
	return key
}

// optionLabel finds the words for an organization's attribute among the options
// of the item that asks for it; free text stands for itself.
func (f *frame) optionLabel(item string) func(string) string {
	labels := map[string]string{}
	if it := f.inst.ItemByKey(item); it != nil {
		for _, o := range it.Options {
			labels[o.Code] = o.Label.In(f.language)
		}
	}
	return func(code string) string {
		if l, ok := labels[code]; ok {
			return l
		}
		return unnamed(code)
	}
}

func (f *frame) optionCodes(item string) []string {
	var codes []string
	if it := f.inst.ItemByKey(item); it != nil && it.Kind == survey.SingleChoice {
		for _, o := range it.Options {
			codes = append(codes, o.Code)
		}
	}
	return codes
}
