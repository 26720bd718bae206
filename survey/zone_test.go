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
