package survey_test

import (
	"testing"

	"github.com/salesbench/salesbench/survey"
)

func TestCountsHaveACommaEveryThreeDigits(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 20_000: "20,000", 1_234_567: "1,234,567", -100: "-100", -1000: "-1,000"} {
		if got := survey.Thousands(n); got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
}
