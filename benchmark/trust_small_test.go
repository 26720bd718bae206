package benchmark

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
)

// smallDocument is a questionnaire whose sections a test fills.
const smallDocument = `{"key": "small", "version": 1, "title": {"en": "Small"}, "languages": ["en"],
 "areas": [{"key": "a1", "title": {"en": "One statement"}}, {"key": "a2", "title": {"en": "Two statements"}}],
 "scales": [{"key": "s5", "top_box": 2, "points": [{"value": 1, "label": {"en": "no"}}, {"value": 2, "label": {"en": "rather no"}},
  {"value": 3, "label": {"en": "so so"}}, {"value": 4, "label": {"en": "rather yes"}}, {"value": 5, "label": {"en": "yes"}}]}],
 "sections": [{"key": "s", "title": {"en": "S"}, "items": [%s]}]}`

const (
	onlyNumbers = `{"key": "win_rate", "kind": "number", "block": "kpi", "min": 0, "max": 100, "label": {"en": "Win rate"}, "texts": {"*": {"en": "Which?"}}}`
	noNumbers   = `{"key": "p1", "kind": "likert", "area": "a1", "scale": "s5", "label": {"en": "P1"}, "texts": {"*": {"en": "P1."}}},
  {"key": "p2", "kind": "likert", "area": "a2", "scale": "s5", "label": {"en": "P2"}, "texts": {"*": {"en": "P2."}}},
  {"key": "p3", "kind": "likert", "area": "a2", "scale": "s5", "label": {"en": "P3"}, "texts": {"*": {"en": "P3."}}}`
)

// smallWave has twelve organizations of twelve people.
func smallWave(t *testing.T, items string) (made, Input) {
	t.Helper()
	inst, err := survey.ParseInstrument([]byte(fmt.Sprintf(smallDocument, items)))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	m := made{inst: inst}
	for j := range 12 {
		o := survey.Organization{ID: survey.OrganizationID(fmt.Sprintf("id-%02d", j)), Key: fmt.Sprintf("org-%02d", j), Name: "Organization"}
		m.organizations = append(m.organizations, o)
		for i := range 12 {
			answers := inst.NewAnswers()
			for _, f := range inst.Fields() {
				answers[f.Index] = survey.Answer{State: survey.Valid, Code: 1 + (j+random.IntN(3))%5, Number: float64(40 + j)}
			}
			m.responses = append(m.responses, survey.Response{ID: survey.ResponseID(fmt.Sprintf("%02d-%02d", j, i)), OrganizationID: o.ID, Answers: answers, Weight: 1, SubmittedAt: testNow})
		}
	}
	in := m.input()
	in.Criteria, in.StudyStyle = nil, nil
	return m, in
}

func TestAQuestionnaireWithoutPracticesOrResultsIsSaidToBeSo(t *testing.T) {
	for name, c := range map[string]struct{ items, trust, drivers string }{
		"no practices": {onlyNumbers, "no agreement items", "no practices"},
		"no results":   {noNumbers, "comparing organizations", "asks for no results"},
	} {
		t.Run(name, func(t *testing.T) {
			m, in := smallWave(t, c.items)
			if trust := m.trustWith(t, in); !strings.Contains(strings.ToLower(trust.Headline), c.trust) && !strings.HasPrefix(trust.Headline, "Yes") {
				t.Errorf("trust: %q", trust.Headline)
			}
			d, err := ComputeDrivers(context.Background(), m.snapshot(t), in)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(d.Reason, c.drivers) || len(d.Outcomes) != 0 {
				t.Errorf("drivers: %q, %d outcomes", d.Reason, len(d.Outcomes))
			}
		})
	}
}

func TestAnAreaOfOneStatementHasNoAlphaButAgreement(t *testing.T) {
	m, in := smallWave(t, noNumbers)
	trust := m.trustWith(t, in)
	if len(trust.Scales) != 2 {
		t.Fatalf("%d scales", len(trust.Scales))
	}
	one, two := trust.Scales[0], trust.Scales[1]
	if one.Alpha.Shown() || one.Alpha.Why() != "too few items" || !one.Agreement.RwgjUniform.Shown() {
		t.Errorf("one statement: alpha %s (%s), agreement %s", one.Alpha.Text(), one.Alpha.Why(), one.Agreement.RwgjUniform.Text())
	}
	if !two.Alpha.Shown() || two.Omega.Shown() {
		t.Errorf("two statements: alpha %s, omega %s", two.Alpha.Text(), two.Omega.Text())
	}
}
