package chart

import (
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/salesbench/salesbench/benchmark"
)

// Heights in pixels of what dots are drawn on.
const (
	dotRowHeight       = 46
	dotRowHeightNarrow = 66
	dotHeadHeight      = 76
	dotHeadNarrow      = 96
	dotFootHeight      = 12
	noteMargin         = 36 // room for the number of a mark at the end of the scale
)

// dots is a chart of marks on a common scale, one row per label: own beside
// World-Class and All, or World-Class beside Rest.
type dots struct {
	columns  []benchmark.Column // the first two carry intervals and are joined by a line
	names    map[benchmark.Column]string
	rows     []dotRow
	min, max float64
	scale    float64 // 100 where the estimates are shares
	axis     string  // formatter of the axis
	noteHead string  // heading of the column on the right
	say      func(benchmark.Estimate) string
}

type dotRow struct {
	label string
	marks map[benchmark.Column]benchmark.Estimate
	note  string // right of the row
	brief string // the same where the page is narrow
}

func (d dots) height() int { return dotHeadHeight + dotFootHeight + dotRowHeight*len(d.rows) }

func (d dots) narrowHeight() int {
	return dotHeadNarrow + dotFootHeight + dotRowHeightNarrow*len(d.rows)
}

// draw puts the chart into the figure.
func (d dots) draw(f *Figure) error {
	f.Height, f.NarrowHeight = d.height(), d.narrowHeight()
	p := newDrawing()
	p.layer("", drawLink, d.links(), colour("line"))
	// The last column lies lowest, so that own and World-Class are never covered.
	for i := len(d.columns) - 1; i >= 0; i-- {
		d.layer(p, i)
	}
	d.style(p)
	return f.draw(p)
}

// offset moves the two main marks apart, so that their intervals do not cover
// each other.
func (d dots) offset(column int) float64 {
	switch {
	case len(d.columns) < 2 || column > 1:
		return 0
	case column == 0:
		return -4
	}
	return 4
}

func (d dots) layer(p *drawing, i int) {
	column := d.columns[i]
	style := looks[column]
	var data []opts.CustomData
	for row, r := range d.rows {
		e := r.marks[column]
		if !e.Shown() {
			continue
		}
		lower, upper := d.interval(e, i)
		item := opts.CustomData{Value: []float64{d.at(e.Value.Value), float64(row), lower, upper, d.offset(i), d.side(r, i)}}
		if i < 2 {
			item.Name = d.say(e)
		}
		data = append(data, item)
	}
	p.layer(d.names[column], drawEstimate, data, colour(style.token), func(s *charts.SingleSeries) {
		s.Symbol, s.SymbolSize = symbolName(style), style.size
	})
}

func symbolName(style look) string {
	if style.hollow {
		return "hollow " + style.symbol
	}
	return style.symbol
}

// interval returns the ends of the whisker, the value itself where there is none.
func (d dots) interval(e benchmark.Estimate, column int) (lower, upper float64) {
	if e.CI == nil || column > 1 {
		return d.at(e.Value.Value), d.at(e.Value.Value)
	}
	return d.at(e.CI.Lower), d.at(e.CI.Upper)
}

// side says on which side of its mark a number stands: away from the other mark.
func (d dots) side(r dotRow, column int) float64 {
	if column > 1 || len(d.columns) < 2 {
		return 1
	}
	other := r.marks[d.columns[1-column]]
	if other.Shown() && r.marks[d.columns[column]].Value.Value < other.Value.Value {
		return -1
	}
	return 1
}

func (d dots) links() []opts.CustomData {
	if len(d.columns) < 2 {
		return nil
	}
	var data []opts.CustomData
	for row, r := range d.rows {
		a, b := r.marks[d.columns[0]], r.marks[d.columns[1]]
		if a.Shown() && b.Shown() {
			data = append(data, opts.CustomData{Value: []float64{d.at(a.Value.Value), d.at(b.Value.Value), float64(row)}})
		}
	}
	return data
}

// at places a value on the axis. Four decimals are finer than a pixel and keep
// the option small.
func (d dots) at(v float64) float64 { return math.Round(v*d.scale*1e4) / 1e4 }

func (d dots) style(p *drawing) {
	labels, notes, brief := make([]string, len(d.rows)), make([]string, len(d.rows)), make([]string, len(d.rows))
	for i, r := range d.rows {
		labels[i], notes[i], brief[i] = clean(r.label), r.note, r.brief
	}
	p.extra["legend"] = d.legend()
	p.extra["grid"] = object{"left": 290, "right": d.noteWidth(), "top": dotHeadHeight, "bottom": dotFootHeight}
	p.extra["xAxis"] = []object{d.valueAxis()}
	p.extra["yAxis"] = []object{rowAxis(labels, 280), noteAxis(notes, d.noteHead)}
	p.narrow["grid"] = object{"left": 8, "right": d.noteWidthNarrow(), "top": dotHeadNarrow}
	p.narrow["yAxis"] = []object{
		{"axisLabel": object{"margin": 0, "width": 262, "verticalAlign": "bottom", "padding": []int{0, 0, 2, 0}}},
		{"data": brief, "name": "", "axisLabel": object{"padding": []int{28, 0, 0, 0}, "margin": 26, "fontSize": 12}},
	}
}

// mirrored is an axis with zero in the middle.
func mirrored(far, interval float64) object {
	axis := dots{min: -far, max: far, axis: "fn:" + sayDistance}.valueAxis()
	axis["interval"] = interval
	return axis
}

// noteWidth is the room on the right: for notes, or for the last number only.
func (d dots) noteWidth() int {
	if d.noteHead == "" {
		return 50
	}
	return 184
}

func (d dots) noteWidthNarrow() int {
	if d.noteHead == "" {
		return 40
	}
	return 82
}

func (d dots) valueAxis() object {
	return object{
		"type": "value", "position": "top", "min": d.min, "max": d.max, "splitNumber": 5,
		"axisLabel": object{"formatter": d.axis, "color": token("soft"), "fontSize": 12},
		"axisLine":  object{"show": false}, "axisTick": object{"show": false},
		"splitLine": object{"lineStyle": object{"color": token("line")}},
	}
}

// legend shows each column with its mark, in the order of the columns.
func (d dots) legend() object {
	var entries []object
	for _, column := range d.columns {
		if !d.drawn(column) {
			continue
		}
		style := looks[column]
		mark := object{"color": token(style.token), "opacity": 1}
		if style.hollow {
			mark = object{"color": token("paper"), "borderColor": token(style.token), "borderWidth": 2}
		}
		entries = append(entries, object{"name": d.names[column], "icon": style.symbol, "itemStyle": mark})
	}
	return object{"data": entries, "left": 0, "top": 0, "padding": 0, "itemGap": 18, "itemWidth": 13, "itemHeight": 13,
		"selectedMode": false, "textStyle": textStyle("ink", 13)}
}

// drawn says whether a column has any mark; the legend names no others.
func (d dots) drawn(column benchmark.Column) bool {
	for _, r := range d.rows {
		if r.marks[column].Shown() {
			return true
		}
	}
	return false
}

// rowAxis writes the labels on the left, in reading order from the top.
func rowAxis(labels []string, width int) object {
	return object{
		"type": "category", "data": labels, "inverse": true,
		"axisLabel": object{"interval": 0, "align": "left", "margin": width + 8, "width": width, "overflow": "break",
			"color": token("ink"), "fontSize": 13, "lineHeight": 16, "formatter": "fn:" + sayName,
			"textBorderColor": token("paper"), "textBorderWidth": 4}, // where it stands inside the grid, lines pass behind it
		"axisLine": object{"show": false}, "axisTick": object{"show": false},
		"splitLine": object{"show": true, "lineStyle": object{"color": token("line")}},
	}
}

// noteAxis writes a column of words on the right.
func noteAxis(notes []string, head string) object {
	return object{
		"type": "category", "data": notes, "inverse": true, "position": "right",
		"name": head, "nameLocation": "start", "nameGap": 26,
		"nameTextStyle": object{"align": "left", "color": token("soft"), "fontSize": 12, "padding": []int{0, 0, 0, noteMargin}},
		"axisLabel": object{"interval": 0, "align": "left", "margin": noteMargin, "color": token("ink"), "fontSize": 13,
			"fontWeight": "bold", "formatter": "fn:" + sayName},
		"axisLine": object{"show": false}, "axisTick": object{"show": false},
	}
}

func colour(name string) charts.SeriesOpts {
	return charts.WithItemStyleOpts(opts.ItemStyle{Color: token(name)})
}
