package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/stat"
)

// The renderers of the priority map in static/chart.js.
const (
	drawBox   = "box"   // [x0, x1, y0, y1]: where a point may lie
	drawLevel = "level" // [y]: a dashed line over the whole width with its name above
)

// quadrantWords name the quarters of the map without saying what to do.
var quadrantWords = map[stat.Quadrant]string{
	stat.WorkOnIt: "more important, less agreed", stat.KeepItUp: "more important, more agreed",
	stat.LowPriority: "less important, less agreed", stat.PossibleMuch: "less important, more agreed",
}

// QuadrantWords says in words where a practice lies on the priority map.
func QuadrantWords(q stat.Quadrant) string { return quadrantWords[q] }

// LevelWord is one of what was weighed: practice, area or item.
func LevelWord(level string, upper bool) string {
	word := "practice"
	if one, many := strings.CutSuffix(level, "s"); many {
		word = one
	}
	if upper {
		return upperFirst(word)
	}
	return word
}

func upperFirst(word string) string {
	if word == "" {
		return word
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// PriorityMap draws how far organizations agree with a practice against how far
// it goes together with a result: a point with its box, the means as cut lines.
// Points whose quarter is uncertain are hollow.
func PriorityMap(o benchmark.DriverOutcome) (Figure, error) {
	f := Figure{ID: "map-" + o.Key, Title: priorityTitle(o), Alt: priorityAlt(o), Table: priorityTable(o)}
	if !o.CutShare.Valid || !o.CutImportance.Valid {
		return f, nil
	}
	p := newDrawing()
	var boxes, sure, unsure []opts.CustomData
	x, y := span{}, span{}
	for i, r := range o.Rows {
		if !r.Share.Shown() || !r.Johnson.Shown() {
			continue
		}
		px, py := tidy(100*r.Share.Value.Value), tidy(100*r.Johnson.Value.Value)
		x.take(px)
		y.take(py)
		if r.Share.CI != nil && r.Johnson.CI != nil {
			box := []float64{tidy(100 * r.Share.CI.Lower), tidy(100 * r.Share.CI.Upper), tidy(100 * r.Johnson.CI.Lower), tidy(100 * r.Johnson.CI.Upper)}
			x.take(box[0], box[1])
			y.take(box[2], box[3])
			boxes = append(boxes, opts.CustomData{Value: box})
		}
		mark := opts.CustomData{Name: strconv.Itoa(i + 1), Value: []float64{px, py, px, px, 0, 1}}
		if r.Unstable {
			unsure = append(unsure, mark)
		} else {
			sure = append(sure, mark)
		}
	}
	if len(sure)+len(unsure) == 0 {
		return f, nil
	}
	f.Height, f.NarrowHeight = 460, 400
	p.layer("", drawBox, boxes, colour("edge"))
	p.layer("", drawRule, []opts.CustomData{{Name: "mean agreement", Value: []float64{tidy(100 * o.CutShare.Value)}}}, colour("soft"))
	p.layer("", drawLevel, []opts.CustomData{{Name: "mean importance", Value: []float64{tidy(100 * o.CutImportance.Value)}}}, colour("soft"))
	p.layer("", drawEstimate, sure, colour("own"), symbolSize("circle", 12))
	p.layer("", drawEstimate, unsure, colour("own"), symbolSize("hollow circle", 12))
	p.extra["legend"] = object{"show": false}
	p.extra["grid"] = object{"left": 64, "right": 24, "top": 56, "bottom": 56}
	p.extra["xAxis"] = []object{x.axis("Agreement: share that agrees", 32)}
	p.extra["yAxis"] = []object{y.axis("Importance: share of what is explained", 44)}
	p.narrow["grid"] = object{"left": 58, "right": 14}
	return f, f.draw(p)
}

// span is the range of an axis, in percent.
type span struct {
	low, high float64
	any       bool
}

func (s *span) take(values ...float64) {
	for _, v := range values {
		if !s.any || v < s.low {
			s.low = v
		}
		if !s.any || v > s.high {
			s.high = v
		}
		s.any = true
	}
}

// axis leaves room around the points, in steps that are easy to read.
func (s span) axis(name string, gap int) object {
	step := 5.0
	if s.high-s.low > 40 {
		step = 10
	}
	low, high := math.Max(0, math.Floor((s.low-1)/step)*step), math.Min(100, math.Ceil((s.high+1)/step)*step)
	return object{"type": "value", "min": low, "max": high, "interval": step, "name": name, "nameLocation": "middle", "nameGap": gap,
		"nameTextStyle": object{"color": token("soft"), "fontSize": 13},
		"axisLabel":     object{"color": token("ink"), "fontSize": 12, "formatter": "fn:" + sayPercent},
		"axisLine":      object{"show": true, "lineStyle": object{"color": token("soft")}}, "axisTick": object{"show": false},
		"splitLine": object{"show": false}}
}

func priorityTable(o benchmark.DriverOutcome) Table {
	t := Table{Caption: clean(o.Label) + ": importance and agreement, with the quarter of the map", Head: []string{LevelWord(o.Level, true), "Importance", "Agreement", "Quarter"}}
	for i, r := range o.Rows {
		quarter := QuadrantWords(r.Quadrant)
		switch {
		case quarter == "":
			quarter = benchmark.Dash
		case r.Unstable:
			quarter += " (unstable)"
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(i+1) + ". " + r.Label, withRange(r.Johnson), withRange(r.Share), quarter})
	}
	return t
}

// mostNamed is how many practices a title names.
const mostNamed = 3

func priorityTitle(o benchmark.DriverOutcome) string {
	unstable, out := 0, false
	var names []string
	one := LevelWord(o.Level, false)
	for _, r := range o.Rows {
		out = out || r.StandsOut(len(o.Rows))
		switch {
		case r.Unstable:
			unstable++
		case r.Quadrant == stat.WorkOnIt:
			names = append(names, "“"+clean(r.Label)+"”")
		}
	}
	switch {
	case !o.CutShare.Valid:
		return "There is no map of importance and agreement"
	case unstable == len(o.Rows):
		return "No point keeps its quarter of the map: the organizations do not settle which " + one + " goes most with this result"
	case len(names) == 0:
		return "No " + one + " lies in the quarter “" + quadrantWords[stat.WorkOnIt] + "” and keeps its place"
	}
	if more := len(names) - mostNamed; more > 0 {
		names = append(names[:mostNamed], fmt.Sprintf("%d more", more))
	}
	title := upperFirst(quadrantWords[stat.WorkOnIt]) + ": " + sentenceList(names)
	if !out {
		title += "; no " + one + " stands out beyond doubt"
	}
	return title
}

func priorityAlt(o benchmark.DriverOutcome) string {
	var parts []string
	for _, r := range o.Rows {
		if r.Quadrant == stat.WorkOnIt || r.Quadrant == stat.KeepItUp {
			parts = append(parts, fmt.Sprintf("%s %s at %s agreement", clean(r.Label), r.Johnson.Text(), r.Share.Text()))
		}
	}
	if len(parts) == 0 {
		return "There is nothing to draw."
	}
	return upperFirst(o.Level) + " by agreement and by their share of what is explained. Above the mean importance: " + sentenceList(parts) + "."
}
