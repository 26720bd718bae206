package benchmark

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
)

func TestSuspectsAreNamedWithTheirReasons(t *testing.T) {
	m := recipe{seed: 9, organizations: 12, orgSD: 0.5, personSD: 0.7, excellent: 2, size: sizeOf(20)}.make()
	for i := range m.responses { // nobody is in a hurry, and nobody answers all alike
		r := &m.responses[i]
		r.Seconds = make([]float32, len(m.inst.Sections))
		for s := range r.Seconds {
			r.Seconds[s] = 200
		}
		for k, f := range m.inst.ClosedFields() {
			r.Answers[f] = survey.Answer{State: survey.Valid, Code: 1 + (i+k)%m.inst.Fields()[f].Points}
		}
	}
	straight, fast := &m.responses[17], &m.responses[30]
	for _, f := range m.inst.ClosedFields() {
		straight.Answers[f] = survey.Answer{State: survey.Valid, Code: 2}
	}
	for s := range fast.Seconds {
		fast.Seconds[s] = 1
	}
	suspects, err := Suspects(context.Background(), m.snapshot(t), m.input())
	if err != nil {
		t.Fatal(err)
	}
	found := map[survey.ResponseID]Suspect{}
	for _, s := range suspects {
		found[s.Response] = s
		if len(s.Flags) != len(s.Reasons) || s.Key == "" || s.Organization == "" {
			t.Errorf("%+v", s)
		}
	}
	if s := found[straight.ID]; !slices.Contains(s.Flags, "straight_line") || !s.LeftOut || s.Organization != straight.OrganizationID || s.Role != straight.Role {
		t.Errorf("a straight line is %+v", s)
	}
	if s := found[fast.ID]; !slices.Contains(s.Flags, "fast") {
		t.Errorf("somebody who did not read is %+v", s)
	}
	if len(found) != 2 {
		t.Errorf("%d suspects, want 2", len(found))
	}
}

func TestResultsAreReviewedOnceTheyAreFinal(t *testing.T) {
	closes := testNow.Add(time.Hour)
	wave := survey.Wave{OpensAt: testNow.Add(-time.Hour), ClosesAt: closes}
	held := wave
	held.HeldAt = testNow
	released := held
	released.ReleasedAt = closes.Add(time.Hour)
	fieldwork := survey.Study{Origin: survey.Fieldwork}
	for name, c := range map[string]struct {
		wave             survey.Wave
		now              time.Time
		moving, reviewed bool
	}{
		"open":                 {wave, testNow, true, false},
		"closed":               {wave, closes, false, true},
		"held and open":        {held, testNow, true, false},
		"held and closed":      {held, closes, true, false},
		"released":             {released, closes.Add(2 * time.Hour), false, true},
		"planned":              {wave, testNow.Add(-2 * time.Hour), false, false},
		"opened a second time": {survey.Wave{OpensAt: wave.OpensAt, ReleasedAt: testNow}, testNow, true, true},
	} {
		if moving, reviewed := Moving(fieldwork, c.wave, c.now), Reviewed(fieldwork, c.wave, c.now); moving != c.moving || reviewed != c.reviewed {
			t.Errorf("%s: moving %t, reviewed %t", name, moving, reviewed)
		}
		if imported := (survey.Study{Origin: survey.Imported}); Moving(imported, c.wave, c.now) || !Reviewed(imported, c.wave, c.now) {
			t.Errorf("%s: imported data wait", name)
		}
	}
}

func TestWithAndWithoutExclusionsStandBesideEachOtherOnlyForAGroup(t *testing.T) {
	for excluded, want := range map[int]bool{0: true, 1: false, 7: false, 8: true} {
		if got := WithoutExclusions(survey.Wave{MinimumGroup: 8}, excluded); got != want {
			t.Errorf("%d excluded: %t", excluded, got)
		}
	}
}
