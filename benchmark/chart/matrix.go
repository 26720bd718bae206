package chart

import (
	"fmt"
	"slices"

	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/salesbench/salesbench/benchmark"
)

// mostDots is the number of dots that fit into a cell; above it the number alone speaks.
const mostDots = 60

// PracticeByResult draws the organizations by practice tier and KPI result, one
// dot each.
func PracticeByResult(m benchmark.Matrix) (Figure, error) {
	f := Figure{ID: "matrix", Title: matrixTitle(m), Alt: matrixAlt(m), Table: matrixTable(m)}
	if m.Status == benchmark.Withheld || m.Status == benchmark.NotComputed || len(m.Cells) == 0 {
		return f, nil
	}
	f.Height, f.NarrowHeight = 400, 400
	p := newDrawing()
	var top, rest, words []opts.CustomData
	for _, cell := range m.Cells {
		x, y := corner(cell)
		words = append(words, opts.CustomData{Name: cellWords(cell), Value: []float64{x + 0.05, y + 0.85}})
		if !cellShown(cell) {
			continue
		}
		if cell.PracticeTop {
			top = append(top, cellDots(x, y, *cell.Organizations)...)
		} else {
			rest = append(rest, cellDots(x, y, *cell.Organizations)...)
		}
	}
	p.layer("", drawEstimate, top, colour("wc"), symbolSize("diamond", 15))
	p.layer("", drawEstimate, rest, colour("rest"), symbolSize("hollow circle", 11))
	p.layer("", drawWords, words, colour("ink"))
	side := func(name string, labels []string, more object) object {
		axis := object{"type": "category", "data": labels, "name": name, "nameLocation": "middle",
			"nameTextStyle": object{"color": token("soft"), "fontSize": 13},
			"axisLabel":     object{"color": token("ink"), "fontSize": 13, "lineHeight": 17, "interval": 0, "formatter": "fn:" + sayName},
			"axisTick":      object{"show": false}, "axisLine": object{"lineStyle": object{"color": token("soft")}},
			"splitLine": object{"show": true, "lineStyle": object{"color": token("soft")}}}
		for key, value := range more {
			axis[key] = value
		}
		return axis
	}
	hidden := func() object { return object{"type": "value", "min": 0, "max": 2, "show": false} }
	p.extra["legend"] = object{"show": false}
	p.extra["grid"] = object{"left": 120, "right": 12, "top": 12, "bottom": 64}
	p.extra["xAxis"] = []object{hidden(), side("Practices", []string{"below World-Class", "World-Class"}, object{"position": "bottom", "nameGap": 32})}
	p.extra["yAxis"] = []object{hidden(), side("", []string{"Results\nbelow the top", "Results\nat the top"}, object{"position": "left"})}
	p.narrow["grid"] = object{"left": 86, "right": 4}
	return f, f.draw(p)
}

func cellShown(c benchmark.MatrixCell) bool {
	return c.Organizations != nil && c.Status != benchmark.Withheld && c.Status != benchmark.NotComputed
}

// corner is the lower left corner of a cell on axes from 0 to 2.
func corner(c benchmark.MatrixCell) (x, y float64) {
	if c.PracticeTop {
		x = 1
	}
	if c.KPITop {
		y = 1
	}
	return x, y
}

// cellDots places n marks in rows of ten under the words of the cell.
func cellDots(x, y float64, n int) []opts.CustomData {
	if n > mostDots {
		return nil
	}
	var data []opts.CustomData
	for i := range n {
		px, py := tidy(x+0.075+0.09*float64(i%10)), tidy(y+0.66-0.11*float64(i/10))
		data = append(data, opts.CustomData{Value: []float64{px, py, px, px, 0, 0}})
	}
	return data
}

func cellWords(c benchmark.MatrixCell) string {
	switch {
	case !cellShown(c):
		return "withheld"
	case *c.Organizations == 1:
		return "1 organization"
	}
	return benchmark.FormatCount(*c.Organizations) + " organizations"
}

func cellName(c benchmark.MatrixCell) string {
	practice, result := "practices below World-Class", "results below the top"
	if c.PracticeTop {
		practice = "World-Class practices"
	}
	if c.KPITop {
		result = "results at the top"
	}
	return practice + ", " + result
}

func matrixTable(m benchmark.Matrix) Table {
	t := Table{Caption: "Organizations by practice and result", Head: []string{"Cell", "Organizations", "Named"}}
	for _, c := range m.Cells {
		named := benchmark.Dash
		if cellShown(c) && len(c.Names) > 0 {
			named = sentenceList(some(c.Names))
		}
		t.Rows = append(t.Rows, []string{cellName(c), cellWords(c), named})
	}
	return t
}

// mostInCell is how many organizations a cell of the table names.
const mostInCell = 30

// some are the first of many names, and how many more there are.
func some(names []string) []string {
	if len(names) <= mostInCell {
		return names
	}
	return append(slices.Clone(names[:mostInCell]), benchmark.FormatCount(len(names)-mostInCell)+" more")
}

func matrixTitle(m benchmark.Matrix) string {
	if m.Status == benchmark.Withheld || m.Status == benchmark.NotComputed || len(m.Cells) == 0 {
		return "Practice and result can not be set against each other"
	}
	both, top := -1, 0
	for _, c := range m.Cells {
		switch {
		case c.PracticeTop && !cellShown(c):
			return "Practice and result are two questions: World-Class practices do not always stand with top results"
		case c.PracticeTop:
			top += *c.Organizations
			if c.KPITop {
				both = *c.Organizations
			}
		}
	}
	if both < 0 || top == 0 {
		return "No organization has World-Class practices here, so practice and result can not be set against each other"
	}
	return fmt.Sprintf("Of %s organizations with World-Class practices, %s also have results at the top", benchmark.FormatCount(top), benchmark.FormatCount(both))
}

func matrixAlt(m benchmark.Matrix) string {
	var parts []string
	for _, c := range m.Cells {
		parts = append(parts, fmt.Sprintf("%s: %s", cellName(c), cellWords(c)))
	}
	if len(parts) == 0 {
		return "There is nothing to draw."
	}
	return "Organizations by practice and result. " + sentenceList(parts) + "."
}
