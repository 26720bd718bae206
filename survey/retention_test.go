package survey

import (
	"slices"
	"testing"
	"time"
)

func TestWhatIsKeptForLongEnoughIsDue(t *testing.T) {
	opens := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	closes := opens.AddDate(0, 1, 0)
	wave := Wave{OpensAt: opens, ClosesAt: closes}
	late := wave
	late.LateHours = 48
	endless := Wave{OpensAt: opens}
	all := []RetentionPart{KeptIdentity, KeptDrafts, KeptResponses}
	for name, c := range map[string]struct {
		wave Wave
		keep Retention
		now  time.Time
		want []RetentionPart
	}{
		"nothing is set":           {wave, Retention{}, closes.AddDate(50, 0, 0), nil},
		"the wave is open":         {wave, Retention{1, 1, 1}, closes.Add(-time.Second), nil},
		"the wave has no end":      {endless, Retention{1, 1, 1}, closes.AddDate(50, 0, 0), nil},
		"a moment too early":       {wave, Retention{1, 1, 1}, closes.AddDate(0, 0, 1).Add(-time.Microsecond), nil},
		"a day after the end":      {wave, Retention{1, 1, 1}, closes.AddDate(0, 0, 1), all},
		"late answers count":       {late, Retention{1, 1, 1}, closes.AddDate(0, 0, 1), nil},
		"a day after late answers": {late, Retention{1, 1, 1}, closes.AddDate(0, 0, 3), all},
		"each has its own period":  {wave, Retention{30, 0, 3650}, closes.AddDate(1, 0, 0), []RetentionPart{KeptIdentity}},
	} {
		if got := c.keep.Due(c.wave, c.now); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestPeriodsThatCanNotBeAreRefused(t *testing.T) {
	for _, r := range []Retention{{-1, 0, 0}, {0, 36_501, 0}, {0, 0, -5}} {
		if err := CheckRetention(r); KindOf(err) != Invalid {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if err := CheckRetention(Retention{30, 7, 3650}); err != nil {
		t.Error(err)
	}
}
