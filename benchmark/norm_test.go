package benchmark

import (
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
)

func TestPublishedNormsBelongToTheBuiltinInstrument(t *testing.T) {
	norms := PublishedNorms()
	if unknown := norms.UnknownItems(survey.Builtin()); len(unknown) > 0 {
		t.Errorf("keys that are no items: %v", unknown)
	}
	found := norms.For("manager_deal_help", MeasureAgree)
	if len(found) != 1 || found[0].Year != 2013 || found[0].Comparison.Value != 33 || found[0].WorldClass.Valid || !found[0].Approximate {
		t.Fatalf("%+v", found)
	}
	if credit := found[0].Credit(); !strings.Contains(credit, "2013 study") || !strings.Contains(credit, "grade A") || !strings.Contains(credit, "approximate") || !strings.Contains(credit, "all respondents") {
		t.Errorf("credit %q", credit)
	}
	var none *Norms
	if none.For("manager_deal_help", MeasureAgree) != nil {
		t.Error("no norms have a figure")
	}
}

func TestWrongNormsNameLineAndColumn(t *testing.T) {
	head := strings.Join(normColumns, ",") + "\n"
	line := "a,Label,2013,agree_pct,90,40,all,false,A,Title,https://example.org/x,\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":            {"", "empty"},
		"other header":     {"key,label\n", "line 1"},
		"year":             {head + line + strings.Replace(line, "2013", "last", 1), "line 3, study_year"},
		"measure":          {head + strings.Replace(line, "agree_pct", "mood", 1), "line 2, measure"},
		"figure":           {head + strings.Replace(line, "90", "ninety", 1), "world_class"},
		"decimal comma":    {head + strings.Replace(line, ",90,", `,"9,5",`, 1), "world_class"},
		"no figure at all": {head + strings.Replace(line, "90,40", ",", 1), "both are empty"},
		"base":             {head + strings.Replace(line, ",all,", ",everybody,", 1), "comparison_base"},
		"approximate":      {head + strings.Replace(line, "false", "no", 1), "approximate"},
		"grade":            {head + strings.Replace(line, ",A,", ",D,", 1), "grade"},
		"script address":   {head + strings.Replace(line, "https://example.org/x", "javascript:alert(1)", 1), "source_url"},
		"missing cell":     {head + "a,b\n", "line 2"},
		"no key":           {head + strings.Replace(line, "a,Label", ",Label", 1), "practice_key"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseNorms([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) || survey.KindOf(err) != survey.Invalid {
				t.Errorf("error %v, want something about %q", err, c.want)
			}
		})
	}
	if _, err := ParseNorms([]byte(head + line)); err != nil {
		t.Errorf("a good file: %v", err)
	}
}

func FuzzParseNorms(f *testing.F) {
	f.Add(publishedNorms[:600])
	f.Fuzz(func(t *testing.T, data []byte) {
		if norms, err := ParseNorms(data); err == nil && norms == nil {
			t.Error("neither norms nor an error")
		}
	})
}

func TestAPublishedRatioIsSaidInWords(t *testing.T) {
	if got := (NormReference{Measure: measureOddsAgree}).MeasureWords(); got != "times as likely to agree" {
		t.Errorf("a ratio is %q", got)
	}
}
