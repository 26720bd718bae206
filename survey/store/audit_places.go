package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// placeNames are how the audit log names organizations and teams of a study, also
// those that are gone by the time somebody reads it.
type placeNames struct {
	organizations map[string]string // id -> key
	teams         map[string]string // id -> name, with the key of its organization
}

// placesOfStudy reads the names of all places of a study.
func placesOfStudy(ctx context.Context, tx *gorm.DB, study string) (placeNames, error) {
	names := placeNames{make(map[string]string), make(map[string]string)}
	organizations, err := rowsOf[organizationRow](tx).Where("study_id = ?", study).Find(ctx)
	if err != nil {
		return names, err
	}
	for _, o := range organizations {
		names.organizations[o.ID] = o.Key
	}
	teams, err := rowsOf[teamRow](tx).Where("organization_id IN (SELECT id FROM organizations WHERE study_id = ?)", study).Find(ctx)
	for _, t := range teams {
		names.teams[t.ID] = "“" + t.Name + "” of " + names.organizations[t.OrganizationID]
	}
	return names, err
}

// placesOfWave reads the names of all places of the study of a wave.
func placesOfWave(ctx context.Context, tx *gorm.DB, wave string) (placeNames, error) {
	row, err := rowsOf[waveRow](tx).Where("id = ?", wave).Take(ctx)
	if err != nil {
		return placeNames{}, err
	}
	return placesOfStudy(ctx, tx, row.StudyID)
}

// onePlace names a single place, without reading all the others.
func onePlace(ctx context.Context, tx *gorm.DB, organization, team string) (string, error) {
	o, err := before[organizationRow](ctx, tx, "id = ?", organization)
	if err != nil || team == "" {
		return "organization " + o.Key, err
	}
	t, err := before[teamRow](ctx, tx, "id = ?", team)
	return "team “" + t.Name + "” of " + o.Key, err
}

// place names a team, or an organization as a whole.
func (n placeNames) place(organization, team string) string {
	if team != "" {
		return "team " + n.teams[team]
	}
	return "organization " + n.organizations[organization]
}

// keys names organizations, in order.
func (n placeNames) keys(ids []survey.OrganizationID) string {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = n.organizations[string(id)]
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

// targets are what becomes of the targets of a wave.
func (n placeNames) targets(old, now []targetRow) changes {
	type wanted struct{ before, after int }
	people := make(map[targetRow]wanted)
	for _, row := range old {
		people[row.scope()] = wanted{before: row.People}
	}
	for _, row := range now {
		w := people[row.scope()]
		w.after = row.People
		people[row.scope()] = w
	}
	var told changes
	for row, w := range people {
		name := "whole wave"
		switch row.Scope {
		case byOrganization, byTeam:
			name = n.place(row.Reference, "")
			if row.Scope == byTeam {
				name = n.place("", row.Reference)
			}
		case byRole:
			name = "role " + row.Reference
		}
		told.value(name, orEmpty(w.before), orEmpty(w.after))
	}
	slices.Sort(told.list)
	return told
}

// campaign is what is planned.
func (n placeNames) campaign(c survey.Campaign, id string) changes {
	told := changes{made: true, list: []string{string(c.Kind) + ", sending " + id}}
	told.moment("begins", time.Time{}, c.ScheduledAt)
	told.number("messages a minute", 0, c.PerMinute)
	told.value("organizations", "", n.keys(c.Organizations))
	teams := make([]string, len(c.Teams))
	for i, team := range c.Teams {
		teams[i] = n.teams[string(team)]
	}
	told.value("teams", "", strings.Join(teams, ", "))
	return told
}

// tellPerson tells the audit log what of a single person is new: where they belong by
// its value, what says who they are by its name only.
func tellPerson(ctx context.Context, tx *gorm.DB, p plannedRow, invitation string) error {
	was, err := onePlace(ctx, tx, string(p.OrganizationID), string(p.before.TeamID))
	if err != nil {
		return err
	}
	place, err := onePlace(ctx, tx, string(p.OrganizationID), string(p.TeamID))
	told := changes{made: p.invitation == ""}
	if told.made {
		told.list = []string{"invitation " + invitation + " for " + place}
	} else {
		told.value("place", was, place)
	}
	for _, part := range []struct{ name, old, now string }{{"reference", p.before.Reference, p.Reference}, {"address", p.before.Email, p.Email},
		{"name", p.before.Name, p.Name}, {"language", p.before.Language, p.Language}, {"role", p.before.Role, p.Role}} {
		if part.old != part.now && !told.made {
			told.list = append(told.list, part.name+" changed")
		}
	}
	tell(ctx, told)
	return err
}

// scope is for whom a target is.
func (r targetRow) scope() targetRow { return targetRow{Scope: r.Scope, Reference: r.Reference} }

// changed are what an organization becomes.
func (r organizationRow) changed(now organizationRow) changes {
	c := changes{made: r.ID == ""}
	c.text("name", r.Name, now.Name)
	c.value("industry", r.Industry, now.Industry)
	c.value("region", r.Region, now.Region)
	c.value("size", r.Size, now.Size)
	return c
}

// changedOrganizations are what many organizations become. Of a single one the deed
// names the key already.
func changedOrganizations(old, now []organizationRow) changes {
	before := make(map[string]organizationRow, len(old))
	for _, row := range old {
		before[row.Key] = row
	}
	var told changes
	for _, row := range now {
		one := before[row.Key].changed(row)
		if len(now) == 1 {
			return one
		}
		if before[row.Key].ID == "" {
			told.list = append(told.list, "new "+row.Key)
		} else if len(one.list) > 0 {
			told.list = append(told.list, row.Key+": "+strings.Join(one.list, ", "))
		}
	}
	return told
}
