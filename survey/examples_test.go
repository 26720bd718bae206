package survey

import (
	"compress/gzip"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const examples = "../cmd/salesbench/examples/"

func readExample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(examples + name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func exampleDocuments(t testing.TB, stem string) (*Instrument, *Mapping) {
	t.Helper()
	in, err := ParseInstrument(readExample(t, stem+"-instrument.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMapping(readExample(t, stem+"-mapping.json"))
	if err != nil {
		t.Fatal(err)
	}
	if m.Instrument != in.Key {
		t.Fatalf("the mapping belongs to %q, the instrument is %q", m.Instrument, in.Key)
	}
	return in, m
}

func TestExampleInstrumentsHaveNoFindings(t *testing.T) {
	for _, stem := range []string{"csps/csps2018", "csps/csps2019", "turkiye/turkiye"} {
		in, m := exampleDocuments(t, stem)
		for _, f := range Lint(in, nil) {
			t.Errorf("%s: %+v", stem, f)
		}
		if in.Attribution.In("en") == "" || m.Attribution == "" {
			t.Errorf("%s names no source", stem)
		}
	}
}

// medianType7 is R's quantile type 7 at one half: the mean of the two middle
// values of an even number of them.
func medianType7(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// mediansOff lists the measures whose median over the organizations is not the
// published one within half a point.
func mediansOff(t *testing.T, stem string, change func(*Mapping)) (off []string, report Report) {
	t.Helper()
	in, m := exampleDocuments(t, stem)
	change(m)
	shares := map[string][]float64{}
	report, err := ReadAggregates(strings.NewReader(string(readExample(t, stem+".csv"))), m, in, func(row AggregateRow) error {
		for _, s := range row.Shares {
			shares[s.Measure] = append(shares[s.Measure], s.Share)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for measure, values := range shares {
		published, ok := report.Published[measure]
		if !ok {
			t.Fatalf("%s: no published median", measure)
		}
		if math.Abs(medianType7(values)-published) > 0.005+1e-9 {
			off = append(off, measure)
		}
	}
	return off, report
}

func TestMediansOfOrganizationsAreThePublishedOnes(t *testing.T) {
	for _, c := range []struct {
		stem                              string
		organizations, excluded, measures int
	}{
		{"csps/csps2018", 102, 4, 10 + 62},
		{"csps/csps2019", 106, 5, 10 + 60},
	} {
		off, report := mediansOff(t, c.stem, func(*Mapping) {})
		if len(off) > 0 {
			t.Errorf("%s: other medians than published: %v", c.stem, off)
		}
		if report.Taken != c.organizations || report.Organizations != c.organizations || report.Excluded != c.excluded || report.Refused != 0 {
			t.Errorf("%s: %+v", c.stem, report)
		}
		if len(report.Published) != c.measures || len(report.Unused) > 0 {
			t.Errorf("%s: %d published measures, unused columns %v", c.stem, len(report.Published), report.Unused)
		}
	}
}

func TestGroupTotalsWouldSpoilTheMedians(t *testing.T) {
	for _, stem := range []string{"csps/csps2018", "csps/csps2019"} {
		off, report := mediansOff(t, stem, func(m *Mapping) { m.Exclude[0].EndsWith = nil })
		if len(off) == 0 {
			t.Errorf("%s: with %d rows, group totals among them, every median is still the published one", stem, report.Taken)
		}
	}
}

func TestTurkiyeEvaluationsBecomeFourteenOrganizations(t *testing.T) {
	in, m := exampleDocuments(t, "turkiye/turkiye")
	file, err := os.Open(filepath.FromSlash(examples + "turkiye/turkiye.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	perOrganization := map[string]int{}
	names := map[string]string{}
	straight := 0
	report, err := ReadResponses(unpacked, m, in, func(row Row) error {
		perOrganization[row.OrganizationKey]++
		names[row.OrganizationKey] = row.Organization
		if !slices.ContainsFunc(row.Answers, func(a Answer) bool { return a != row.Answers[0] }) {
			straight++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Taken != 5820 || report.Rows != 5820 || report.Organizations != 14 || report.Refused != 0 || len(report.Unused) > 0 {
		t.Errorf("report %+v", report)
	}
	smallest, largest := 5820, 0
	for _, n := range perOrganization {
		smallest, largest = min(smallest, n), max(largest, n)
	}
	if len(perOrganization) != 14 || smallest != 41 || largest != 904 {
		t.Errorf("%d organizations of %d to %d", len(perOrganization), smallest, largest)
	}
	if names["instructor-1-class-2"] != "Instructor 1, class 2" {
		t.Errorf("names %v", names)
	}
	if share := float64(straight) / 5820; share < 0.4 || share > 0.6 {
		t.Errorf("%.0f %% of the rows give one answer throughout, about half is expected", 100*share)
	}
}
