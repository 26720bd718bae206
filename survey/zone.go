package survey

import (
	_ "embed"
	"strings"
	"time"
)

// zoneList is UTC and the names in zone.tab of the tz database, which is in the public
// domain.
//
//go:embed zones.txt
var zoneList string

// Zones lists the names of time zones that are offered, UTC first.
func Zones() []string { return strings.Fields(zoneList) }

// LoadZone finds a time zone by its name in the tz database, such as Europe/Berlin;
// an empty name is UTC. Invalid: there is no such zone.
func LoadZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	// "Local" is the zone of whatever machine this is, which no other knows.
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, Errorf(Invalid, "the time zone %q is not known: choose one such as Europe/Berlin", name)
	}
	return zone, nil
}

// ZoneOr is the zone of the name, or UTC where there is none: for what was kept, and
// checked before.
func ZoneOr(name string) *time.Location {
	zone, err := LoadZone(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// ZoneWords names the zone of a moment so that everybody knows it: "UTC", "CET
// (UTC+1)", or "UTC+5:30" where the zone has no letters of its own.
func ZoneWords(t time.Time) string {
	name, offset := t.Zone()
	from := "UTC" + strings.Replace(strings.TrimSuffix(t.Format("-07:00"), ":00"), "+0", "+", 1)
	from = strings.Replace(from, "-0", "-", 1)
	switch {
	case name == "UTC":
		return name
	case strings.HasPrefix(name, "+"), strings.HasPrefix(name, "-"), name == "":
		return from
	case offset == 0:
		return name + " (UTC)"
	}
	return name + " (" + from + ")"
}
