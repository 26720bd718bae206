package chart

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/salesbench/salesbench/benchmark"
)

// ManagerHelp draws how many say that managers help to advance opportunities,
// beside what the published study found. It is the question that the study is
// remembered for.
func ManagerHelp(columns []HelpBar, norms []benchmark.NormReference) (Figure, error) {
	columns = slices.Clone(columns)
	shares := make([]*benchmark.Estimate, len(columns))
	for i := range columns {
		shares[i] = &columns[i].Share
	}
	benchmark.Alike(shares...)
	published, has := aboutAThird(norms)
	f := Figure{ID: "manager-help", Title: helpTitle(columns, published, has), Alt: helpAlt(columns, published, has),
		Table: helpTable(columns, published, has)}
	p := newDrawing()
	var names []string
	any := false
	for row, bar := range columns {
		names = append(names, columnNames[bar.Column])
		e := bar.Share
		if !e.Shown() {
			continue
		}
		any = true
		v := tidy(100 * e.Value.Value)
		p.layer("", drawSegment, []opts.CustomData{{Value: []float64{0, v, float64(row)}}}, colour(looks[bar.Column].token))
		mark := opts.CustomData{Name: e.Text(), Value: []float64{v, float64(row), v, v, 0, 1}}
		if e.CI != nil {
			mark.Value = []float64{v, float64(row), tidy(100 * e.CI.Lower), tidy(100 * e.CI.Upper), 0, 1}
		}
		p.layer("", drawEstimate, []opts.CustomData{mark}, colour("ink"), symbolSize("none", 0))
	}
	if !any {
		return f, nil
	}
	if has {
		p.layer("", drawRule, []opts.CustomData{{Name: helpRule(published), Value: []float64{published.Comparison.Value}}}, colour("soft"))
	}
	f.Height, f.NarrowHeight = 84+46*len(columns), 96+58*len(columns)
	helpStyle(p, names)
	return f, f.draw(p)
}

// HelpBar is one column of the figure.
type HelpBar struct {
	Column benchmark.Column
	Share  benchmark.Estimate
}

// aboutAThird is the published share of all respondents.
func aboutAThird(norms []benchmark.NormReference) (benchmark.NormReference, bool) {
	for _, n := range norms {
		if n.Measure == benchmark.MeasureAgree && n.Comparison.Valid {
			return n, true
		}
	}
	return benchmark.NormReference{}, false
}

func publishedWords(n benchmark.NormReference) string {
	switch {
	case n.Approximate && n.Comparison.Value == 33:
		return "about a third"
	case n.Approximate:
		return "about " + benchmark.FormatNumber(n.Comparison.Value, 0) + "%"
	}
	return benchmark.FormatNumber(n.Comparison.Value, 0) + "%"
}

func helpRule(n benchmark.NormReference) string {
	return fmt.Sprintf("Published, %d study: %s", n.Year, publishedWords(n))
}

func helpStyle(p *drawing, names []string) {
	p.extra["legend"] = object{"show": false}
	p.extra["grid"] = object{"left": 150, "right": 60, "top": 62, "bottom": 10}
	axis := dots{max: 100, axis: "fn:" + sayPercent}.valueAxis()
	p.extra["xAxis"] = []object{axis}
	rows := rowAxis(names, 140)
	rows["splitLine"] = object{"show": false}
	p.extra["yAxis"] = []object{rows}
	p.narrow["grid"] = object{"left": 4, "right": 40, "top": 66}
	p.narrow["yAxis"] = []object{
		{"axisLabel": object{"margin": 0, "width": 300, "verticalAlign": "bottom", "padding": []int{0, 0, 2, 0}}}}
}

func helpTable(columns []HelpBar, published benchmark.NormReference, has bool) Table {
	t := Table{Caption: "Managers help the team to advance opportunities: share who agree", Head: []string{"Group", "Share", "Answers", "Organizations"}}
	for _, bar := range columns {
		t.Rows = append(t.Rows, []string{columnNames[bar.Column], withRange(bar.Share), answered(bar.Share.N), answered(bar.Share.Organizations)})
	}
	if has {
		t.Rows = append(t.Rows, []string{helpRule(published), publishedWords(published), benchmark.Dash, benchmark.Dash})
	}
	return t
}

func helpTitle(columns []HelpBar, published benchmark.NormReference, has bool) string {
	found := ""
	if has {
		found = fmt.Sprintf("; the %d study found %s among all", published.Year, publishedWords(published))
	}
	byColumn := map[benchmark.Column]benchmark.Estimate{}
	for _, bar := range columns {
		byColumn[bar.Column] = bar.Share
	}
	own, wc, rest, all := byColumn[benchmark.Own], byColumn[benchmark.WorldClass], byColumn[benchmark.Rest], byColumn[benchmark.All]
	beside := ""
	switch {
	case wc.Shown():
		beside = wc.Text() + " in World-Class"
	case all.Shown():
		beside = all.Text() + " of all"
	case rest.Shown():
		beside = rest.Text() + " in Rest"
	}
	switch _, here := byColumn[benchmark.Own]; {
	case here && (own.Shown() || own.Bound != ""):
		return upperFirst(strings.TrimSuffix(fmt.Sprintf("%s here say that managers help to advance opportunities, %s", own.Text(), beside), ", ")) + found
	case here && beside != "":
		return fmt.Sprintf("Whether managers help to advance opportunities is %s here; %s say so%s", absent(own), beside, found)
	case !here && wc.Shown() && rest.Shown():
		return fmt.Sprintf("Managers help to advance opportunities: %s agree in World-Class, %s in Rest%s", wc.Text(), rest.Text(), found)
	case beside != "":
		return fmt.Sprintf("%s say that managers help to advance opportunities%s", strings.TrimSuffix(beside, " of all"), found)
	}
	return "Too few answered to say whether managers help to advance opportunities"
}

func helpAlt(columns []HelpBar, published benchmark.NormReference, has bool) string {
	var parts []string
	for _, bar := range columns {
		parts = append(parts, columnNames[bar.Column]+" "+withRange(bar.Share))
	}
	if has {
		parts = append(parts, helpRule(published))
	}
	return "Share who agree that managers help to advance opportunities: " + sentenceList(parts) + "."
}
