package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/salesbench/salesbench/benchmark"
)

const (
	barRowHeight       = 38
	barRowHeightNarrow = 60
	// narrowestLabel is the share of a bar below which its number does not fit inside.
	narrowestLabel = 6.0
)

// Agreement draws how the answers spread: disagreement to the left of a line,
// agreement to the right, the middle on both sides of it.
func Agreement(distributions []benchmark.Distribution) (Figure, error) {
	rows := slices.Clone(distributions)
	slices.SortStableFunc(rows, func(a, b benchmark.Distribution) int {
		return byGap(top(a), top(b))
	})
	title := agreementTitle(rows)
	rows = rows[:min(len(rows), mostRows)]
	f := Figure{ID: "agreement", Title: title, Alt: agreementAlt(rows), Table: agreementTable(rows)}
	labels := scaleLabels(rows)
	if len(labels) == 0 {
		return f, nil
	}
	f.Height, f.NarrowHeight = 84+barRowHeight*len(rows), 112+barRowHeightNarrow*len(rows)
	p := newDrawing()
	far := 10.0
	for point := range labels {
		data, reach := agreementLayer(rows, point, len(labels))
		far = max(far, reach)
		p.layer(markName(labels[point]), drawSegment, data, colour(agreementToken(point, len(labels))))
	}
	agreementStyle(p, rows, labels, math.Min(100, math.Ceil(far/25)*25))
	return f, f.draw(p)
}

// scaleLabels are the labels of the longest distribution that may be shown.
func scaleLabels(rows []benchmark.Distribution) []string {
	var labels []string
	for _, d := range rows {
		if complete(d) && len(d.Labels) == len(d.Points) && len(d.Points) > len(labels) {
			labels = d.Labels
		}
	}
	return labels
}

// complete says whether every part of a distribution may be drawn; a bar with a
// part missing would show that part.
func complete(d benchmark.Distribution) bool {
	return len(d.Points) > 1 && !slices.ContainsFunc(d.Points, func(e benchmark.Estimate) bool { return !e.Shown() })
}

// top is the highest scale point, by which the bars are ordered.
func top(d benchmark.Distribution) benchmark.Estimate {
	if !complete(d) {
		return benchmark.Estimate{}
	}
	sum := d.Points[len(d.Points)-1]
	if !d.Boxes && len(d.Points) > 3 {
		sum.Value.Value += d.Points[len(d.Points)-2].Value.Value
	}
	return sum
}

// agreementLayer returns the segments of one scale point, one per row, and how
// far from the middle they reach.
func agreementLayer(rows []benchmark.Distribution, point, points int) (data []opts.CustomData, reach float64) {
	for row, d := range rows {
		if !complete(d) {
			continue
		}
		at, ok := rowPoint(d, point, points)
		if !ok {
			continue
		}
		start := -100 * leftOf(d)
		for i := range at {
			start += 100 * d.Points[i].Value.Value
		}
		width := 100 * d.Points[at].Value.Value
		item := opts.CustomData{Value: []float64{tidy(start), tidy(start + width), float64(row)}}
		if width >= narrowestLabel {
			item.Name = d.Points[at].Text()
		}
		data, reach = append(data, item), max(reach, math.Abs(start), math.Abs(start+width))
	}
	return data, reach
}

// rowPoint places three boxes on the ends and the middle of a longer scale.
func rowPoint(d benchmark.Distribution, point, points int) (int, bool) {
	if len(d.Points) == points {
		return point, true
	}
	switch point {
	case 0:
		return 0, true
	case points / 2:
		return 1, len(d.Points) == 3
	case points - 1:
		return len(d.Points) - 1, true
	}
	return 0, false
}

// leftOf is the part of a distribution left of the middle of its scale.
func leftOf(d benchmark.Distribution) float64 {
	sum := 0.0
	for i, e := range d.Points[:(len(d.Points)+1)/2] {
		part := e.Value.Value
		if len(d.Points)%2 == 1 && i == len(d.Points)/2 {
			part /= 2
		}
		sum += part
	}
	return sum
}

func tidy(v float64) float64 { return math.Round(v*1e4) / 1e4 }

// agreementToken is the colour of a scale point: from disagreement over a grey
// middle to agreement, whatever the number of points.
func agreementToken(point, points int) string {
	place := 1 + 6*float64(point)/float64(points-1)
	return "likert-" + strconv.Itoa(int(math.Round(place)))
}

func agreementStyle(p *drawing, rows []benchmark.Distribution, labels []string, far float64) {
	names, n := make([]string, len(rows)), make([]string, len(rows))
	for i, d := range rows {
		names[i], n[i] = clean(d.Label), answered(d.N)
		if !complete(d) {
			n[i] = "withheld"
		}
	}
	var entries []object
	for i, label := range labels {
		entries = append(entries, object{"name": markName(label), "icon": "rect",
			"itemStyle": object{"color": token(agreementToken(i, len(labels)))}})
	}
	p.extra["legend"] = object{"data": entries, "left": 0, "top": 0, "padding": 0, "itemGap": 12, "itemWidth": 12, "itemHeight": 12,
		"selectedMode": false, "textStyle": textStyle("ink", 12)}
	p.extra["grid"] = object{"left": 290, "right": 74, "top": 72, "bottom": 10}
	p.extra["xAxis"] = []object{mirrored(far, 25)}
	p.extra["yAxis"] = []object{rowAxis(names, 280), noteAxis(n, "answers")}
	p.narrow["grid"] = object{"left": 4, "right": 40, "top": 100}
	p.narrow["yAxis"] = []object{
		{"axisLabel": object{"margin": 0, "width": 262, "verticalAlign": "bottom", "padding": []int{0, 0, 2, 0}}},
		{"name": "", "axisLabel": object{"padding": []int{28, 0, 0, 0}}}}
}

func answered(n *int) string {
	if n == nil {
		return ""
	}
	return benchmark.FormatCount(*n)
}

func agreementTable(rows []benchmark.Distribution) Table {
	labels := scaleLabels(rows)
	t := Table{Caption: "Answers on the scale, in percent of those who answered", Head: append([]string{"Statement"}, labels...)}
	t.Head = append(t.Head, "Answers")
	for _, d := range rows {
		cells := []string{d.Label}
		for point := range labels {
			at, ok := rowPoint(d, point, len(labels))
			switch {
			case !ok:
				cells = append(cells, "in the box")
			case at < len(d.Points):
				cells = append(cells, d.Points[at].Text())
			default:
				cells = append(cells, benchmark.Dash)
			}
		}
		t.Rows = append(t.Rows, append(cells, answered(d.N)))
	}
	return t
}

func agreementTitle(rows []benchmark.Distribution) string {
	first, last := -1, -1
	for i, d := range rows {
		if complete(d) {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	switch {
	case first < 0:
		return "The answers are withheld: too few people answered"
	case first == last:
		return fmt.Sprintf("How the answers to “%s” spread", clean(rows[first].Label))
	}
	return fmt.Sprintf("Agreement is strongest on “%s” and weakest on “%s”", clean(rows[first].Label), clean(rows[last].Label))
}

func agreementAlt(rows []benchmark.Distribution) string {
	for _, d := range rows {
		if !complete(d) {
			continue
		}
		parts := make([]string, len(d.Points))
		for i, e := range d.Points {
			label := strconv.Itoa(i + 1)
			if i < len(d.Labels) {
				label = clean(d.Labels[i])
			}
			parts[i] = label + " " + e.Text()
		}
		return fmt.Sprintf("%d statements as bars from disagreement to agreement; %s: %s.", len(rows), clean(d.Label), sentenceList(parts))
	}
	return "There is nothing to draw."
}
