package templates

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const hostileText = `</script><script>alert(1)</script>`

func init() {
	table := DataTable{ID: "t1", Caption: "Numbers " + hostileText, Head: []HeadCell{{Text: "Practice"}, {Text: "Share", Num: true}},
		Rows: []DataRow{{Group: "Area"}, {Heading: Cell{Text: hostileText, URL: "/waves/w", Small: "key practice", Own: true},
			Cells: []Cell{{Text: "40%", Interval: "30 to 50%", Num: true, Own: true}, {Text: "–", Why: "too few", Absent: true, Small: "n = 3"}}}},
		Notes: []string{"A note."}}
	other := func(id string) *DataTable { t := table; t.ID = id; return &t }
	drawn := func(id string) *ResultsFigure {
		return &ResultsFigure{ID: id, Title: hostileText, Caption: "n = 3", Alt: "It is " + hostileText, Table: *other(id + "-table"),
			Data: &ChartData{Option: json.RawMessage(`{"series":[{"name":"</script><!--<script>"}]}`), Height: 300, NarrowHeight: 200}}
	}
	bare := drawn("bare")
	bare.Data = nil
	base := ResultsBase{Base: Base{Title: "Results", Wide: true, Styles: []string{"results.css"}, Scripts: []string{"chart.js"}}, Eyebrow: "Study",
		Heading: hostileText, Headline: "It is so.", Story: []string{"And so."}, Origin: &Notice{Title: "Made up", Words: "All of it."}, Warning: &Notice{Title: "Careful", Words: "Half of it."},
		KeyFigures: []KeyFigure{{What: "Respondents", Figure: "640", Note: "in 24 organizations"}}, Contents: []Link{{Text: "Areas", URL: "#by-area"}},
		Caveats: []string{"Not a cause."}, Provenance: []Fact{{Name: "Wave", Words: "w"}}, Downloads: []Link{{Text: "JSON", URL: "?format=json"}}}
	standing := []Standing{{Practice: hostileText, Marks: []Mark{{Column: "own", Words: "Here 40%"}, {Column: "wc", Words: "World-Class 80%"}}, Gap: "40 points", Sure: "likely"}}
	samples = append(samples,
		WaveResults{ResultsBase: base, Help: drawn("help"), Time: drawn("time"), Gaps: bare, Practices: *other("t2"), GroupCaption: "The four.", Criteria: &CriteriaSection{Title: "Key practices", Rule: "ours/1", Words: []string{"From 60%."}, Practices: []Fact{{Name: "Area", Words: hostileText}}},
			Circular: "Circular.", Radar: drawn("radar"), Rows: drawn("rows"), Agreement: drawn("agreement"), Tiers: *other("t3"),
			Organizations: *other("t4"), AllOrganizations: &Link{Text: "All", URL: "/waves/w/organizations"}, KPIs: other("t5"), Matrix: drawn("matrix"), MatrixReason: "Too few.", Roles: other("t6"),
			Study: &StudyStyleView{Rule: "A rule.", Share: "6%", Note: "People.", Table: *other("t7")}, Sample: []DataTable{*other("t8")}, Quality: "Good."},
		GroupResults{ResultsBase: base, Reason: "Too few.", Practices: *other("t2"), Form: &GroupForm{Action: "/waves/w/group",
			Roles:   []Choice{{Label: "All roles", Checked: true}, {Value: "manager", Label: hostileText}},
			Traits:  []GroupTrait{{Name: "region", Title: "Region", Choices: []Choice{{Value: hostileText, Label: hostileText, Checked: true}}, Open: true}},
			Answers: []GroupTrait{{Title: hostileText, Choices: []Choice{{Value: hostileText, Label: hostileText, Checked: true}}}}}},
		OrganizationResults{ResultsBase: base, Tier: "World-Class", TierWords: "Sure.", Strengths: StandingList{Head: "Strengths", Rows: standing}, Gaps: StandingList{Head: "Gaps", Order: "Widest first.", Rows: standing}, ListsNote: "Note.", Incomparable: "", GapHead: "How far from World-Class", GapFigure: drawn("gaps"),
			Help: drawn("help"), Time: drawn("time"), Radar: drawn("radar"), Rows: drawn("rows"), Agreement: drawn("agreement"), KPIs: other("t2"),
			Roles: other("t3"), Practices: *other("t4"), PeersCaption: "Peers.", Norms: other("t5"), Quality: "Good."},
		OrganizationResults{ResultsBase: base, Withheld: "Too few."},
		AggregateResults{ResultsBase: base, Figure: drawn("gaps"), Themes: other("t2"), Measures: *other("t3"),
			Organizations: []Link{{Text: hostileText, URL: "/waves/w/organizations/o", Current: true}}},
		OrganizationList{ResultsBase: base, Search: &Search{Label: "Name", Name: "q", Value: hostileText}, Table: *other("t2"), Pager: &Pager{Words: "1 to 2 of 3", Previous: "/p", Next: "/n"}},
		OrganizationList{ResultsBase: base, Empty: "Nobody."},
		MethodPage{Base: Base{Title: "Method"}, Minimum: 12},
	)
}

func TestAChartTravelsAsDataThatCanNotEndItsElement(t *testing.T) {
	option := json.RawMessage(`{"series":[{"name":"</script><script>alert(1)</script><!--<script>"}]}`)
	figure := ResultsFigure{ID: "f", Data: &ChartData{Option: option, Height: 10}}
	out, err := Render(AggregateResults{Figure: &figure})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "script" {
			continue
		}
		blocks++
		var data ChartData
		if err := json.Unmarshal([]byte(n.FirstChild.Data), &data); err != nil {
			t.Fatalf("the data block is no JSON: %v in %s", err, n.FirstChild.Data)
		}
		var sent, got any
		if json.Unmarshal(option, &sent) != nil || json.Unmarshal(data.Option, &got) != nil || data.Height != 10 {
			t.Fatalf("the option did not arrive: %s", n.FirstChild.Data)
		}
	}
	if blocks != 1 {
		t.Errorf("%d script elements, want the one data block", blocks)
	}
}

func TestWithoutScriptsTheNumbersOfAFigureAreThere(t *testing.T) {
	figure := ResultsFigure{ID: "f", Data: &ChartData{}, Table: DataTable{ID: "ft", Caption: "Numbers", Head: []HeadCell{{Text: "What"}, {Text: "Share"}},
		Rows: []DataRow{{Heading: Cell{Text: "Coaching"}, Cells: []Cell{{Text: "41%"}}}}}}
	out, err := Render(AggregateResults{Figure: &figure})
	if err != nil {
		t.Fatal(err)
	}
	page := string(out)
	if !strings.Contains(page, `<details class="twin" open>`) || !strings.Contains(page, "41%") {
		t.Error("the table is closed or absent where no script opens it")
	}
	if !strings.Contains(page, `class="chart-box" role="img" aria-label="" hidden`) {
		t.Error("an empty picture stands on the page without scripts")
	}
}
