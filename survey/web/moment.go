package web

import (
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// typedLayout is how a browser sends a moment.
const typedLayout = "2006-01-02T15:04"

// inZone tells the moments of a page of the staff in the time zone of the reader.
func inZone(c echo.Context, p templates.Page) templates.Page {
	switch p := p.(type) {
	case templates.ListPage:
		p.InZone(staffOf(c).zone())
		return p
	case templates.FormPage:
		p.InZone(staffOf(c).zone())
		return p
	}
	return p
}

// zone is the time zone in which the person reads and types moments.
func (p staff) zone() *time.Location { return survey.ZoneOr(p.user.Zone) }

// moment is a moment in a sentence for the person.
func (p staff) moment(at time.Time) string { return templates.StaffTime(at.In(p.zone())) }

// momentField asks for a moment. The page that it stands on names the zone.
func momentField(name, label string, at time.Time) templates.Field {
	f := templates.Field{Kind: templates.TimeField, Name: name, Label: label}
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
	zone, err := survey.LoadZone(one(form, "zone"))
	if err != nil {
		return time.Time{}, err
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

// momentCell is a time, in words with the page that it stands on.
func momentCell(at time.Time) templates.ListCell {
	if at.IsZero() {
		return templates.ListCell{Text: "–"}
	}
	return templates.ListCell{Time: machineTime(at)}
}

// momentDetail is the same as a fact.
func momentDetail(name string, at time.Time, none string) templates.Detail {
	if at.IsZero() {
		return templates.Detail{Name: name, Value: none}
	}
	return templates.Detail{Name: name, Time: machineTime(at)}
}

func machineTime(at time.Time) string { return at.UTC().Format(time.RFC3339) }
