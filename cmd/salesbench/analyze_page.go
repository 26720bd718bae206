package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/analysis"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/static"
	"github.com/salesbench/salesbench/templates"
)

// analysisPage collects what the report prints, so that page and text can not
// say different things.
type analysisPage struct{ templates.Analysis }

// say takes a line: the first is the heading, those before the first table are
// the story, the others belong to the table before them.
func (p *analysisPage) say(text string) {
	text = strings.TrimSpace(text)
	warning, isWarning := strings.CutPrefix(text, "! ")
	switch last := len(p.Sections) - 1; {
	case text == "":
	case p.Heading == "":
		p.Heading, p.Title = text, text
	case isWarning:
		p.Warnings = append(p.Warnings, warning)
	case last < 0:
		p.Story = append(p.Story, text)
	default:
		p.Sections[last].Words = append(p.Sections[last].Words, text)
	}
}

func (p *analysisPage) table(title string, header []string, rows [][]string) {
	id := fmt.Sprintf("table-%d", len(p.Sections)+1)
	p.Sections = append(p.Sections, templates.AnalysisSection{ID: id, Title: title, Table: dataTable(id, title, header, rows)})
}

func dataTable(id, caption string, header []string, rows [][]string) templates.DataTable {
	t := templates.DataTable{ID: id, Caption: caption}
	for i, h := range header {
		t.Head = append(t.Head, templates.HeadCell{Text: chart.Plain(h), Num: i > 0})
	}
	for _, cells := range rows {
		row := templates.DataRow{Heading: templates.Cell{Text: chart.Plain(cells[0])}}
		for _, cell := range cells[1:] {
			row.Cells = append(row.Cells, templates.Cell{Text: chart.Plain(cell), Num: true})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// writeAnalysisPage writes the report as one file that needs no other.
func writeAnalysisPage(name string, a *analysis.Analysis) error {
	page, err := makeAnalysisPage(a)
	if err != nil {
		return err
	}
	body, err := templates.Render(page)
	if err != nil {
		return err
	}
	if body, err = selfContained(body); err != nil {
		return err
	}
	return os.WriteFile(name, body, 0o600)
}

func makeAnalysisPage(a *analysis.Analysis) (templates.Analysis, error) {
	page := &analysisPage{}
	page.Base = templates.Base{Wide: true, Private: true, SkipNote: true}
	if err := printAnalysis(&printer{page: page}, a); err != nil {
		return page.Analysis, err
	}
	file := chart.Plain(filepath.Base(a.File)) // where it lies on this machine is nobody's business
	page.Heading, page.Title = "Analysis of "+file, "Analysis of "+file
	page.Eyebrow = "salesbench analyze"
	page.Headline = analysisHeadline(a)
	page.Provenance = []templates.Fact{{Name: "File", Words: file}, {Name: "Method", Words: a.Method},
		{Name: "Seed", Words: fmt.Sprint(a.Settings.Seed)}, {Name: "salesbench", Words: a.Version}}
	figures, err := analysisFigures(a)
	page.Figures = figures
	return page.Analysis, err
}

// analysisHeadline says whether organizations can be compared, and by how much
// the best differ from the rest.
func analysisHeadline(a *analysis.Analysis) string {
	text := "Organizations can not be told apart on these items: a mean is an average of answers, not a property of the organization."
	switch a.Aggregation.Gate {
	case stat.Supported:
		text = "Organizations differ and the people inside them agree."
	case stat.LimitedGate:
		text = "Organizations differ, but the people inside them agree only in part."
	}
	var widest *analysis.Gap
	for i := range a.Gaps.Items {
		g := &a.Gaps.Items[i]
		if g.SplitBH.Valid && g.SplitBH.Value < 0.05 && g.Split.Valid && (widest == nil || g.Split.Value > widest.Split.Value) {
			widest = g
		}
	}
	if widest == nil {
		return text
	}
	return text + fmt.Sprintf(" Between the best and the rest the gap is widest on %s: %s points when half of the people choose the best and the other half is measured.",
		chart.Plain(widest.Item), benchmark.FormatNumber(widest.Split.Value, 0))
}

// selfContained puts styles and scripts into the page in the place of links to
// them. Nothing of the file that was analyzed passes here unescaped: the page is
// rendered, and what is put in is part of the program.
func selfContained(page []byte) ([]byte, error) {
	for _, link := range []string{`<link rel="icon" href="` + static.URL("mark.svg") + `" type="image/svg+xml">`, `<link rel="stylesheet" href="` + static.URL("app.css") + `">`} {
		if bytes.Count(page, []byte(link)) != 1 {
			return nil, fmt.Errorf("the layout has no %s", link)
		}
		page = bytes.Replace(page, []byte(link), nil, 1)
	}
	styles, err := inlined("style", "app.css", "results.css")
	if err != nil {
		return nil, err
	}
	scripts, err := inlined("script", "vendor/echarts.6.1.0.min.js", "chart.js")
	if err != nil {
		return nil, err
	}
	head, body := bytes.Index(page, []byte("</head>")), bytes.LastIndex(page, []byte("</body>"))
	if head < 0 || body < head {
		return nil, errors.New("the layout has no head and body")
	}
	return bytes.Join([][]byte{page[:head], styles, page[head:body], scripts, page[body:]}, nil), nil
}

// inlined are assets as elements of a page. One that would end its element early
// is refused.
func inlined(element string, names ...string) ([]byte, error) {
	var out bytes.Buffer
	for _, name := range names {
		asset, ok := static.ByName(name)
		if !ok {
			return nil, fmt.Errorf("there is no asset %s", name)
		}
		if low := bytes.ToLower(asset.Body); bytes.Contains(low, []byte("</"+element)) || bytes.Contains(low, []byte("<!--")) {
			return nil, fmt.Errorf("%s can not stand inside a page", name)
		}
		fmt.Fprintf(&out, "<%s>\n%s\n</%s>\n", element, asset.Body, element)
	}
	return out.Bytes(), nil
}
