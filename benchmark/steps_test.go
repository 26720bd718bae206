package benchmark

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

// opened is the wave while people answer: base responses of each organization came
// from elsewhere, the others here, one organization after the other in turn.
func (m made) opened(t *testing.T, base int) (*panel.Steps, Input, []survey.Response) {
	t.Helper()
	in := m.input()
	in.Study.Origin, in.Wave.OpensAt, in.Wave.CreatedAt = survey.Fieldwork, testNow.Add(-time.Hour), testNow.Add(-time.Hour)
	steps, err := NewSteps(m.inst, in.Wave)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[survey.OrganizationID]int{}
	var before, live []survey.Response
	for _, r := range m.responses {
		r.SubmittedAt = testNow
		if seen[r.OrganizationID]++; seen[r.OrganizationID] <= base {
			r.SubmittedAt = in.Wave.CreatedAt.Add(-time.Hour)
			before = append(before, r)
		} else {
			live = append(live, r)
		}
	}
	if err := steps.Add(before); err != nil {
		t.Fatal(err)
	}
	return steps, in, live
}

func organizationJSON(t *testing.T, steps *panel.Steps, in Input, key string) (*OrganizationReport, string) {
	t.Helper()
	r, err := ComputeOrganization(context.Background(), steps.Snapshot(), in, key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(text)
}

// TestOneMoreAnswerChangesNothingOnAnOpenOrganizationsPage subtracts two looks, as
// somebody would who wants to know what the last person answered.
func TestOneMoreAnswerChangesNothingOnAnOpenOrganizationsPage(t *testing.T) {
	m := recipe{seed: 5, organizations: 12, orgSD: 0.5, personSD: 0.7, excellent: 2, size: sizeOf(45)}.make()
	steps, in, live := m.opened(t, 0)
	if err := steps.Add(live[:len(live)-30]); err != nil {
		t.Fatal(err)
	}
	key := m.organizations[11].Key
	before, beforeText := organizationJSON(t, steps, in, key)
	sizes := []int{}
	for _, r := range live[len(live)-30:] {
		if err := steps.Add([]survey.Response{r}); err != nil {
			t.Fatal(err)
		}
		after, text := organizationJSON(t, steps, in, key)
		n := 0
		if after.Organization.N != nil {
			n = *after.Organization.N
		}
		if text == beforeText {
			continue
		}
		sizes = append(sizes, n)
		if n%10 != 0 {
			t.Fatalf("an open organization shows %d people", n)
		}
		before, beforeText = after, text
	}
	if !slices.Equal(sizes, []int{10, 20, 30}) {
		t.Errorf("the report changed at %v people, want 10, 20 and 30", sizes)
	}
	if len(before.Roles) != 0 || len(before.Time) != 0 || len(before.KPIs) != 0 {
		t.Error("an open wave shows roles, managers' time or reported results of an organization")
	}
	if !strings.Contains(strings.Join(before.Caveats, " "), "in steps of 10 people") {
		t.Errorf("nothing says that the wave moves in steps: %q", before.Caveats)
	}
}

func TestPartsOfAnOrganizationDoNotMoveBeforeTheWaveCloses(t *testing.T) {
	m := recipe{seed: 6, organizations: 12, orgSD: 0.5, personSD: 0.7, excellent: 2, size: sizeOf(70)}.make()
	steps, in, live := m.opened(t, 50)
	parts := func(moving bool) (string, int) {
		now := in
		if !moving {
			now.Wave.ClosesAt = testNow
		}
		b, err := Compute(context.Background(), steps.Snapshot(), now)
		if err != nil {
			t.Fatal(err)
		}
		shown := struct {
			Roles []RoleGapRow
			Coach CoachIndex
			Study *StudyStyle
		}{b.RoleGaps, b.Coach, b.StudyStyle}
		for i := range shown.Roles { // random draws depend on the edition
			shown.Roles[i].Gap.Seed = nil
		}
		text, err := json.Marshal(shown)
		if err != nil {
			t.Fatal(err)
		}
		return string(text), *b.Respondents
	}
	before, n := parts(true)
	if n != 600 || !strings.Contains(before, `"ok"`) {
		t.Fatalf("%d respondents from elsewhere, want 600 whose parts are shown", n)
	}
	if err := steps.Add(live); err != nil {
		t.Fatal(err)
	}
	after, n := parts(true)
	if n != 720 || after != before {
		t.Errorf("with %d respondents, want 720, roles, time or persons moved: %t", n, after != before)
	}
	if err := steps.Release(); err != nil {
		t.Fatal(err)
	}
	if closed, n := parts(false); n != 840 || closed == before {
		t.Errorf("the closed wave shows %d respondents, want all 840 in every part", n)
	}
}

func TestOnlyWavesInWhichPeopleAnswerMove(t *testing.T) {
	wave := survey.Wave{OpensAt: testNow.Add(-time.Hour), ClosesAt: testNow.Add(time.Hour)}
	for origin, want := range map[survey.Origin]bool{survey.Fieldwork: true, survey.Generated: true, survey.Imported: false} {
		if got := Moving(survey.Study{Origin: origin}, wave, testNow); got != want {
			t.Errorf("an open wave of origin %s moves: %t", origin, got)
		}
		if Moving(survey.Study{Origin: origin}, wave, wave.ClosesAt) {
			t.Errorf("a closed wave of origin %s moves", origin)
		}
	}
}
