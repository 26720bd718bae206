package main

import (
	"reflect"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
)

var generatedEnd = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func TestTheSameSeedMakesTheSameStudy(t *testing.T) {
	one := generate(1, survey.Builtin(), generatedEnd)
	if !reflect.DeepEqual(one, generate(1, survey.Builtin(), generatedEnd)) {
		t.Error("two runs with one seed differ")
	}
	if reflect.DeepEqual(one, generate(2, survey.Builtin(), generatedEnd)) {
		t.Error("two seeds make the same study")
	}
}

func TestEveryGeneratedResponseCouldHaveBeenSubmitted(t *testing.T) {
	instrument := survey.Builtin()
	for i, responses := range generate(generatedSeed, instrument, generatedEnd).responses {
		for n, r := range responses {
			if wrong := instrument.CheckAll(r.response.Role, r.response.Answers); len(wrong) > 0 {
				t.Fatalf("organization %d, response %d: %+v", i, n, wrong)
			}
			if got := instrument.RoleOf(r.response.Answers); got != r.response.Role {
				t.Fatalf("organization %d, response %d: answers say %q, response says %q", i, n, got, r.response.Role)
			}
			if !r.response.StartedAt.Before(r.response.SubmittedAt) || r.response.SubmittedAt.After(generatedEnd) {
				t.Fatalf("organization %d, response %d: from %s to %s", i, n, r.response.StartedAt, r.response.SubmittedAt)
			}
		}
	}
}

// agreement is the share of 6 and 7 among those who chose a point, over the
// organizations that keep says yes to.
func (g generated) agreement(t *testing.T, item string, keep func(made) bool) float64 {
	t.Helper()
	field, ok := survey.Builtin().FieldByKey(item)
	if !ok {
		t.Fatalf("no item %s", item)
	}
	agree, valid := 0, 0
	for i, responses := range g.responses {
		if !keep(g.organizations[i]) {
			continue
		}
		for _, r := range responses {
			if a := r.response.Answers[field.Index]; a.State == survey.Valid {
				valid++
				if a.Code >= 6 {
					agree++
				}
			}
		}
	}
	if valid == 0 {
		t.Fatalf("nobody answered %s", item)
	}
	return float64(agree) / float64(valid)
}

func excellent(o made) bool { return o.quality >= outstanding }

func TestTheGeneratedStudyShowsWhatTheStudyOf2013Found(t *testing.T) {
	world := generate(generatedSeed, survey.Builtin(), generatedEnd)
	all := world.agreement(t, "manager_deal_help", func(made) bool { return true })
	if all < 0.28 || all > 0.39 {
		t.Errorf("%.2f of all agree that managers help to advance deals, want about a third", all)
	}
	for _, item := range []string{"manager_deal_help", "coaching_time", "limited_data_demands", "resource_help", "problems_first"} {
		top := world.agreement(t, item, excellent)
		rest := world.agreement(t, item, func(o made) bool { return !excellent(o) })
		if top < 0.75 || rest > 0.5 {
			t.Errorf("%s: excellent organizations %.2f, others %.2f; want above .75 and below .50", item, top, rest)
		}
	}
	if talk := world.agreement(t, "number_talk", excellent); talk > 0.15 {
		t.Errorf("%.2f agree with the reverse item number_talk where managers coach", talk)
	}
}

func TestManagersOfExcellentOrganizationsCoachAndOthersCount(t *testing.T) {
	world := generate(generatedSeed, survey.Builtin(), generatedEnd)
	mean := func(part string, keep func(made) bool) float64 {
		field, ok := survey.Builtin().FieldByKey(part)
		if !ok {
			t.Fatalf("no part %s", part)
		}
		sum, n := 0.0, 0.0
		for i, responses := range world.responses {
			for _, r := range responses {
				if a := r.response.Answers[field.Index]; a.State == survey.Valid && keep(world.organizations[i]) {
					sum += a.Number
					n++
				}
			}
		}
		return sum / n
	}
	others := func(o made) bool { return !excellent(o) }
	if c, f := mean("time_coaching", excellent), mean("time_forecasting", excellent); c < 1.5*f {
		t.Errorf("in excellent organizations managers coach %.0f %% and forecast %.0f %% of their time", c, f)
	}
	if c, f := mean("time_coaching", others), mean("time_forecasting", others); f < 1.2*c {
		t.Errorf("in the others managers coach %.0f %% and forecast %.0f %% of their time", c, f)
	}
}

func TestTheGeneratedStudyHasTheHardCases(t *testing.T) {
	world := generate(generatedSeed, survey.Builtin(), generatedEnd)
	states := make(map[survey.State]int)
	names := make(map[string]int)
	for i, responses := range world.responses {
		names[world.organizations[i].Name] = len(responses)
		for _, r := range responses {
			for _, a := range r.response.Answers {
				states[a.State]++
			}
		}
	}
	for _, state := range []survey.State{survey.NotShown, survey.Skipped, survey.DontKnow, survey.NotApplicable, survey.Valid} {
		if states[state] == 0 {
			t.Errorf("no answer is %s", state)
		}
	}
	if n := names[smallName]; n == 0 || n >= 10 {
		t.Errorf("the small organization has %d respondents, want fewer than 10", n)
	}
	if names[hostileName] < fewestResponses {
		t.Error("the organization with the hostile name is too small to be shown")
	}
	if len(names) < 40 {
		t.Errorf("%d organizations, want 40 or more", len(names))
	}
}
