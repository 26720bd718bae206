package survey

import (
	"context"
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

type zoneKey struct{}

// WithZone returns a context for somebody who is told moments in the zone: sentences
// about what they ask for are made far from who they are.
func WithZone(ctx context.Context, zone *time.Location) context.Context {
	return context.WithValue(ctx, zoneKey{}, zone)
}

// toldLayout is a moment in a sentence.
const toldLayout = "2 January 2006, 15:04 MST"

// Tell writes a moment of the wave into a sentence: in the zone of whom the context is
// about, else in that of the wave.
func (w Wave) Tell(ctx context.Context, t time.Time) string {
	if zone, ok := ctx.Value(zoneKey{}).(*time.Location); ok {
		return t.In(zone).Format(toldLayout)
	}
	return w.Told(t)
}

// Told writes a moment of the wave into a sentence for its respondents.
func (w Wave) Told(t time.Time) string { return w.Local(t).Format(toldLayout) }
