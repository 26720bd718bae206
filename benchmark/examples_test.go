package benchmark

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
)

const examples = "../cmd/salesbench/examples/"

func read(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open(examples + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func documents(t testing.TB, stem string) (*survey.Instrument, *survey.Mapping) {
	t.Helper()
	inst, err := survey.ParseInstrument(read(t, stem+"-instrument.json"))
	if err != nil {
		t.Fatal(err)
	}
	mapping, err := survey.ParseMapping(read(t, stem+"-mapping.json"))
	if err != nil {
		t.Fatal(err)
	}
	return inst, mapping
}

// course is the file of course evaluations as a wave without criteria.
func course(t testing.TB) made {
	t.Helper()
	inst, mapping := documents(t, "turkiye/turkiye")
	m := made{inst: inst}
	known := map[string]bool{}
	_, err := survey.ReadResponses(strings.NewReader(string(read(t, "turkiye/turkiye.csv.gz"))), mapping, inst, func(r survey.Row) error {
		id := survey.OrganizationID(r.OrganizationKey)
		if !known[r.OrganizationKey] {
			known[r.OrganizationKey] = true
			m.organizations = append(m.organizations, survey.Organization{ID: id, Key: r.OrganizationKey, Name: r.Organization})
		}
		m.responses = append(m.responses, survey.Response{
			ID: survey.ResponseID(fmt.Sprintf("row-%05d", r.Line)), OrganizationID: id, Role: r.Role, Answers: r.Answers, Weight: r.Weight, SubmittedAt: testNow,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m made) bare() Input {
	in := m.input()
	in.Criteria = nil
	return in
}

func TestCourseEvaluationsHaveItemsAndQualityButNoTiers(t *testing.T) {
	m := course(t)
	b, err := Compute(context.Background(), m.snapshot(t), m.bare())
	if err != nil {
		t.Fatal(err)
	}
	if *b.Respondents != 5820 || *b.OrganizationsN != 14 || len(b.Practices) != 28 {
		t.Fatalf("%d respondents, %d organizations, %d items", *b.Respondents, *b.OrganizationsN, len(b.Practices))
	}
	if !strings.Contains(b.Quality.Sentence, "bout half of the 5,820 respondents") {
		t.Errorf("quality: %s", b.Quality.Sentence)
	}
	for _, o := range b.Organizations {
		if o.Classification.Tier != "" || o.Classification.PWC.Valid {
			t.Errorf("%s has the tier %s", o.Key, o.Classification.Tier)
		}
	}
	for _, r := range b.Practices {
		if r.All.CI == nil || r.WC.Value.Valid || r.Gap.Value.Valid || r.All.Cut != "4-5 of 5" {
			t.Errorf("%s: all %s %s of %s, WC %s", r.Item, r.All.Text(), r.All.Range(), r.All.Cut, r.WC.Text())
		}
	}
	if b.StudyStyle != nil || !strings.Contains(strings.Join(b.Story, " "), "no tiers are named") {
		t.Errorf("story: %v", b.Story)
	}
	if len(b.Agreement) == 0 || !b.Agreement[0].RwgjUniform.Shown() || b.Agreement[0].Sentence == "" {
		t.Errorf("agreement %+v", b.Agreement)
	}
}

// service reads a Civil Service People Survey file as it was published.
func service(t testing.TB, year string) AggregateInput {
	t.Helper()
	inst, mapping := documents(t, "csps/csps"+year)
	in := AggregateInput{
		Study: survey.Study{Key: "csps", Title: "Civil Service People Survey", Origin: survey.Imported}, Wave: survey.Wave{Key: year, Title: year},
		Instrument: inst, Now: time.Now(), Version: "test", Language: "en",
	}
	report, err := survey.ReadAggregates(strings.NewReader(string(read(t, "csps/csps"+year+".csv"))), mapping, inst, func(r survey.AggregateRow) error {
		id := survey.OrganizationID(r.OrganizationKey)
		in.Organizations = append(in.Organizations, survey.Organization{ID: id, Key: r.OrganizationKey, Name: r.Organization})
		for _, s := range r.Shares {
			in.Aggregates = append(in.Aggregates, survey.Aggregate{OrganizationID: id, Measure: s.Measure, Share: s.Share, N: r.N})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	in.Published = report.Published
	return in
}

func TestMediansOfTheCivilServiceEqualThePublishedOnes(t *testing.T) {
	for year, organizations := range map[string]int{"2018": 102, "2019": 106} {
		t.Run(year, func(t *testing.T) {
			in := service(t, year)
			b, err := ComputeAggregates(in, in.Organizations[3].Key)
			if err != nil {
				t.Fatal(err)
			}
			if b.OrganizationsN != organizations {
				t.Errorf("%d organizations, want %d", b.OrganizationsN, organizations)
			}
			compared := 0
			for _, r := range b.Rows {
				if !r.Published.Valid {
					continue
				}
				compared++
				if d := math.Abs(r.Median.Value.Value - r.Published.Value); d > 0.005+1e-9 {
					t.Errorf("%s: median %v, published %v", r.Measure, r.Median.Value.Value, r.Published.Value)
				}
				if r.Median.CI != nil || r.Median.Status != Limited || r.Median.Reasons[0] != "no_counts" {
					t.Errorf("%s: %+v", r.Measure, r.Median)
				}
			}
			if compared < 60 {
				t.Errorf("only %d measures have a published figure", compared)
			}
			if r := b.Rows[0]; !r.Theme || !r.Own.Shown() || !r.Percentile.Shown() || b.Headline == "" {
				t.Errorf("%+v", r)
			}
		})
	}
}
