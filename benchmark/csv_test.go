package benchmark

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark/stat"
)

func TestCellsThatWouldRunGetAnApostrophe(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1":                         "'=1+1",
		"+49 30":                       "'+49 30",
		"-cmd":                         "'-cmd",
		"@SUM(A1)":                     "'@SUM(A1)",
		"\t=1":                         "'\t=1",
		" =1":                          "' =1",
		"=HYPERLINK(\"http://x\")":     "'=HYPERLINK(\"http://x\")",
		"-0.25":                        "-0.25",
		"12":                           "12",
		"-Inf":                         "'-Inf",
		"+1e5":                         "+1e5",
		"-0x10":                        "'-0x10",
		"Plain name":                   "Plain name",
		"":                             "",
		"</script><script>alert(1)":    "</script><script>alert(1)",
		"\r\n=1":                       "'\r\n=1",
		"＝1":                           "'＝1",
		"Müller & Söhne, \"die\" Gmbh": "Müller & Söhne, \"die\" Gmbh",
	} {
		if got := SafeCell(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestAHostileNameStaysAName(t *testing.T) {
	m := ordinary(1)
	hostile := "=cmd|' /C calc'!A0\n</script>,\"x"
	m.organizations[3].Name = hostile
	b := m.compute(t)
	tables := b.Tables()
	at := slices.IndexFunc(tables, func(t Table) bool { return t.Name == "organizations" })
	var out bytes.Buffer
	if err := tables[at].WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 41 || rows[4][1] != "'"+hostile {
		t.Errorf("%d rows, name %q", len(rows), rows[4][1])
	}
}

func TestEveryTableIsRectangular(t *testing.T) {
	m := ordinary(1)
	tables := append(m.compute(t).Tables(), m.report(t, "org-002").Tables()...)
	in := service(t, "2019")
	a, err := ComputeAggregates(in, in.Organizations[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range append(tables, a.Tables()...) {
		if table.Name == "" || len(table.Rows) == 0 {
			t.Errorf("table %q has %d rows", table.Name, len(table.Rows))
		}
		for i, row := range table.Rows {
			if len(row) != len(table.Header) {
				t.Errorf("%s: row %d has %d cells, the header %d", table.Name, i, len(row), len(table.Header))
			}
		}
		seen := map[string]bool{}
		for _, h := range table.Header {
			if seen[h] || strings.Contains(h, " ") {
				t.Errorf("%s: header %q", table.Name, h)
			}
			seen[h] = true
		}
	}
}

func TestAPValueInAFileLooksNoMoreExactThanItIs(t *testing.T) {
	for p, want := range map[float64]string{0.000000000145234523: "1.452e-10", 0.0312345678: "0.03123", 0: "0", 1: "1"} {
		if got := pCell(stat.Some(p)); got != want {
			t.Errorf("%v is written %q, want %q", p, got, want)
		}
	}
	if got := pCell(stat.Number{}); got != "" {
		t.Errorf("no p-value is written %q", got)
	}
}
