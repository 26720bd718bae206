package stat

import (
	"math"
	"slices"
	"testing"
)

// R: testdata/r/plan.R, power.prop.test and cor.test.
func TestPlansAgreeWithR(t *testing.T) {
	var oracle struct {
		Gap, Power         float64
		X, Y               []float64
		R, Lower, Upper, P float64
	}
	readOracle(t, "plan", &oracle)
	gap, err := DetectableGap(.5, 1, 400, 400)
	if err != nil {
		t.Fatal(err)
	}
	wantClose(t, "gap_detectable", gap, oracle.Gap, 1e-12)
	wantClose(t, "power of that gap in power.prop.test", oracle.Power, .80, .005)
	got, err := ScoreAgainstResponse(append(oracle.X, math.NaN()), append(oracle.Y, .5), .95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "r", got.R, oracle.R, 1e-12)
	wantNumber(t, "p", got.P, oracle.P, 1e-10)
	wantInterval(t, "r_ci", got.CI, [2]float64{oracle.Lower, oracle.Upper}, 1e-10)
}

func TestPlannedSizes(t *testing.T) {
	n, err := SampleNeeded(.5, .05, 1)
	if err != nil || n != 385 {
		t.Errorf("the textbook's 385 is %d, %v", n, err)
	}
	if n, _ := SampleNeeded(.5, .05, 2); n != 769 {
		t.Errorf("twice the design effect: %d", n)
	}
	// 2 x 7.8489 x (.01 + .09/20)/.1^2 = 22.76
	if n, err := OrganizationsPerGroup(.01, .09, 20, .1); err != nil || n != 23 {
		t.Errorf("organizations per group: %d, %v", n, err)
	}
	for name, call := range map[string]func() error{
		"share of 1":     func() error { _, err := SampleNeeded(1, .1, 1); return err },
		"no margin":      func() error { _, err := SampleNeeded(.5, 0, 1); return err },
		"tiny margin":    func() error { _, err := SampleNeeded(.5, 1e-12, 1); return err },
		"NaN":            func() error { _, err := DetectableGap(math.NaN(), 1, 5, 5); return err },
		"empty group":    func() error { _, err := DetectableGap(.5, 1, 0, 5); return err },
		"no difference":  func() error { _, err := OrganizationsPerGroup(.1, .1, 5, 0); return err },
		"negative tau^2": func() error { _, err := OrganizationsPerGroup(-.1, .1, 5, 1); return err },
	} {
		if call() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestResponseRates(t *testing.T) {
	got, err := Fieldwork{Invited: 200, Started: 120, Partial: 10, Complete: 90}.Rates()
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "RR1", got.RR1, .45, 1e-15)
	wantNumber(t, "RR2", got.RR2, .5, 1e-15)
	wantNumber(t, "breakoff", got.Breakoff, .25, 1e-15)
	unknown, err := Fieldwork{Complete: 5}.Rates()
	if err != nil || !slices.Equal(unknown.Reasons, []Reason{NoCounts}) || unknown.RR1.Valid {
		t.Errorf("%+v, %v", unknown, err)
	}
	for _, bad := range []Fieldwork{{Invited: 5, Complete: 6}, {Invited: -1}, {Invited: 9, Started: 3, Complete: 4}} {
		if _, err := bad.Rates(); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
	silence := ItemCountsAsked{Valid: 80, DontKnow: 10, NotApplicable: 4, Skipped: 5, Refused: 1}.Silence()
	wantNumber(t, "item_nonresponse", silence.Nonresponse, .2, 1e-15)
	wantNumber(t, "dont_know_share", silence.DontKnow, .1, 1e-15)
	if none := (ItemCountsAsked{}).Silence(); !slices.Equal(none.Reasons, []Reason{NoValidAnswers}) || none.Nonresponse.Valid {
		t.Errorf("%+v", none)
	}
}

func TestScoreAgainstResponseSaysWhyItIsMissing(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		name   string
		x, y   []float64
		reason Reason
	}{
		{"nothing", []float64{nan}, []float64{1}, NoValidAnswers},
		{"one", []float64{1}, []float64{1}, OneOrganization},
		{"no variance", []float64{1, 1, 1}, []float64{1, 2, 3}, ZeroVariance},
		{"three", []float64{1, 2, 3}, []float64{1, 2, 2}, FewOrganizations},
	} {
		got, err := ScoreAgainstResponse(test.x, test.y, .95)
		if err != nil || !slices.Equal(got.Reasons, []Reason{test.reason}) || got.CI != nil {
			t.Errorf("%s: %+v, %v", test.name, got, err)
		}
		wantNoNaN(t, test.name, got)
	}
	ten := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	line, _ := ScoreAgainstResponse(ten, ten, .95)
	wantNumber(t, "r of a line", line.R, 1, 1e-15)
	wantNoNaN(t, "line", line)
}
