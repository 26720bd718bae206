package web

import (
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/templates"
)

// watch puts into a form what its fields were filled with, so that it can be told when
// it comes back whether somebody else has changed them meanwhile.
func watch(form *templates.Form) {
	marks := make([]string, len(form.Fields))
	for i, field := range form.Fields {
		marks[i] = field.Name + ":" + stamp(fieldValues(field))
	}
	form.Was = strings.Join(marks, " ")
}

// merge brings what was typed together with what has changed since the form was opened,
// perhaps by the same person in another tab. A field that was left alone gets the value
// of now; one that both have changed is shown with both, and kept only when it is sent
// again. A form that does not say what it was opened with is taken as it is.
func merge(typed url.Values, form *templates.Form) {
	watch(form)
	was := make(map[string]string)
	for _, pair := range strings.Fields(one(typed, "was")) {
		name, mark, _ := strings.Cut(pair, ":")
		was[name] = mark
	}
	for i, field := range form.Fields {
		now := fieldValues(field)
		opened, told := was[field.Name]
		if !told || opened == stamp(now) {
			continue
		}
		switch sent := sentValues(typed, field); {
		case stamp(sent) == opened:
			typed[field.Name] = now
			if field.Kind == templates.TimeField { // it is in UTC, unlike what was typed
				typed[field.Name] = []string{momentIn(field.Value, one(typed, "zone"))}
			}
		case stamp(sent) != stamp(now):
			form.Fields[i].Problem = "Somebody has changed this since you opened the form, perhaps you in another tab: it is “" + abridged(shownValue(field)) + "” now. Saving again puts what stands here in its place."
		}
	}
}

// fieldValues are what a browser would send of a field that is left alone.
func fieldValues(f templates.Field) []string {
	switch {
	case len(f.Options) > 0:
		var values []string
		for _, option := range f.Options {
			if option.Checked && option.Value != "" {
				values = append(values, option.Value)
			}
		}
		slices.Sort(values)
		return values
	case f.Kind == templates.CheckField && !f.Checked, f.Value == "":
		return nil
	}
	return []string{f.Value}
}

// sentValues are what was sent of a field, as fieldValues has them.
func sentValues(typed url.Values, f templates.Field) []string {
	var values []string
	for _, value := range typed[f.Name] {
		if strings.TrimSpace(value) != "" {
			values = append(values, value)
		}
	}
	if f.Kind == templates.TimeField && len(values) > 0 {
		if at, err := typedMoment(typed, f.Name); err == nil {
			return []string{momentField(f.Name, "", at).Value}
		}
	}
	slices.Sort(values)
	return values
}

// stamp tells values apart, whatever a browser does to the ends of lines.
func stamp(values []string) string {
	parts := make([][]byte, len(values))
	for i, value := range values {
		parts[i] = []byte(strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n")))
	}
	hash := auth.Digest(parts...)
	return hex.EncodeToString(hash[:6])
}

// momentIn writes the moment of a field in the zone in which a form was typed.
func momentIn(value, zone string) string {
	place, err := survey.LoadZone(zone)
	at, wrong := typedMoment(url.Values{"at": {value}}, "at")
	if err != nil || wrong != nil {
		return value
	}
	return at.In(place).Format(typedLayout)
}

// shownValue is a value as a person reads it.
func shownValue(f templates.Field) string {
	for _, option := range f.Options {
		if option.Checked {
			return option.Label
		}
	}
	switch {
	case f.Kind == templates.CheckField && f.Checked:
		return "yes"
	case f.Kind == templates.CheckField:
		return "no"
	case f.Kind == templates.TimeField && f.Value != "":
		return f.Value + " UTC"
	case f.Value == "":
		return "empty"
	}
	return f.Value
}
