package survey

import (
	_ "embed"
	"strings"
	"sync"
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
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	// "Local" is the zone of whatever machine this is, which no other knows.
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, Errorf(Invalid, "the time zone %q is not known: choose one such as Europe/Berlin", name)
	}
	zones.Store(name, zone)
	return zone, nil
}

// zones are those that were read, string -> *time.Location: pages of respondents tell
// moments in them.
var zones sync.Map

// ZoneOr is the zone of the name, or UTC where there is none: for what was kept, and
// checked before.
func ZoneOr(name string) *time.Location {
	zone, err := LoadZone(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
