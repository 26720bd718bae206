package words

import (
	"strings"
	"time"
)

// Zone names the zone of a moment so that everybody knows it: "UTC", "CET (UTC+1)",
// or "UTC+5:30" where the zone has no letters of its own.
func Zone(t time.Time) string {
	short, offset := ShortZone(t), fromUTC(t)
	if short == "UTC" || short == offset {
		return short
	}
	return short + " (" + offset + ")"
}

// ShortZone names the zone of a moment for somebody who has chosen it.
func ShortZone(t time.Time) string {
	name, _ := t.Zone()
	if name == "" || strings.ContainsAny(name[:1], "+-") {
		return fromUTC(t)
	}
	return name
}

// fromUTC says how far the zone of the moment is from UTC, as in UTC-3:30.
func fromUTC(t time.Time) string {
	if _, offset := t.Zone(); offset == 0 {
		return "UTC"
	}
	offset := strings.TrimSuffix(t.Format("-07:00"), ":00")
	return "UTC" + offset[:1] + strings.TrimPrefix(offset[1:], "0")
}
