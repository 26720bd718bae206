package words

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestAZoneIsNamedSoThatEverybodyKnowsIt(t *testing.T) {
	winter := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{"UTC": "UTC", "Europe/Berlin": "CET (UTC+1)", "America/New_York": "EST (UTC-5)", "Asia/Riyadh": "UTC+3",
		"Asia/Kolkata": "IST (UTC+5:30)", "Europe/London": "GMT (UTC)", "America/St_Johns": "NST (UTC-3:30)", "Asia/Kathmandu": "UTC+5:45", "Pacific/Kiritimati": "UTC+14"} {
		if got := Zone(winter.In(zone(t, name))); got != want {
			t.Errorf("%s: %q, expected %q", name, got, want)
		}
	}
	if got := Zone(winter.AddDate(0, 6, 0).In(zone(t, "Europe/Berlin"))); got != "CEST (UTC+2)" {
		t.Errorf("in summer: %q", got)
	}
}
