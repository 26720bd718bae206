package web

import (
	"net/url"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// typedLayout is how a browser sends a moment.
const typedLayout = "2006-01-02T15:04"

// momentField asks for a moment. Without scripts it is in UTC, and says so.
func momentField(name, label string, at time.Time) templates.Field {
	f := templates.Field{Kind: templates.TimeField, Name: name, Label: label, Unit: "UTC"}
	if !at.IsZero() {
		f.Value = at.UTC().Format(typedLayout)
	}
	return f
}

// typedMoment reads a moment in the zone that the form names. Zero: none was typed.
func typedMoment(form url.Values, name string) (time.Time, error) {
	text := one(form, name)
	if text == "" {
		return time.Time{}, nil
	}
	zone, err := time.LoadLocation(one(form, "zone"))
	if err != nil {
		return time.Time{}, survey.Errorf(survey.Invalid, "the time zone %q is not known", one(form, "zone"))
	}
	for _, layout := range []string{typedLayout, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, survey.Errorf(survey.Invalid, "this is not a moment such as 2026-11-30 09:00")
}

// showTyped puts what was typed back into the field, in the zone in which it was typed.
func showTyped(form url.Values, field *templates.Field) {
	if field.Kind == templates.CheckField {
		field.Checked = has(form, field.Name, field.Value)
		return
	}
	field.Value = one(form, field.Name)
	if field.Kind == templates.TimeField {
		field.Zone = one(form, "zone")
	}
}

// momentCell is a time: in words in UTC, in the reader's zone where scripts run.
func momentCell(at time.Time) templates.ListCell {
	if at.IsZero() {
		return templates.ListCell{Text: "–"}
	}
	return templates.ListCell{Text: moment(at), Time: machineTime(at)}
}

// momentDetail is the same as a fact.
func momentDetail(name string, at time.Time, none string) templates.Detail {
	if at.IsZero() {
		return templates.Detail{Name: name, Value: none}
	}
	return templates.Detail{Name: name, Value: moment(at), Time: machineTime(at)}
}

func moment(at time.Time) string { return at.UTC().Format("2 Jan 2006, 15:04 MST") }

func machineTime(at time.Time) string { return at.UTC().Format(time.RFC3339) }
