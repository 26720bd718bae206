package benchmark

import (
	"context"
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
)

func (m made) drivers(t testing.TB) *Drivers {
	t.Helper()
	d, err := ComputeDrivers(context.Background(), m.snapshot(t), m.input())
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(d)
	if err != nil || strings.Contains(string(body), "NaN") {
		t.Fatalf("%v in %.200s", err, body)
	}
	return d
}

var causal = regexp.MustCompile(`(?i)\bdriv(e|es|en|er|ers|ing)\b|\bcaus(es|ed|ing)\b|\beffect of\b|\bleads? to\b`)

func TestTheNumberOfOrganizationsDecidesWhatIsWeighed(t *testing.T) {
	for organizations, level := range map[int]string{62: "practices", 40: "areas", 20: ""} {
		d := recipe{seed: 11, organizations: organizations, size: sizeOf(15), orgSD: 0.5, personSD: 0.8}.make().drivers(t)
		if len(d.Outcomes) == 0 || d.Outcomes[0].Key != "kpi_axis" {
			t.Fatalf("%d organizations: %d outcomes", organizations, len(d.Outcomes))
		}
		o := d.Outcomes[0]
		if o.Level != level || len(o.Single) != 12 || (level != "practices") != strings.Contains(o.Reason, "60 organizations") {
			t.Errorf("%d organizations: level %q, %d one at a time, %q", organizations, o.Level, len(o.Single), o.Reason)
		}
		johnson, lmg := 0.0, 0.0
		for _, r := range o.Rows {
			johnson, lmg = johnson+r.Johnson.Value.Value, lmg+r.LMG.Value.Value
			if r.Johnson.CI == nil || r.LMG.CI == nil || r.Quadrant == "" {
				t.Errorf("%s: %+v", r.Key, r)
			}
		}
		if level != "" && (math.Abs(johnson-1) > 1e-9 || math.Abs(lmg-1) > 1e-9) {
			t.Errorf("%d organizations: shares add up to %v and %v", organizations, johnson, lmg)
		}
		for _, words := range append(append([]string{d.Headline}, d.Story...), d.Caveats...) {
			if causal.MatchString(words) {
				t.Errorf("%q sounds like a cause", words)
			}
		}
	}
}

func TestALowerResultThatIsBetterIsTurned(t *testing.T) {
	d := recipe{seed: 12, organizations: 20, size: sizeOf(15), orgSD: 0.6, personSD: 0.8}.make().drivers(t)
	for _, o := range d.Outcomes {
		if o.Direction == "lower" && o.Single[0].R.Value.Value >= 0 {
			t.Errorf("%s: r is %v, though its numbers were made to rise with the practices", o.Key, o.Single[0].R.Value.Value)
		}
	}
}

func TestPracticesThatCanNotBeToldApartAreNamed(t *testing.T) {
	m := recipe{seed: 13, organizations: 64, size: sizeOf(12), orgSD: 0.6, personSD: 0.8}.make()
	keys := OrganizationCriteria().Items
	var from, to survey.Field
	for _, f := range m.inst.Fields() {
		switch f.Key {
		case keys[0]:
			from = f
		case keys[1]:
			to = f
		}
	}
	for i := range m.responses {
		m.responses[i].Answers[to.Index] = m.responses[i].Answers[from.Index]
	}
	o := m.drivers(t).Outcomes[0]
	if len(o.Singular) != 2 || !strings.Contains(o.Reason, "can not be told apart") || o.Level == "practices" {
		t.Errorf("level %q, set %q, %q", o.Level, o.Singular, o.Reason)
	}
}

func TestWithoutResultsOrPeopleThereIsAReason(t *testing.T) {
	one := recipe{seed: 14, organizations: 1, size: sizeOf(25), personSD: 0.8}.make()
	silent := recipe{seed: 14, organizations: 12, size: sizeOf(12)}.make()
	for i := range silent.responses {
		for _, f := range silent.inst.Fields() {
			if f.Kind == survey.Number {
				silent.responses[i].Answers[f.Index] = survey.Answer{State: survey.Skipped}
			}
		}
	}
	for name, m := range map[string]made{"one organization": one, "no result reported": silent,
		"nobody": {inst: survey.Builtin(), organizations: one.organizations}} {
		t.Run(name, func(t *testing.T) {
			d := m.drivers(t)
			if d.Headline == "" || d.Reason == "" && len(d.Story) == 0 {
				t.Errorf("%q, %q", d.Headline, d.Reason)
			}
			for _, o := range d.Outcomes {
				if o.Level != "" || o.R2.Shown() {
					t.Errorf("%s has R2 %s at the level %q", o.Key, o.R2.Text(), o.Level)
				}
				for _, r := range o.Single {
					if r.R.Shown() {
						t.Errorf("%s and %s: r = %s", o.Key, r.Key, r.R.Text())
					}
				}
			}
		})
	}
}
