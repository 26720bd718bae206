package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart/charttest"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// The organizations of the results tests.
const (
	resultOrganizations = 14
	resultRespondents   = 14  // in each, but for the small one
	smallOrganization   = "o" // has four
	smallRespondents    = 4
)

// judged gives a wave the criteria for organizations and groups of ten.
func judged(t testing.TB) storetest.Setting {
	return func(s *store.Store, wave *survey.Wave) {
		criteria := benchmark.OrganizationCriteria()
		hash, err := s.PutCriteria(t.Context(), criteria.Rule(), criteria.Canonical())
		if err != nil {
			t.Fatal(err)
		}
		wave.CriteriaHash, wave.MinimumGroup = hash, 10
	}
}

// newResults serves a closed wave of the built-in questionnaire with answers from
// fourteen organizations and a small one; the first has a hostile name.
func newResults(t testing.TB, open bool, config store.Config) *field {
	t.Helper()
	f := newField(t, config, judged(t))
	f.now = f.Wave.ClosesAt.Add(1)
	f.server, f.log = newBare(t, Options{Store: f.store, Now: f.server.Now, OpenResults: open, Version: "test"})
	for i := range resultOrganizations {
		name, n := fmt.Sprintf("Organization %d", i), resultRespondents
		if i == 0 {
			name = charttest.Hostile
		}
		f.fill(fmt.Sprintf("org-%02d", i), name, i, n)
	}
	f.fill(smallOrganization, "Small Shop", 3, smallRespondents)
	return f
}

// fill gives an organization n respondents whose agreement grows with quality.
func (f *field) fill(key, name string, quality, n int) survey.Organization {
	f.t.Helper()
	ctx := f.t.Context()
	o, err := f.store.PutOrganization(ctx, survey.Organization{StudyID: f.Study.ID, Key: key, Name: name, Industry: "software", Region: "europe"})
	if err != nil {
		f.t.Fatal(err)
	}
	responses := func(yield func(store.ImportedResponse, error) bool) {
		for i := range n {
			r := survey.Response{OrganizationID: o.ID, Role: []string{"salesperson", "manager"}[i%2], Language: "en",
				Answers: f.answersOf(quality, i), Weight: 1, SubmittedAt: storetest.Now, StartedAt: storetest.Now}
			if !yield(store.ImportedResponse{Key: fmt.Sprintf("%s-%d-%d", key, i, n), Response: &r}, nil) {
				return
			}
		}
	}
	if _, err := f.store.ImportResponses(ctx, f.Wave.ID, responses, nil); err != nil {
		f.t.Fatal(err)
	}
	return o
}

func (f *field) answersOf(quality, person int) survey.Answers {
	answers := f.Instrument.NewAnswers()
	for _, field := range f.Instrument.Fields() {
		a := &answers[field.Index]
		a.State = survey.Valid
		switch {
		case field.Key == f.Instrument.RoleItem:
			a.Code = 1 + person%2
		case field.Item.Kind == survey.Likert:
			a.Code = min(field.Points, 2+(quality+person*3+field.Index*5)%4+quality/5)
		case field.Closed():
			a.Code = 1 + (person+field.Index)%field.Points
		case field.Item.Kind == survey.Allocation:
			a.Number = map[string]float64{"time_coaching": 10 + float64(quality), "time_forecasting": 30 - float64(quality), "time_selling": 20}[field.Key]
			if a.Number == 0 {
				a.Number = 10
			}
		case field.Kind == survey.LongText:
			a.State = survey.Skipped
		default:
			a.Number = 20 + float64(quality) + float64(person%5)
		}
	}
	return answers
}

// link makes a link to the wave's results, or to those of one organization.
func (f *field) link(organization survey.OrganizationID) string {
	f.t.Helper()
	token := auth.NewToken()
	if err := f.store.CreateResultLink(f.t.Context(), store.ResultLink{WaveID: f.Wave.ID, OrganizationID: organization}, auth.HashToken(token)); err != nil {
		f.t.Fatal(err)
	}
	return token
}

// follow opens a results link and returns the cookie it leaves.
func (f *field) follow(path string) (answer, *http.Cookie) {
	f.t.Helper()
	a := f.get(path)
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 1 {
		f.t.Fatalf("%s answered %d with %d cookies, want one", path, a.status, len(cookies))
	}
	return a, cookies[0]
}

func (f *field) getWith(cookie *http.Cookie, path string) answer {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if cookie != nil {
		r.AddCookie(cookie)
	}
	return f.do(r)
}
