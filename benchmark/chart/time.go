package chart

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/salesbench/salesbench/benchmark"
)

// The parts of a manager's time that tell a coach from a forecast accountant, in
// the order in which they lie from the middle outwards.
var (
	coachParts      = []timePart{{"time_coaching", "likert-7"}, {"time_resources", "likert-5"}}
	accountantParts = []timePart{{"time_forecasting", "all"}, {"time_admin", "likert-4"}}
)

type timePart struct{ key, token string }

// ManagerTime draws the managers' time: numbers and administration to the left,
// coaching and resources to the right, one bar per column. Without these parts
// in the instrument there is no picture.
func ManagerTime(rows []benchmark.TimeRow, coach benchmark.CoachIndex) (Figure, error) {
	columns := timeColumns(rows)
	f := Figure{ID: "manager-time", Title: timeTitle(rows, coach, columns), Alt: timeAlt(rows, columns), Table: timeTable(rows, coach, columns)}
	byKey := map[string]benchmark.TimeRow{}
	for _, row := range rows {
		byKey[row.Key] = row
	}
	p := newDrawing()
	far := 10.0
	var entries []object
	for _, half := range []struct {
		side  float64
		parts []timePart
	}{{-1, accountantParts}, {1, coachParts}} {
		from := make([]float64, len(columns))
		for _, part := range half.parts {
			row, ok := byKey[part.key]
			if !ok {
				return f, nil
			}
			data := timeLayer(row, columns, half.side, from)
			for _, reach := range from {
				far = max(far, math.Abs(reach))
			}
			p.layer(markName(row.Label), drawSegment, data, colour(part.token))
		}
	}
	for _, part := range []timePart{accountantParts[1], accountantParts[0], coachParts[0], coachParts[1]} {
		entries = append(entries, object{"name": markName(byKey[part.key].Label), "icon": "rect", "itemStyle": object{"color": token(part.token)}})
	}
	if len(p.chart.MultiSeries) == 0 {
		return f, nil
	}
	f.Height, f.NarrowHeight = 114+52*len(columns), 174+62*len(columns)
	timeStyle(p, coach, columns, entries, math.Ceil(far/20)*20)
	return f, f.draw(p)
}

// timeColumns are the bars: the own organization where there is one.
func timeColumns(rows []benchmark.TimeRow) []benchmark.Column {
	columns := []benchmark.Column{benchmark.WorldClass, benchmark.Rest, benchmark.All}
	for _, row := range rows {
		if row.Own.Shown() || row.Own.Status == benchmark.Withheld {
			return append([]benchmark.Column{benchmark.Own}, columns...)
		}
	}
	return columns
}

func timeEstimate(row benchmark.TimeRow, column benchmark.Column) benchmark.Estimate {
	switch column {
	case benchmark.Own:
		return row.Own
	case benchmark.WorldClass:
		return row.WC
	case benchmark.Rest:
		return row.Rest
	}
	return row.All
}

func coachEstimate(c benchmark.CoachIndex, column benchmark.Column) benchmark.Estimate {
	switch column {
	case benchmark.Own:
		return c.Own
	case benchmark.WorldClass:
		return c.WC
	case benchmark.Rest:
		return c.Rest
	}
	return c.All
}

// timeLayer stacks one part onto what lies nearer to the middle.
func timeLayer(row benchmark.TimeRow, columns []benchmark.Column, side float64, from []float64) []opts.CustomData {
	var data []opts.CustomData
	for i, column := range columns {
		e := timeEstimate(row, column)
		if !e.Shown() {
			continue
		}
		start := from[i]
		from[i] += side * e.Value.Value
		item := opts.CustomData{Value: []float64{tidy(min(start, from[i])), tidy(max(start, from[i])), float64(i)}}
		if e.Value.Value >= narrowestLabel/2 {
			item.Name = e.Text()
		}
		data = append(data, item)
	}
	return data
}

func timeStyle(p *drawing, coach benchmark.CoachIndex, columns []benchmark.Column, entries []object, far float64) {
	names, ratios := make([]string, len(columns)), make([]string, len(columns))
	for i, column := range columns {
		names[i], ratios[i] = columnNames[column], coachEstimate(coach, column).Text()
	}
	p.extra["legend"] = object{"data": entries, "left": 0, "top": 0, "padding": 0, "itemGap": 16, "itemWidth": 12, "itemHeight": 12,
		"selectedMode": false, "textStyle": textStyle("ink", 13)}
	p.extra["grid"] = object{"left": 150, "right": 110, "top": 96, "bottom": 10}
	axis := mirrored(far, 20)
	axis["name"], axis["nameLocation"], axis["nameGap"] = "← forecast accountant · coach →", "middle", 24
	axis["nameTextStyle"] = object{"color": token("soft"), "fontSize": 12}
	p.extra["xAxis"] = []object{axis}
	p.extra["yAxis"] = []object{rowAxis(names, 140), noteAxis(ratios, "Coach index")}
	p.narrow["grid"] = object{"left": 4, "right": 52, "top": 152}
	p.narrow["yAxis"] = []object{
		{"axisLabel": object{"margin": 0, "width": 300, "verticalAlign": "bottom", "padding": []int{0, 0, 2, 0}}}, {"name": "Index", "axisLabel": object{"padding": []int{28, 0, 0, 0}}}}
}

func timeTable(rows []benchmark.TimeRow, coach benchmark.CoachIndex, columns []benchmark.Column) Table {
	t := Table{Caption: "Managers' time, mean percent", Head: []string{"Part of the time"}}
	for _, column := range columns {
		t.Head = append(t.Head, columnNames[column])
	}
	for _, row := range rows {
		cells := []string{row.Label}
		for _, column := range columns {
			cells = append(cells, withRange(timeEstimate(row, column)))
		}
		t.Rows = append(t.Rows, cells)
	}
	index := []string{"Coach index: time for coaching and resources per hour of forecasting and administration"}
	for _, column := range columns {
		index = append(index, withRange(coachEstimate(coach, column)))
	}
	t.Rows = append(t.Rows, index)
	return t
}

// timeTitle names coach or forecast accountant only where the interval of the
// ratio leaves no doubt.
func timeTitle(rows []benchmark.TimeRow, coach benchmark.CoachIndex, columns []benchmark.Column) string {
	beside, other := "", benchmark.Estimate{}
	switch {
	case coach.WC.Shown():
		beside, other = "in World-Class", coach.WC
	case coach.All.Shown():
		beside, other = "of all organizations", coach.All
	}
	switch here := columns[0] == benchmark.Own; {
	case here && coach.Own.Shown():
		title := fmt.Sprintf("Managers here are %s: coach index %s", kindOfManager(coach.Own), coach.Own.Text())
		if beside != "" {
			title += fmt.Sprintf(", %s %s", beside, other.Text())
		}
		return title
	case here && beside != "":
		return fmt.Sprintf("Whether managers here coach or count is %s; managers %s are %s: coach index %s", absent(coach.Own), beside, kindOfManager(other), other.Text())
	case !here && coach.WC.Shown() && coach.Rest.Shown():
		return fmt.Sprintf("Managers in World-Class are %s, in Rest %s: coach index %s v %s",
			kindOfManager(coach.WC), kindOfManager(coach.Rest), coach.WC.Text(), coach.Rest.Text())
	case beside != "":
		return fmt.Sprintf("Managers %s are %s: coach index %s", beside, kindOfManager(other), other.Text())
	case timeShown(rows, columns):
		return "How managers spend their time"
	}
	return "Too few managers answered to say whether they coach or count"
}

// timeShown says whether any part of the time is drawn.
func timeShown(rows []benchmark.TimeRow, columns []benchmark.Column) bool {
	return slices.ContainsFunc(rows, func(row benchmark.TimeRow) bool {
		return slices.ContainsFunc(columns, func(c benchmark.Column) bool { return timeEstimate(row, c).Shown() })
	})
}

func kindOfManager(e benchmark.Estimate) string {
	switch {
	case e.CI == nil && e.Text() == "1.00":
		return "between coach and forecast accountant"
	case e.CI == nil && e.Value.Value > 1:
		return "on the coach's side"
	case e.CI == nil:
		return "on the forecast accountant's side"
	case e.CI.Lower > 1:
		return "coaches"
	case e.CI.Upper < 1:
		return "forecast accountants"
	}
	return "between coach and forecast accountant"
}

func timeAlt(rows []benchmark.TimeRow, columns []benchmark.Column) string {
	var parts []string
	for _, row := range rows {
		first, second := timeEstimate(row, columns[0]), timeEstimate(row, columns[1])
		parts = append(parts, fmt.Sprintf("%s %s v %s", lowerFirst(clean(row.Label)), first.Text(), second.Text()))
	}
	if len(parts) == 0 {
		return "There is nothing to draw."
	}
	return fmt.Sprintf("Managers' time, %s v %s: %s.", columnNames[columns[0]], columnNames[columns[1]], sentenceList(parts))
}

func symbolSize(symbol string, size int) charts.SeriesOpts {
	return func(s *charts.SingleSeries) { s.Symbol, s.SymbolSize = symbol, size }
}
