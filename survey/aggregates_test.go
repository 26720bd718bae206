package survey

import (
	"strings"
	"testing"
)

func warningsOf(t *testing.T, mapping, rows string) []string {
	t.Helper()
	report, err := ReadAggregates(strings.NewReader("name,n,helps,theme\n"+rows), parseMapping(t, mapping), small(t), func(AggregateRow) error { return nil })
	if err != nil || report.Refused > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	return report.Warnings
}

func TestRowsInAnotherUnitAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		rows string
		want []string
	}{
		"percents":               {"Acme,9,50,37.5\nBeta,9,1,0\nGamma,9,95,0.4\n", []string{`"Beta"`}},
		"one row of fractions":   {"Acme,9,50,37.5\nBeta,9,0.5,0.4\nGamma,9,95,20\n", []string{`line 3, "Beta": no share is above 1 percent (the highest is 0.5)`}},
		"a row of zeros":         {"Acme,9,50,37.5\nBeta,9,0,0\n", nil},
		"a row without shares":   {"Acme,9,50,37.5\nBeta,9,*,\n", nil},
		"rows that are left out": {"Acme,9,50,37.5\nTotal 1,9,0.5,0.4\n", nil},
		"a file of fractions":    {"Acme,9,0.5,0.375\nBeta,9,0.5,1\nGamma,9,0,0\n", []string{`no share of the file is above 1 percent; if they are fractions, set "share" to "fraction"`}},
		"very many rows":         {"Acme,9,50,37.5\n" + manyOf("%s,9,0.5,0.4\n", 30), append(make([]string, maxDoubtsKept), "10 more rows")},
	} {
		got := warningsOf(t, smallAggregates, c.rows)
		if len(got) != len(c.want) {
			t.Errorf("%s: %q, want %d", name, got, len(c.want))
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("%s: %q, want %q", name, got[i], c.want[i])
			}
		}
	}
}

func manyOf(row string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Replace(row, "%s", "Firm "+string(rune('A'+i)), 1))
	}
	return b.String()
}

func TestFractionsAreNotDoubtedAndPercentsAmongThemAreExplained(t *testing.T) {
	mapping := strings.Replace(smallAggregates, "percent", "fraction", 1)
	if got := warningsOf(t, mapping, "Acme,9,0.5,0.375\nBeta,9,0.005,0.004\n"); len(got) > 0 {
		t.Errorf("%q", got)
	}
	report, err := ReadAggregates(strings.NewReader("name,n,helps,theme\nAcme,9,50,0.5\n"), parseMapping(t, mapping), small(t), func(AggregateRow) error { return nil })
	if err != nil || len(report.Refusals) != 1 || !strings.Contains(report.Refusals[0].Message, `set "share" to "percent"`) {
		t.Errorf("%+v, %v", report, err)
	}
}
