// Package chart turns results into figures: an ECharts option, the same numbers
// as a table, a title that states the finding and one sentence for those who do
// not see the picture. It is the only importer of go-echarts, of which it uses
// Validate and JSON alone: the library's own renderers write user text into pages
// unescaped. Code never travels in an option; renderers and formatters are names
// that static/chart.js looks up in a fixed table.
package chart

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// Figure is one chart with everything a page puts around it. A figure without
// an option has nothing that may be drawn; its table says why.
type Figure struct {
	ID           string          // unique on a page, the same on each run
	Title        string          // the finding, in words
	Alt          string          // one sentence with the numbers
	Caption      string          // n, organizations, interval, rule, cut
	Option       json.RawMessage // of ECharts
	Narrow       json.RawMessage // merged over Option where the figure is narrow
	Height       int             // pixels
	NarrowHeight int             // pixels where the figure is narrow
	Table        Table
}

// Drawn says whether there is a picture besides the table.
func (f Figure) Drawn() bool { return len(f.Option) > 0 }

// Table holds the numbers of a figure as they are read aloud. The first cell of
// each row is its heading.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// The names of the renderers in static/chart.js.
const (
	drawEstimate = "estimate" // [x, row, lower, upper, offset]: a mark on its interval
	drawLink     = "link"     // [x0, x1, row]: a line between two marks
	drawSegment  = "segment"  // [x0, x1, row]: part of a bar with its label inside
	drawRule     = "rule"     // [x]: a dashed line over the whole height with its name on top
	drawWords    = "words"    // [x, y]: the name of the item, from there to the right
	sayName      = "name"     // formatter: the name of the item, never parsed
	sayPercent   = "percent"  // formatter: 40%
	sayDistance  = "distance" // formatter: 40% on both sides of zero
)

// token names a colour that the page's stylesheet decides, light or dark.
func token(name string) string { return "token:" + name }

// object is a part of an option for which go-echarts has no field.
type object = map[string]any

// drawing collects what makes an option.
type drawing struct {
	chart  *charts.Custom
	extra  object // merged over the option
	narrow object
}

func newDrawing() *drawing {
	c := charts.NewCustom()
	c.Animation = opts.Bool(false)
	return &drawing{chart: c, extra: object{}, narrow: object{}}
}

// layer adds a series that is drawn by a named renderer.
func (d *drawing) layer(name, renderer string, data []opts.CustomData, options ...charts.SeriesOpts) {
	if len(data) == 0 {
		return
	}
	named := func(s *charts.SingleSeries) { s.RenderItem = types.FuncStr(renderer) }
	d.chart.AddSeries(name, data, append([]charts.SeriesOpts{named}, options...)...)
}

// options validates the chart and returns the option and what a narrow page changes.
func (d *drawing) options() (wide, narrow json.RawMessage, err error) {
	d.chart.Validate()
	return encode(d.chart.JSON(), d.extra, d.narrow)
}

func encode(option, extra, narrow object) (wide, small json.RawMessage, err error) {
	for _, unused := range []string{"title", "toolbox", "tooltip", "color"} {
		delete(option, unused)
	}
	option["animation"] = false
	maps.Copy(option, extra)
	if wide, err = json.Marshal(option); err != nil {
		return nil, nil, fmt.Errorf("chart: %w", err)
	}
	if len(narrow) == 0 {
		return wide, nil, nil
	}
	if small, err = json.Marshal(narrow); err != nil {
		return nil, nil, fmt.Errorf("chart: %w", err)
	}
	return wide, small, nil
}

// draw fills the picture of the figure.
func (f *Figure) draw(d *drawing) error {
	var err error
	f.Option, f.Narrow, err = d.options()
	return err
}

func textStyle(color string, size int) object {
	return object{"color": token(color), "fontSize": size}
}
