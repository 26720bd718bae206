package benchmark

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

var testNow = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// made is a wave for tests: responses made by a seed, or by hand.
type made struct {
	inst          *survey.Instrument
	organizations []survey.Organization
	responses     []survey.Response
}

func (m made) snapshot(t testing.TB) *panel.Snapshot {
	t.Helper()
	p, err := panel.New(m.inst)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Add(m.responses); err != nil {
		t.Fatal(err)
	}
	return p.Snapshot()
}

func (m made) input() Input {
	return Input{
		Study:         survey.Study{Key: "test", Title: "Test study", Origin: survey.Generated},
		Wave:          survey.Wave{Key: "2026.1", Title: "Spring", MinimumGroup: 10},
		Organizations: m.organizations, Criteria: OrganizationCriteria(), StudyStyle: StudyStyleCriteria(),
		Norms: PublishedNorms(), Now: testNow, Version: "test",
	}
}

func (m made) compute(t testing.TB) *Benchmark {
	t.Helper()
	b, err := Compute(context.Background(), m.snapshot(t), m.input())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// recipe says how a random wave is made.
type recipe struct {
	seed          uint64
	organizations int
	size          func(j int, random *rand.Rand) int
	orgSD         float64 // of the organization's effect, in answer steps
	personSD      float64
	excellent     int  // organizations far above the others
	noSilence     bool // nobody leaves an item out
}

func sizeOf(n int) func(int, *rand.Rand) int { return func(int, *rand.Rand) int { return n } }

var testRoles = [...]string{"salesperson", "salesperson", "salesperson", "salesperson", "salesperson", "salesperson", "manager", "manager", "executive", "other"}

func (r recipe) make() made {
	random := rand.New(rand.NewPCG(r.seed, 1))
	m := made{inst: survey.Builtin()}
	industries := []string{"isic_c", "isic_j", "isic_k", "isic_g"}
	regions := []string{"europe", "northern_america", "east_asia"}
	for j := range r.organizations {
		o := survey.Organization{
			ID: survey.OrganizationID(fmt.Sprintf("id-%03d", (j*37)%1000)), Key: fmt.Sprintf("org-%03d", j), Name: fmt.Sprintf("Organization %d", j),
			Industry: industries[j%len(industries)], Region: regions[j%len(regions)], Size: "250_999",
		}
		m.organizations = append(m.organizations, o)
		effect := r.orgSD * random.NormFloat64()
		if j%8 == 1 && j < 8*r.excellent {
			effect = 1.9 + 0.2*random.NormFloat64()
		}
		for range r.size(j, random) {
			m.responses = append(m.responses, r.response(m.inst, o, effect, len(m.responses), random))
		}
	}
	return m
}

func (r recipe) response(inst *survey.Instrument, o survey.Organization, effect float64, id int, random *rand.Rand) survey.Response {
	role := testRoles[random.IntN(len(testRoles))]
	person := effect + r.personSD*random.NormFloat64()
	answers := inst.NewAnswers()
	for _, f := range inst.Fields() {
		a := survey.Answer{State: survey.Valid}
		switch f.Kind {
		case survey.Likert:
			a.Code = min(7, max(1, int(math.Round(4.4+person+1.3*random.NormFloat64()))))
			if f.Item.Reverse {
				a.Code = 8 - a.Code
			}
		case survey.SingleChoice:
			a.Code = 1 + random.IntN(f.Points)
			if f.Key == "role" {
				a.Code = 1 + slices.Index([]string{"salesperson", "manager", "executive", "other"}, role)
			}
		case survey.Number:
			a.Number = math.Round(60 + 8*person + 10*random.NormFloat64())
		case survey.Allocation:
			a = timePart(f.Key, role)
		case survey.LongText:
			a = survey.Answer{State: survey.Skipped}
		}
		if f.Kind != survey.Allocation && f.Key != "role" && !r.noSilence && random.Float64() < 0.04 {
			a = survey.Answer{State: []survey.State{survey.DontKnow, survey.NotApplicable, survey.Skipped}[random.IntN(3)]}
		}
		answers[f.Index] = a
	}
	return survey.Response{
		ID:             survey.ResponseID(fmt.Sprintf("%08x-0000-7000-8000-%012x", (id*2654435761)&0xffffffff, id)),
		OrganizationID: o.ID, Role: role, Answers: answers, Weight: 1, SubmittedAt: testNow.Add(time.Duration(id) * time.Second),
		Seconds: []float32{60, 60, 60, 60, 60, 60, 60, 60, 60, 60},
	}
}

// timePart gives managers and executives a week that adds up to 100.
func timePart(key, role string) survey.Answer {
	if role != "manager" && role != "executive" {
		return survey.Answer{}
	}
	parts := map[string]float64{"time_coaching": 25, "time_selling": 20, "time_forecasting": 15, "time_meetings": 15, "time_resources": 5, "time_admin": 10, "time_other": 10}
	return survey.Answer{State: survey.Valid, Number: parts[key]}
}

// ordinary is a wave of 40 organizations like one that was really asked.
func ordinary(seed uint64) made {
	return recipe{
		seed: seed, organizations: 40, orgSD: 0.4, personSD: 0.8, excellent: 5,
		size: func(_ int, random *rand.Rand) int { return 30 + random.IntN(41) },
	}.make()
}
