package survey

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestEveryZoneThatIsOfferedIsKnown(t *testing.T) {
	zones := Zones()
	if len(zones) < 400 || zones[0] != "UTC" {
		t.Fatalf("%d zones, the first %s", len(zones), zones[0])
	}
	for _, name := range zones {
		if _, err := LoadZone(name); err != nil {
			t.Error(err)
		}
	}
}

func TestAZoneThatIsNoneIsRefused(t *testing.T) {
	for _, name := range []string{"Mars/Olympus", "Local", "../../etc/passwd", "Europe/Berlin\n", "\x00"} {
		if _, err := LoadZone(name); KindOf(err) != Invalid {
			t.Errorf("%q: %v", name, err)
		}
		if ZoneOr(name) != time.UTC {
			t.Errorf("%q is not read as UTC", name)
		}
	}
	if zone, err := LoadZone(""); err != nil || zone != time.UTC {
		t.Error("no name is not UTC")
	}
}

func TestAZoneIsNamedSoThatEverybodyKnowsIt(t *testing.T) {
	winter := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{"UTC": "UTC", "Europe/Berlin": "CET (UTC+1)", "America/New_York": "EST (UTC-5)", "Asia/Riyadh": "UTC+3",
		"Asia/Kolkata": "IST (UTC+5:30)", "Europe/London": "GMT (UTC)", "America/St_Johns": "NST (UTC-3:30)", "Asia/Kathmandu": "UTC+5:45", "Pacific/Kiritimati": "UTC+14"} {
		if got := ZoneWords(winter.In(ZoneOr(name))); got != want {
			t.Errorf("%s: %q, expected %q", name, got, want)
		}
	}
	if got := ZoneWords(winter.AddDate(0, 6, 0).In(ZoneOr("Europe/Berlin"))); got != "CEST (UTC+2)" {
		t.Errorf("in summer: %q", got)
	}
}
