package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// findingsPart is behind the address of a file that was sent: all that was found in
// it, for whoever mends it beside a spreadsheet.
const findingsPart = "/mistakes"

// mistakes are the sections about what is wrong with a file: the first ones by line,
// and where not all are listed how many there are of each kind.
func mistakes(c *survey.Complaints, all string) []templates.ListSection {
	sections := []templates.ListSection{{Heading: "Mistakes", Words: "Lines are counted as an editor shows them: the header is line 1.", Links: allFindings(all), List: complaintList("mistake", "mistakes", c)}}
	if c.More == 0 {
		return sections
	}
	kinds := templates.List{ID: "kinds", Caption: "All of them, by kind", Head: []templates.ListHead{{Text: "What is wrong"}, {Text: "How often", Num: true}}}
	for _, kind := range c.Kinds() {
		kinds.Rows = append(kinds.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: sentence(kind.Words)}, number(kind.Count)}})
	}
	return append(sections, templates.ListSection{List: kinds})
}

// mistakenLead says that nothing comes of a file with mistakes.
func mistakenLead(c *survey.Complaints) string {
	return fmt.Sprintf("Nothing is changed, and nothing of the file can be applied before its %s mended. Send it again then.", counted(c.Total(), "mistake is", "mistakes are"))
}

// allFindings lead to all of them as a file.
func allFindings(address string) []templates.Link {
	return []templates.Link{{Text: "Download all as CSV", URL: address}}
}

func complaintList(one, many string, c *survey.Complaints) templates.List {
	list := templates.List{ID: many, Caption: counted(c.Total(), one, many), Head: []templates.ListHead{{Text: "Line"}, {Text: "Column"}, {Text: "What it is"}}}
	if c.More > 0 {
		list.Caption += fmt.Sprintf(", the first %d", len(c.List))
	}
	for _, one := range c.List {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: thousands(one.Line)}, orNone(one.Column), {Text: sentence(one.Message)}}})
	}
	return list
}

// sendFindings sends all that was found in a file, by line.
func sendFindings(c echo.Context, name string, mistakes, doubts *survey.Complaints) error {
	table := benchmark.Table{Name: name, Header: []string{"line", "column", "problem", "kind"}}
	for _, part := range []struct {
		kind string
		of   *survey.Complaints
	}{{"mistake", mistakes}, {"worth a look", doubts}} {
		all := part.of.All()
		for _, one := range all {
			table.Rows = append(table.Rows, []string{strconv.Itoa(one.Line), one.Column, sentence(one.Message), part.kind})
		}
		if more := part.of.Total() - len(all); more > 0 {
			table.Rows = append(table.Rows, []string{"", "", "And " + thousands(more) + " more.", part.kind})
		}
	}
	var out bytes.Buffer
	if err := table.WriteCSV(&out); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", out.Bytes())
}
