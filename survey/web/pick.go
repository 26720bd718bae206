package web

import (
	"net/url"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// organizationPick lets somebody choose among organizations, however many there are.
func organizationPick(organizations []survey.Organization, chosen func(survey.Organization) bool) templates.Field {
	f := templates.Field{Kind: templates.PickField, Name: "organization", Label: "Organizations"}
	for _, o := range organizations {
		f.Options = append(f.Options, templates.Choice{Value: string(o.ID), Label: o.Name, Checked: chosen(o)})
	}
	if len(organizations) <= fewOptions {
		f.Kind = templates.ChecksField
	}
	return f
}

// fewOptions is how many boxes need no search.
const fewOptions = 12

// picked says whether a form was sent only to narrow a list of boxes down or to tick
// many of them, by a browser without scripts: it is shown again with what was typed,
// and nothing else is done with it.
func picked(form url.Values, into *templates.Form) bool {
	asked := false
	for i := range into.Fields {
		f := &into.Fields[i]
		if f.Kind != templates.PickField {
			continue
		}
		f.Value = one(form, f.Name+"-q")
		what, name, _ := strings.Cut(one(form, "pick"), ":")
		mine := name == f.Name
		asked = asked || picks(form, f.Name)
		for j := range f.Options {
			option := &f.Options[j]
			found := strings.Contains(strings.ToLower(option.Label), strings.ToLower(f.Value))
			option.Checked = (option.Checked || mine && what == "all" && found) && (!mine || what != "none")
			option.Away = !found && !option.Checked
		}
	}
	return asked
}

// picks says whether one of the buttons of a field was pressed, or something new is
// searched for among its boxes.
func picks(form url.Values, name string) bool {
	_, of, _ := strings.Cut(one(form, "pick"), ":")
	return of == name || form.Has(name+"-q") && one(form, name+"-q") != one(form, name+"-was")
}
