package survey_test

import (
	"math"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
)

func TestAForecastGoesOnAsItDoes(t *testing.T) {
	opens := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	wave := survey.Wave{OpensAt: opens, ClosesAt: opens.AddDate(0, 0, 28)}
	middle := opens.AddDate(0, 0, 14)
	endless := wave
	endless.ClosesAt = time.Time{}
	for name, c := range map[string]struct {
		wave   survey.Wave
		now    time.Time
		p      survey.Progress
		wanted int
		want   survey.Prospect
	}{
		"enough already":             {wave, middle, survey.Progress{Responses: 10}, 10, survey.Reached},
		"enough in a closed wave":    {wave, wave.ClosesAt, survey.Progress{Responses: 10}, 10, survey.Reached},
		"a good pace":                {wave, middle, survey.Progress{Responses: 20, Recent: 10}, 30, survey.Likely},
		"a pace that may do":         {wave, middle, survey.Progress{Responses: 20, Recent: 5}, 30, survey.Uncertain},
		"nobody for a week":          {wave, middle, survey.Progress{Responses: 3}, 10, survey.Unlikely},
		"fewer invited than wanted":  {wave, middle, survey.Progress{Responses: 3, Recent: 3, Invited: 9}, 10, survey.OutOfReach},
		"a wave that is over":        {wave, wave.ClosesAt, survey.Progress{Responses: 9}, 10, survey.OutOfReach},
		"a wave that is planned":     {wave, opens.Add(-time.Hour), survey.Progress{}, 10, survey.NoForecast},
		"a wave at its first moment": {wave, opens, survey.Progress{}, 10, survey.NoForecast},
		"a wave without an end":      {endless, middle, survey.Progress{Responses: 3, Recent: 3}, 10, survey.NoForecast},
	} {
		if got := survey.Forecast(c.wave, c.now, c.p, c.wanted); got.Prospect != c.want {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
	// Numerical integration of the Poisson tail over Gamma(5.5, 7) in Python.
	got := survey.Forecast(wave, middle, survey.Progress{Responses: 20, Recent: 5}, 30)
	if math.Abs(got.Probability-0.54929095) > 1e-7 || math.Abs(got.Expected-31) > 1e-9 {
		t.Errorf("%+v", got)
	}
}
