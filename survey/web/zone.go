package web

import (
	"cmp"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// zoneField asks for a time zone.
func zoneField(name, label, chosen string) templates.Field {
	field := templates.Field{Kind: templates.SelectField, Name: name, Label: label, Required: true}
	chosen = cmp.Or(chosen, "UTC")
	zones := survey.Zones()
	if !slices.Contains(zones, chosen) {
		zones = append(zones, chosen) // an older name of one of them
	}
	for _, zone := range zones {
		field.Options = append(field.Options, templates.Choice{Value: zone, Label: zone, Checked: zone == chosen})
	}
	return field
}

// zoneSection lets somebody choose the time zone of all pages.
func zoneSection(u survey.User) templates.ListSection {
	field := zoneField("zone", "Time zone", u.Zone)
	field.Suggest = u.Zone == ""
	return templates.ListSection{Heading: "Time zone", Words: "All your pages tell times in this zone, and take those that you type in it.",
		Form: &templates.Form{Action: "/account/zone", Submit: "Keep this time zone", Fields: []templates.Field{field}}}
}

func (s *Server) setZone(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.keepZone(c, staffOf(c).user, one(form, "zone")); err != nil {
		return err
	}
	return s.seeNotice(c, "/account", "Times are in "+cmp.Or(one(form, "zone"), "UTC")+" from now on.")
}

// learnZone keeps the first time zone that is one, of those that the browser or a
// provider has named at the sign-in, for an account that has chosen none.
func (s *Server) learnZone(c echo.Context, user survey.User, named ...string) error {
	if user.Zone != "" {
		return nil
	}
	for _, zone := range named {
		if _, err := survey.LoadZone(zone); zone != "" && err == nil { // what is wrong with it is no matter of a sign-in
			return s.keepZone(c, user, zone)
		}
	}
	return nil
}

func (s *Server) keepZone(c echo.Context, user survey.User, zone string) error {
	ctx := store.Audited(c.Request().Context(), staff{user: user}.actor(c), store.Deed{Action: "user.zone", Object: "user " + user.Email})
	return s.Store.SetZone(ctx, user.ID, zone)
}
