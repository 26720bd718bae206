package chart

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/salesbench/salesbench/benchmark"
)

// smallestRadar is the number of areas below which a web has no shape; they are
// drawn as dots.
const smallestRadar = 3

// areaColumns are the webs of a radar: World-Class with the own organization, or
// with Rest where the figure is about a wave.
func areaColumns(areas []benchmark.AreaRow) []benchmark.Column {
	if slices.ContainsFunc(areas, func(a benchmark.AreaRow) bool { return a.Own.Shown() }) {
		return []benchmark.Column{benchmark.Own, benchmark.WorldClass, benchmark.All}
	}
	return []benchmark.Column{benchmark.WorldClass, benchmark.Rest, benchmark.All}
}

func areaEstimate(a benchmark.AreaRow, column benchmark.Column) benchmark.Estimate {
	switch column {
	case benchmark.WorldClass:
		return a.WC
	case benchmark.Rest:
		return a.Rest
	case benchmark.Own:
		return a.Own
	}
	return a.All
}

// AreaRadar draws the areas as a web. A column with an area that may not be
// shown is left out of the web: its shape would lie.
func AreaRadar(areas []benchmark.AreaRow) (Figure, error) {
	f := areaFigure("areas", areas)
	if len(areas) < smallestRadar {
		return f, areaDots(areas).drawIfAny(&f)
	}
	c := charts.NewRadar()
	lowest, highest := areaScale(areas)
	for _, a := range areas {
		c.RadarComponent.Indicator = append(c.RadarComponent.Indicator,
			&opts.Indicator{Name: radarName(a, areaColumns(areas)), Min: float32(lowest), Max: float32(highest)})
	}
	var legend []object
	for _, column := range areaColumns(areas) {
		values, complete := radarValues(areas, column)
		if !complete {
			continue
		}
		addWeb(c, column, values)
		legend = append(legend, webLegend(column))
	}
	if len(legend) == 0 {
		return f, nil
	}
	f.Height, f.NarrowHeight = 470, 430
	c.Validate()
	option := c.JSON()
	radar := map[string]any{"indicator": c.RadarComponent.Indicator, "startAngle": 90, "splitNumber": 5, "radius": "66%", "center": []string{"50%", "55%"},
		"splitArea": object{"show": false}, "splitLine": object{"lineStyle": object{"color": token("line")}},
		"axisLine": object{"lineStyle": object{"color": token("line")}},
		"axisName": object{"color": token("ink"), "fontSize": 13, "lineHeight": 17, "formatter": "fn:wrapped"}}
	extra := object{"radar": radar, "legend": object{"data": legend, "left": 0, "top": 0, "padding": 0, "itemGap": 18, "itemWidth": 13, "itemHeight": 13,
		"selectedMode": false, "textStyle": textStyle("ink", 13)}}
	narrow := object{"radar": object{"radius": "52%", "center": []string{"50%", "57%"}, "axisName": object{"fontSize": 11, "lineHeight": 14, "formatter": "fn:folded"}}}
	var err error
	f.Option, f.Narrow, err = encode(option, extra, narrow)
	return f, err
}

// AreaDots draws the same areas as calm rows of marks.
func AreaDots(areas []benchmark.AreaRow) (Figure, error) {
	f := areaFigure("area-rows", areas)
	return f, areaDots(areas).drawIfAny(&f)
}

func areaFigure(id string, areas []benchmark.AreaRow) Figure {
	columns := areaColumns(areas)
	f := Figure{ID: id, Title: areaTitle(areas, columns), Alt: areaDots(areas).alt("Mean of the practices of each area"),
		Table: Table{Caption: "Areas: mean of their practices", Head: []string{"Area"}}}
	for _, column := range columns {
		f.Table.Head = append(f.Table.Head, columnNames[column])
	}
	for _, a := range areas {
		row := []string{a.Title}
		for _, column := range columns {
			row = append(row, withRange(areaEstimate(a, column)))
		}
		f.Table.Rows = append(f.Table.Rows, row)
	}
	return f
}

func areaDots(areas []benchmark.AreaRow) dots {
	lowest, highest := areaScale(areas)
	d := dots{columns: areaColumns(areas), names: columnNames, min: lowest, max: highest, scale: 1,
		axis: "fn:plain", say: benchmark.Estimate.Text}
	if areaUnit(areas) == benchmark.UnitProportion {
		d.scale, d.axis = 100, "fn:"+sayPercent
	}
	for _, a := range areas {
		row := dotRow{label: a.Title, marks: map[benchmark.Column]benchmark.Estimate{}}
		for _, column := range d.columns {
			row.marks[column] = areaEstimate(a, column)
		}
		d.rows = append(d.rows, row)
	}
	return d
}

func areaUnit(areas []benchmark.AreaRow) string {
	for _, a := range areas {
		if a.All.Unit != "" {
			return a.All.Unit
		}
	}
	return benchmark.UnitIndex
}

// areaScale is the whole answer scale, so that a web never exaggerates.
func areaScale(areas []benchmark.AreaRow) (lowest, highest float64) {
	if areaUnit(areas) != benchmark.UnitScale {
		return 0, 100
	}
	points := 2
	for _, a := range areas {
		points = max(points, a.Points)
	}
	return 1, float64(points)
}

func radarValues(areas []benchmark.AreaRow, column benchmark.Column) (values []float64, complete bool) {
	scale := 1.0
	if areaUnit(areas) == benchmark.UnitProportion {
		scale = 100
	}
	for _, a := range areas {
		e := areaEstimate(a, column)
		if !e.Shown() {
			return nil, false
		}
		values = append(values, math.Round(scale*e.Value.Value*1e4)/1e4)
	}
	return values, len(values) > 0
}

// radarName puts the two numbers that matter under the name of the area.
func radarName(a benchmark.AreaRow, columns []benchmark.Column) string {
	first, second := areaEstimate(a, columns[0]), areaEstimate(a, columns[1])
	if !second.Shown() {
		return clean(a.Title) + "\n" + first.Text()
	}
	return fmt.Sprintf("%s\n%s v %s", clean(a.Title), first.Text(), second.Text())
}

// webs differ by the kind of line as well as by colour.
var webLines = map[benchmark.Column]string{benchmark.WorldClass: "solid", benchmark.Own: "solid", benchmark.Rest: "dashed", benchmark.All: "dotted"}

func addWeb(c *charts.Radar, column benchmark.Column, values []float64) {
	style := looks[column]
	c.AddSeries(columnNames[column], []opts.RadarData{{Name: columnNames[column], Value: values}},
		charts.WithItemStyleOpts(webMark(style)),
		charts.WithLineStyleOpts(opts.LineStyle{Color: token(style.token), Width: 2.5, Type: webLines[column]}),
		func(s *charts.SingleSeries) { s.Symbol, s.SymbolSize = style.symbol, style.size-3 })
}

func webMark(style look) opts.ItemStyle {
	if style.hollow {
		return opts.ItemStyle{Color: token("paper"), BorderColor: token(style.token), BorderWidth: 2}
	}
	return opts.ItemStyle{Color: token(style.token)}
}

func webLegend(column benchmark.Column) object {
	return object{"name": columnNames[column], "icon": looks[column].symbol, "itemStyle": webMark(looks[column]),
		"lineStyle": object{"width": 0}}
}

// areaRange is the finding where no area can be compared with World-Class.
func areaRange(areas []benchmark.AreaRow, columns []benchmark.Column) string {
	for _, column := range columns {
		shown := slices.DeleteFunc(slices.Clone(areas), func(a benchmark.AreaRow) bool { return !areaEstimate(a, column).Shown() })
		if len(shown) < 2 {
			continue
		}
		slices.SortStableFunc(shown, func(a, b benchmark.AreaRow) int { return byGap(areaEstimate(a, column), areaEstimate(b, column)) })
		high, low := shown[0], shown[len(shown)-1]
		return fmt.Sprintf("%s: highest in “%s” (%s), lowest in “%s” (%s)", columnNames[column],
			clean(high.Title), areaEstimate(high, column).Text(), clean(low.Title), areaEstimate(low, column).Text())
	}
	return "The areas can not be compared with World-Class"
}

func areaTitle(areas []benchmark.AreaRow, columns []benchmark.Column) string {
	widest, at := math.Inf(-1), -1
	for i, a := range areas {
		target, other := a.WC, areaEstimate(a, columns[0])
		if columns[0] == benchmark.WorldClass {
			other = areaEstimate(a, columns[1])
		}
		if target.Shown() && other.Shown() && target.Value.Value-other.Value.Value > widest {
			widest, at = target.Value.Value-other.Value.Value, i
		}
	}
	if at < 0 {
		return areaRange(areas, columns)
	}
	name := clean(areas[at].Title)
	switch {
	case widest <= 0:
		return "No area lies below World-Class"
	case columns[0] == benchmark.WorldClass:
		return fmt.Sprintf("World-Class is furthest from Rest in “%s”: %s v %s", name, areas[at].WC.Text(), areas[at].Rest.Text())
	}
	return fmt.Sprintf("The distance to World-Class is longest in “%s”: %s v %s", name, areas[at].Own.Text(), areas[at].WC.Text())
}
