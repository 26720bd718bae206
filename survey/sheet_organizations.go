package survey

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Columns of a list of organizations.
var (
	OrganizationColumns      = []string{"key", "name"}
	OrganizationExtraColumns = []string{"industry", "region", "size", "teams"}
)

const (
	longestKey              = 64
	longestOrganizationName = 300 // characters
	longestFact             = 200 // characters
)

// GoodKey says whether the key can stand in addresses.
func GoodKey(key string) bool {
	return key != "" && len(key) <= longestKey && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && !strings.HasPrefix(key, "-")
}

// CheckOrganizationName says in words what is wrong with the name of an organization
// or team; empty: nothing.
func CheckOrganizationName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case utf8.RuneCountInString(name) > longestOrganizationName:
		return fmt.Sprintf("is longer than %d characters", longestOrganizationName)
	case strings.ContainsFunc(name, unicode.IsControl):
		return "has a line break or another control character"
	}
	return ""
}

// ListedOrganization is a row of a list of organizations.
type ListedOrganization struct {
	Organization
	Line  int
	Teams []string // to be added where they are missing
}

// ReadOrganizations turns rows into organizations. What the list has no column for
// is taken from those that are known: nobody who mends a name means to empty the region.
func ReadOrganizations(s *Sheet, known []Organization) ([]ListedOrganization, *Complaints) {
	before := make(map[string]Organization, len(known))
	for _, o := range known {
		before[o.Key] = o
	}
	wrong := NewComplaints(s)
	lines := make(map[string]int, len(s.Rows))
	list := make([]ListedOrganization, 0, len(s.Rows))
	for _, row := range s.Rows {
		key, name := row.Cell("key"), row.Cell("name")
		switch first, twice := lines[key]; {
		case !row.Has("key"):
		case !GoodKey(key):
			wrong.Add(row, "key", "%q must be small letters, digits and hyphens", key)
		case twice:
			wrong.Add(row, "key", "%q stands in line %d already", key, first)
		}
		lines[key] = row.Line
		if words := CheckOrganizationName(name); words != "" && row.Has("name") {
			wrong.AddFault(row.Line, Saying("name", words))
		}
		o := ListedOrganization{Organization: before[key], Line: row.Line}
		o.Key, o.Name = key, name
		for _, fact := range []struct {
			column string
			value  *string
		}{{"industry", &o.Industry}, {"region", &o.Region}, {"size", &o.Size}} {
			if !row.Has(fact.column) {
				continue
			}
			*fact.value = row.Cell(fact.column)
			if utf8.RuneCountInString(*fact.value) > longestFact || strings.ContainsFunc(*fact.value, unicode.IsControl) {
				wrong.Add(row, fact.column, "has a line break or is longer than %d characters", longestFact)
			}
		}
		for team := range strings.SplitSeq(row.Cell("teams"), "|") {
			if team = strings.TrimSpace(team); team == "" || slices.Contains(o.Teams, team) {
				continue
			}
			if words := CheckOrganizationName(team); words != "" {
				wrong.AddFault(row.Line, Saying("teams", "a name "+words))
			}
			o.Teams = append(o.Teams, team)
		}
		list = append(list, o)
	}
	return list, wrong
}

// RosterPlaces are where the people of a roster can be.
type RosterPlaces struct {
	Organizations map[string]Organization // by key
	Teams         map[OrganizationID]map[string]TeamID
	names         map[OrganizationID]string
}

// NewRosterPlaces arranges organizations and their teams for looking them up.
func NewRosterPlaces(organizations []Organization, teams []Team) RosterPlaces {
	p := RosterPlaces{make(map[string]Organization, len(organizations)), make(map[OrganizationID]map[string]TeamID), make(map[OrganizationID]string, len(organizations))}
	for _, o := range organizations {
		p.Organizations[o.Key], p.Teams[o.ID], p.names[o.ID] = o, make(map[string]TeamID), o.Name
	}
	for _, t := range teams {
		if of, ok := p.Teams[t.OrganizationID]; ok {
			of[t.Name] = t.ID
		}
	}
	return p
}

// Name is the name of an organization; empty: it is none of these.
func (p RosterPlaces) Name(id OrganizationID) string { return p.names[id] }

// Find looks up organization and team of a row; no team is fine, an unknown one is not.
func (p RosterPlaces) Find(row SheetRow, wrong *Complaints) (o Organization, team TeamID, ok bool) {
	o, ok = p.Organizations[row.Cell("organization")]
	if !ok && !row.Has("organization") {
		return o, "", false // the header lacks it, which is said once
	}
	if !ok {
		wrong.Add(row, "organization", "%q is not an organization of the study", row.Cell("organization"))
		return o, "", false
	}
	name := row.Cell("team")
	if name == "" {
		return o, "", true
	}
	if team, ok = p.Teams[o.ID][name]; !ok {
		wrong.Add(row, "team", "%q is not a team of %s: add it to the organization first", name, o.Key)
	}
	return o, team, ok
}
