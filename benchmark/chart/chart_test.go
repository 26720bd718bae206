package chart_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/benchmark/chart/charttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// figures builds every figure there is from the samples.
func figures(t *testing.T) map[string]chart.Figure {
	t.Helper()
	wave, organization := charttest.Wave(), charttest.Organization()
	all := map[string]chart.Figure{}
	keep := func(name string) func(chart.Figure, error) {
		return func(f chart.Figure, err error) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all[name] = f
		}
	}
	keep("wave gaps")(chart.WaveGaps(wave))
	keep("organization gaps")(chart.OrganizationGaps(organization))
	keep("aggregate gaps")(chart.AggregateGaps(charttest.Aggregate(false)))
	keep("own aggregate gaps")(chart.AggregateGaps(charttest.Aggregate(true)))
	keep("wave radar")(chart.AreaRadar(wave.Areas))
	keep("organization radar")(chart.AreaRadar(organization.Areas))
	keep("area rows")(chart.AreaDots(organization.Areas))
	keep("agreement")(chart.Agreement(wave.Distributions))
	keep("agreement in boxes")(chart.Agreement(organization.Distributions))
	keep("matrix")(chart.PracticeByResult(wave.Matrix))
	keep("priority map")(chart.PriorityMap(outcome()))
	keep("manager time")(chart.ManagerTime(wave.Time, wave.Coach))
	keep("own manager time")(chart.ManagerTime(organization.Time, organization.Coach))
	keep("manager help")(chart.ManagerHelp([]chart.HelpBar{{Column: benchmark.WorldClass, Share: wave.Practices[9].WC},
		{Column: benchmark.Rest, Share: wave.Practices[9].Rest}, {Column: benchmark.All, Share: wave.Practices[9].All}}, wave.Practices[9].Norms))
	return all
}

func TestEachFigureHasATitleATextAlternativeAndTheNumbersAsATable(t *testing.T) {
	for name, f := range figures(t) {
		if f.ID == "" || f.Title == "" || f.Alt == "" || !f.Drawn() || f.Height == 0 || f.NarrowHeight == 0 {
			t.Errorf("%s: figure without a part: id %q, title %q, alt %q, drawn %v, heights %d and %d", name, f.ID, f.Title, f.Alt, f.Drawn(), f.Height, f.NarrowHeight)
		}
		if f.Table.Caption == "" || len(f.Table.Rows) == 0 {
			t.Errorf("%s: table without caption or rows", name)
		}
		for _, row := range f.Table.Rows {
			if len(row) != len(f.Table.Head) {
				t.Errorf("%s: row %q has %d cells, head has %d", name, row[0], len(row), len(f.Table.Head))
			}
		}
	}
}

func TestTheSameResultGivesTheSameBytes(t *testing.T) {
	first, second := figures(t), figures(t)
	for name := range first {
		if !bytes.Equal(first[name].Option, second[name].Option) || !bytes.Equal(first[name].Narrow, second[name].Narrow) {
			t.Errorf("%s: two runs gave two options", name)
		}
	}
}

func TestOptionsAreAsReviewed(t *testing.T) {
	for name, f := range map[string]chart.Figure{"manager-help": figures(t)["manager help"], "radar": figures(t)["wave radar"]} {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, f.Option, "", " "); err != nil {
			t.Fatal(err)
		}
		pretty.WriteByte('\n')
		path := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(path, pretty.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(pretty.Bytes(), want) {
			t.Errorf("%s differs from its golden file; look at the difference and run go test ./benchmark/chart -update:\n%s", name, firstDifference(pretty.String(), string(want)))
		}
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d: got %s, want %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

// TestCodeNeverTravelsInAnOption holds every option to names of a fixed table:
// what static/chart.js looks up, and nothing that could be run.
func TestCodeNeverTravelsInAnOption(t *testing.T) {
	script, err := os.ReadFile("../../static/chart.js")
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range figures(t) {
		for _, option := range []json.RawMessage{f.Option, f.Narrow} {
			walk(t, option, func(key, value string) {
				switch key {
				case "renderItem":
					if !strings.Contains(string(script), "\n    "+value+": {\n      encode:") {
						t.Errorf("%s: renderItem %q is in no table of static/chart.js", name, value)
					}
				case "formatter":
					if !strings.HasPrefix(value, "fn:") || !strings.Contains(string(script), "\n    "+value[3:]+": function (v)") {
						t.Errorf("%s: formatter %q is in no table of static/chart.js", name, value)
					}
				case "color", "borderColor":
					if !strings.HasPrefix(value, "token:") || !strings.Contains(string(script), `"`+value[6:]+`"`) {
						t.Errorf("%s: colour %q is not a name that static/chart.js takes from the stylesheet", name, value)
					}
				}
			})
		}
	}
}

func TestSuppressedValuesNeverReachAFigure(t *testing.T) {
	secret := regexp.MustCompile(`99[.]?0919|\b99(\.1)?%`)
	for name, f := range allSuppressed(t) {
		whole, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if found := secret.Find(whole); found != nil {
			t.Errorf("%s: the withheld value came out as %s", name, found)
		}
	}
	for name, f := range figures(t) {
		if found := secret.Find(f.Option); found != nil {
			t.Errorf("%s: the withheld value came out as %s", name, found)
		}
	}
}

// allSuppressed builds figures from results in which everything is withheld.
func allSuppressed(t *testing.T) map[string]chart.Figure {
	t.Helper()
	wave, organization := charttest.Wave(), charttest.Organization()
	s := charttest.Suppressed()
	for i := range wave.Practices {
		p := &wave.Practices[i]
		p.WC, p.Rest, p.All, p.Gap, p.SplitHalf = s, s, s, s, s
	}
	for i := range organization.Practices {
		p := &organization.Practices[i]
		p.Own, p.WC, p.All, p.GapWC, p.GapAll = s, s, s, s, s
	}
	for i := range organization.Areas {
		organization.Areas[i].Own, organization.Areas[i].WC = s, s
	}
	for i := range wave.Distributions {
		wave.Distributions[i].Points[2] = s
	}
	for i := range wave.Time {
		wave.Time[i].WC, wave.Time[i].Rest, wave.Time[i].All = s, s, s
	}
	wave.Coach = benchmark.CoachIndex{WC: s, Rest: s, All: s}
	all := map[string]chart.Figure{}
	for name, build := range map[string]func() (chart.Figure, error){
		"wave gaps":         func() (chart.Figure, error) { return chart.WaveGaps(wave) },
		"organization gaps": func() (chart.Figure, error) { return chart.OrganizationGaps(organization) },
		"radar":             func() (chart.Figure, error) { return chart.AreaRadar(organization.Areas) },
		"agreement":         func() (chart.Figure, error) { return chart.Agreement(wave.Distributions) },
		"manager time":      func() (chart.Figure, error) { return chart.ManagerTime(wave.Time, wave.Coach) },
		"manager help": func() (chart.Figure, error) {
			return chart.ManagerHelp([]chart.HelpBar{{Column: benchmark.All, Share: s}}, nil)
		},
	} {
		f, err := build()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = f
	}
	return all
}

func TestAFigureWithoutAnyShownValueIsNotDrawnAndSaysWhy(t *testing.T) {
	for name, f := range allSuppressed(t) {
		if name == "radar" {
			continue // All may still be drawn
		}
		if f.Drawn() {
			t.Errorf("%s is drawn although every value is withheld", name)
		}
		if f.Title == "" || len(f.Table.Rows) == 0 {
			t.Errorf("%s says nothing: title %q, %d rows", name, f.Title, len(f.Table.Rows))
		}
	}
}

func TestAHostileNameStaysTextInsideAScriptElement(t *testing.T) {
	long := strings.Repeat("a very long label ", 20)
	for _, name := range []string{charttest.Hostile, "</script>", "<!--<script>", "__f__alert(1)__f__", "token:wc", "fn:name", "\u2028\u2029", "]]>", long} {
		wave := charttest.Wave()
		for i := range wave.Practices {
			wave.Practices[i].Label = name
		}
		f, err := chart.WaveGaps(wave)
		if err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		tmpl := template.Must(template.New("").Parse(`<script type="application/json">{{.}}</script>`))
		if err := tmpl.Execute(&page, f.Option); err != nil {
			t.Fatal(err)
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(page.String(), `<script type="application/json">`), "</script>")
		if strings.ContainsAny(inside, "<>") {
			t.Errorf("label %q leaves the script element: %s", name, inside)
		}
		if strings.ContainsAny(inside, "\u2028\u2029\u202e\x00") {
			t.Errorf("label %q carries control characters into the page", name)
		}
		var option map[string]any
		if err := json.Unmarshal([]byte(inside), &option); err != nil {
			t.Errorf("label %q: the data block is no JSON: %v", name, err)
		}
		walk(t, f.Option, func(key, value string) {
			for _, r := range value {
				if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
					t.Errorf("label %q: %s holds the control character %U", name, key, r)
				}
			}
			if len([]rune(value)) > 120 {
				t.Errorf("label of %d characters reached the axis", len([]rune(value)))
			}
		})
	}
}

func TestANameIsOneLineAndKeepsItsOwnLetters(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"Müller & Söhne\n\tGmbH", "Müller & Söhne GmbH"},
		{"\u202eevil\u202c \u2066x\u2069", "evil x"},
		{"line\u2028separator", "line separator"},
		{"\ufeff\x00\x1b[31mred", "[31mred"},
		{"می\u200cخواهم", "می\u200cخواهم"}, // the joiner is a letter's business in Persian
		{"👩\u200d🔧 repairs", "👩\u200d🔧 repairs"},
		{" \n ", ""},
	} {
		if got := chart.Plain(test.name); got != test.want {
			t.Errorf("Plain(%q) = %q, want %q", test.name, got, test.want)
		}
	}
}

func TestAnIntervalThatHoldsZeroIsNotCalledAGap(t *testing.T) {
	wave := charttest.Wave()
	for i := range wave.Practices {
		wave.Practices[i].SplitHalf = charttest.Points("split_half", 4, 9)
	}
	f, err := chart.WaveGaps(wave)
	if err != nil {
		t.Fatal(err)
	}
	if want := "On no key practice is the gap between World-Class and Rest beyond doubt"; f.Title != want {
		t.Errorf("title is %q, want %q", f.Title, want)
	}
}

func TestAColumnWithAWithheldAreaHasNoWeb(t *testing.T) {
	organization := charttest.Organization()
	organization.Areas[2].Own = charttest.Suppressed()
	f, err := chart.AreaRadar(organization.Areas)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(f.Option), `"This organization"`) {
		t.Error("the own web is drawn over a withheld area, so its shape lies")
	}
	if !strings.Contains(string(f.Option), `"World-Class"`) {
		t.Error("the World-Class web is gone, although all its areas may be shown")
	}
}

// walk visits every string of the JSON with the key it stands under.
func walk(t *testing.T, data json.RawMessage, visit func(key, value string)) {
	t.Helper()
	if len(data) == 0 {
		return
	}
	var whole any
	if err := json.Unmarshal(data, &whole); err != nil {
		t.Fatal(err)
	}
	var step func(key string, v any)
	step = func(key string, v any) {
		switch v := v.(type) {
		case string:
			visit(key, v)
		case []any:
			for _, part := range v {
				step(key, part)
			}
		case map[string]any:
			for k, part := range v {
				step(k, part)
			}
		}
	}
	step("", whole)
}
