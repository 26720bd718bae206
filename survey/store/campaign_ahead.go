package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// CampaignAhead says what would become of the messages of a campaign if it were put
// into the outbox now, as queued decides for each person. NotFound.
func (s *Store) CampaignAhead(ctx context.Context, id survey.CampaignID) (survey.CampaignCounts, error) {
	c, err := s.CampaignByID(ctx, id)
	if err != nil {
		return survey.CampaignCounts{}, err
	}
	who, args := campaignWho(c)
	type group struct {
		Answered, Bounced, OptedOut, Invited bool
		N                                    int
	}
	groups, err := raw[group](ctx, s, "SELECT answered, bounced, opted_out, invited, count(*) AS n FROM ("+selectCampaign+who+") AS people GROUP BY 1, 2, 3, 4",
		append([]any{string(c.ID)}, args...)...)
	var ahead survey.CampaignCounts
	for _, g := range groups {
		row := s.queued(c, queuedRow{Answered: g.Answered, Bounced: g.Bounced, OptedOut: g.OptedOut, Invited: g.Invited})
		ahead.Add(survey.MailStatus(row.Status), row.Reason, g.N)
	}
	return ahead, err
}

// selectCampaign finds the people of a campaign, its first parameter, with what
// keeps them from getting its message; campaignWho says which people.
const selectCampaign = "SELECT r.id, r.invitation_id, " + hasAnswered + " AS answered, " + cameBack + " AS bounced, " + wantsNoMail + " AS opted_out, " + everInvited + ` AS invited
	FROM respondents r JOIN invitations i ON i.id = r.invitation_id JOIN waves w ON w.id = r.wave_id`

// campaignWho is the condition for the people that a campaign is about.
func campaignWho(c survey.Campaign) (string, []any) {
	query, args := " WHERE r.wave_id = ? AND r.email <> ''", []any{string(c.WaveID)}
	if len(c.Organizations) > 0 {
		query, args = query+" AND i.organization_id IN ?", append(args, texts(c.Organizations))
	}
	if len(c.Teams) > 0 {
		query, args = query+" AND i.team_id IN ?", append(args, texts(c.Teams))
	}
	return query, args
}

// CountPeople is the number of people that a campaign is about.
func (s *Store) CountPeople(ctx context.Context, id survey.CampaignID) (int, error) {
	c, err := s.CampaignByID(ctx, id)
	if err != nil {
		return 0, err
	}
	who, args := campaignWho(c)
	rows, err := raw[struct{ N int }](ctx, s, "SELECT count(*) AS n FROM respondents r JOIN invitations i ON i.id = r.invitation_id"+who, args...)
	if err != nil {
		return 0, err
	}
	return rows[0].N, nil
}

// LastMail is when the last mail of a campaign left to somebody whom this one is about
// and who has not answered; zero: none has. NotFound.
func (s *Store) LastMail(ctx context.Context, id survey.CampaignID) (time.Time, error) {
	c, err := s.CampaignByID(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	who, args := campaignWho(c)
	rows, err := raw[struct{ EndedAt time.Time }](ctx, s, "SELECT x.ended_at FROM respondents r JOIN invitations i ON i.id = r.invitation_id JOIN outbox x ON x.invitation_id = i.id"+who+
		" AND x.status = ? AND x.ended_at IS NOT NULL AND NOT ("+hasAnswered+") ORDER BY x.ended_at DESC LIMIT 1", append(args, string(survey.MailSent))...)
	if err != nil || len(rows) == 0 {
		return time.Time{}, err
	}
	return rows[0].EndedAt.UTC(), nil
}
