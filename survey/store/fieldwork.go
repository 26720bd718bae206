package store

import (
	"context"
	"fmt"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// GroupCount is how far the fieldwork of a group has come.
type GroupCount struct {
	Invited   int
	Used      int // of the invitations
	Drafts    int // begun and not sent
	Responses int
	Recent    int // of the responses, since survey.PaceFrom
}

// Progress is what a forecast needs. Who answers by an open link was not invited:
// with such answers nobody knows how many could still come.
func (g GroupCount) Progress() survey.Progress {
	p := survey.Progress{Responses: g.Responses, Recent: g.Recent, Invited: g.Invited}
	if g.Responses > g.Used {
		p.Invited = 0
	}
	return p
}

// FieldworkCounts are the numbers of a wave by organization, team and role. Groups
// without anything are left out. They hold nothing of what was answered, but for
// the role that a respondent has.
type FieldworkCounts struct {
	Total         GroupCount
	Organizations map[survey.OrganizationID]GroupCount
	Teams         map[survey.TeamID]GroupCount
	// Roles count responses only. Those of an anonymous wave that is not over are in
	// whole groups of the smallest size: else two looks would show the role of the one
	// who answered in between.
	Roles map[string]GroupCount
}

// FieldworkCounts counts invitations, drafts and responses of a wave. A response of
// an anonymous wave has no team: there the used invitations of a team count as its
// responses. NotFound.
func (s *Store) FieldworkCounts(ctx context.Context, id survey.WaveID) (FieldworkCounts, error) {
	c := FieldworkCounts{Organizations: map[survey.OrganizationID]GroupCount{}, Teams: map[survey.TeamID]GroupCount{}, Roles: map[string]GroupCount{}}
	wave, err := s.WaveByID(ctx, id)
	if err != nil {
		return c, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	from := survey.PaceFrom(wave, s.now())
	err = s.read(ctx, func(db *gorm.DB) error {
		rows, err := db.Raw(selectFieldwork, string(id), stored(from), string(id), string(id)).Rows()
		return scanAll(rows, err, func(row scanner) error {
			var g fieldworkRow
			if err := row.Scan(&g.organization, &g.team, &g.role, &g.count.Invited, &g.count.Used, &g.count.Drafts, &g.count.Responses, &g.count.Recent); err != nil {
				return err
			}
			c.add(g)
			return nil
		})
	})
	if wave.Mode == survey.Anonymous {
		c.hide(wave, s.now())
	}
	return c, err
}

// selectFieldwork reads each table once. Of responses it looks at who gave them.
var selectFieldwork = fmt.Sprintf(`SELECT %[1]s, '' AS role, count(*), count(used_at), 0, 0, 0 FROM invitations WHERE wave_id = ? GROUP BY organization_id, team_id
UNION ALL
SELECT %[1]s, role, 0, 0, 0, count(*), sum(CASE WHEN submitted_at >= ? THEN 1 ELSE 0 END) FROM responses WHERE wave_id = ? GROUP BY organization_id, team_id, role
UNION ALL
SELECT %[1]s, '', 0, 0, count(*), 0, 0 FROM drafts WHERE wave_id = ? GROUP BY organization_id, team_id`,
	"CAST(organization_id AS text), coalesce(CAST(team_id AS text), '')")

type fieldworkRow struct {
	organization, team, role string
	count                    GroupCount
}

func (c *FieldworkCounts) add(g fieldworkRow) {
	c.Total = c.Total.plus(g.count)
	o := survey.OrganizationID(g.organization)
	c.Organizations[o] = c.Organizations[o].plus(g.count)
	if g.team != "" {
		t := survey.TeamID(g.team)
		c.Teams[t] = c.Teams[t].plus(g.count)
	}
	if g.count.Responses > 0 && g.role != "" {
		c.Roles[g.role] = c.Roles[g.role].plus(g.count)
	}
}

func (g GroupCount) plus(more GroupCount) GroupCount {
	return GroupCount{g.Invited + more.Invited, g.Used + more.Used, g.Drafts + more.Drafts, g.Responses + more.Responses, g.Recent + more.Recent}
}

// hide leaves of an anonymous wave what does not tell anything of one person.
func (c *FieldworkCounts) hide(wave survey.Wave, now time.Time) {
	for id, g := range c.Teams {
		g.Responses, g.Recent = g.Used, g.Used
		c.Teams[id] = g
	}
	if wave.Settled(now) {
		return
	}
	for role, g := range c.Roles {
		g.Responses -= g.Responses % wave.MinimumGroup
		g.Recent = g.Responses
		c.Roles[role] = g
		if g.Responses == 0 {
			delete(c.Roles, role)
		}
	}
}
