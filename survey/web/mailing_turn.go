package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// campaignTurns are the ways on that fit the state of the sending. What can not be
// taken back asks on a page of its own.
func (s *Server) campaignTurns(c echo.Context, campaign survey.Campaign) []templates.ListSection {
	at := s.mailingsPath(c, "/"+string(campaign.ID))
	turn := func(name, submit string) templates.ListSection {
		return templates.ListSection{Form: &templates.Form{Action: at + "/" + name, Submit: submit}}
	}
	cancel := templates.ListSection{Links: []templates.Link{{Text: "Cancel this sending", URL: at + "/cancel"}}}
	switch campaign.Status {
	case survey.CampaignPlanned:
		cancel.Links = append([]templates.Link{{Text: "Start now", URL: at + "/start", Current: true}}, cancel.Links...)
		return []templates.ListSection{cancel}
	case survey.CampaignRunning:
		return []templates.ListSection{turn("pause", "Pause"), cancel}
	case survey.CampaignPaused:
		return []templates.ListSection{turn("resume", "Go on"), cancel}
	}
	return nil
}

// askTurn asks a second time before a sending starts or is cancelled.
func (s *Server) askTurn(c echo.Context) error {
	campaign, err := s.campaignOf(c)
	if err != nil {
		return err
	}
	back := s.mailingsPath(c, "/"+string(campaign.ID))
	ended := campaign.Status == survey.CampaignDone || campaign.Status == survey.CampaignCancelled
	switch turn := c.Param("turn"); {
	case turn == "start" && campaign.Status == survey.CampaignPlanned:
		p, err := s.startPage(c, campaign)
		if err != nil {
			return err
		}
		return showForm(c, p)
	case turn == "cancel" && !ended:
		n, err := s.Store.CountCampaign(c.Request().Context(), campaign.ID)
		if err != nil {
			return err
		}
		return page(c, http.StatusOK, templates.FormPage{Base: s.turnBase(c, campaign, "Cancel"), Heading: "Cancel this sending for good?",
			Lead:  "Messages that have left stay sent; those that have not will not leave by this sending, and it can not be started again. Whoever is to get one after all gets it by a new sending.",
			Facts: []templates.Detail{{Name: "Sent already", Value: thousands(n.Sent)}},
			Form:  templates.Form{Submit: "Cancel this sending", Danger: true, Cancel: &templates.Link{Text: "Keep it", URL: back}}})
	}
	return see(c, back)
}

func (s *Server) turnBase(c echo.Context, campaign survey.Campaign, turn string) templates.Base {
	at := s.mailingsPath(c, "/"+string(campaign.ID))
	return s.staffBase(c, turn, s.mailingsCrumb(c), templates.Link{Text: mailKindName(campaign.Kind), URL: at}, templates.Link{Text: turn, URL: at + "/" + strings.ToLower(turn)})
}

// soonAgain is how soon after a mail a reminder asks a second time.
const soonAgain = 24 * time.Hour

// lastMailDetail says when the last mail to the people of a reminder left.
func (s *Server) lastMailDetail(ctx context.Context, campaign survey.Campaign) (time.Time, []templates.Detail, error) {
	if campaign.Kind != survey.ReminderMail {
		return time.Time{}, nil, nil
	}
	last, err := s.Store.LastMail(ctx, campaign.ID)
	return last, []templates.Detail{momentDetail("Last mail to these people", last, "none yet")}, err
}

// startPage says what leaves for whom, how fast and until when. Whoever reminds people
// within a day of the last mail says so.
func (s *Server) startPage(c echo.Context, campaign survey.Campaign) (templates.FormPage, error) {
	who, ctx := staffOf(c), c.Request().Context()
	ahead, err := s.Store.CampaignAhead(ctx, campaign.ID)
	if err != nil {
		return templates.FormPage{}, err
	}
	facts, err := s.startFacts(c, campaign, ahead)
	if err != nil {
		return templates.FormPage{}, err
	}
	last, told, err := s.lastMailDetail(ctx, campaign)
	if err != nil {
		return templates.FormPage{}, err
	}
	facts = append(facts, told...)
	p := templates.FormPage{Base: s.turnBase(c, campaign, "Start"), Eyebrow: who.wave.Title, Facts: facts,
		Heading: "Send " + counted(ahead.Queued, strings.ToLower(mailKindName(campaign.Kind)), strings.ToLower(mailKindName(campaign.Kind))+"s") + " now?",
		Lead:    "What has left can not be called back. The sending can be paused at any time.",
		Form: templates.Form{Submit: fmt.Sprintf("Start: send to %s", counted(ahead.Queued, "person", "people")), Danger: true,
			Cancel: &templates.Link{Text: "Not now", URL: s.mailingsPath(c, "/"+string(campaign.ID))}}}
	if !last.IsZero() && s.Now().Sub(last) < soonAgain {
		p.Form.Fields = []templates.Field{{Kind: templates.CheckField, Name: againField, Value: "yes", Label: "Remind them, though the last mail to them left less than a day ago, " + who.moment(last)}}
	}
	if s.MailBase == "" {
		p.Notes = append(p.Notes, "No mail server is set up for this installation: messages are written to files in the folder outbox, and nobody gets them. An administrator sets one up with --smtp.")
	}
	if who.wave.State(s.Now()) == survey.WavePlanned {
		p.Notes = append(p.Notes, "The wave has not opened: until "+who.moment(who.wave.OpensAt)+" whoever follows a link reads that it is not open yet.")
	}
	return p, nil
}

// againField is the box of whoever reminds people soon after the last mail.
const againField = "again"

// unsureStart is the page that starts a reminder, with its box to be ticked; nil: there
// is none, or it is.
func (s *Server) unsureStart(c echo.Context, campaign survey.Campaign, form url.Values) (*templates.FormPage, error) {
	if campaign.Kind != survey.ReminderMail || campaign.Status != survey.CampaignPlanned || has(form, againField, "yes") {
		return nil, nil
	}
	p, err := s.startPage(c, campaign)
	if err != nil || len(p.Form.Fields) == 0 {
		return nil, err
	}
	p.Form.Fields[0].Problem = "Please tick this to send a reminder so soon. Nothing was sent."
	return &p, nil
}

// mostNamed is how many organizations are named in a sentence.
const mostNamed = 8

func (s *Server) startFacts(c echo.Context, campaign survey.Campaign, ahead survey.CampaignCounts) ([]templates.Detail, error) {
	names, err := s.campaignOrganizations(c, campaign)
	if err != nil {
		return nil, err
	}
	took := time.Duration(ahead.Queued) * time.Minute / time.Duration(campaign.PerMinute)
	until := momentDetail("Until", s.Now().Add(took).Truncate(time.Minute).Add(time.Minute), "")
	until.Small = "at this rate, unless the mail server is slower; nothing leaves after the wave has closed"
	facts := []templates.Detail{{Name: "Messages", Value: thousands(ahead.Queued), Small: ahead.LeftOut()}, {Name: "Organizations", Value: names},
		{Name: "Rate", Value: thousands(campaign.PerMinute) + " a minute"}, until}
	if s.MailFrom.Email != "" {
		facts = append(facts, templates.Detail{Name: "Sender", Value: staffOf(c).study.SenderName(s.MailFrom.Name) + " <" + s.MailFrom.Email + ">", Small: "answers go to the contact of the study where it is an address"})
	}
	return facts, nil
}

// campaignOrganizations names the organizations that a sending is about.
func (s *Server) campaignOrganizations(c echo.Context, campaign survey.Campaign) (string, error) {
	all, err := s.Store.Organizations(c.Request().Context(), staffOf(c).study.ID)
	if err != nil {
		return "", err
	}
	if len(campaign.Organizations) == 0 {
		return fmt.Sprintf("all of the study, %d", len(all)), nil
	}
	var names []string
	for _, o := range all {
		if slices.Contains(campaign.Organizations, o.ID) {
			names = append(names, o.Name)
		}
	}
	if more := len(names) - mostNamed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamed], ", "), more), nil
	}
	return strings.Join(names, ", "), nil
}

// turnMailing starts, pauses, resumes or cancels a sending, or settles one message.
func (s *Server) turnMailing(c echo.Context) error {
	campaign, err := s.campaignOf(c)
	if err != nil {
		return err
	}
	form := url.Values{}
	if c.Request().ContentLength != 0 {
		if form, err = readForm(c); err != nil {
			return err
		}
	}
	turn := c.Param("turn")
	if turn == "start" {
		p, err := s.unsureStart(c, campaign, form)
		if err != nil {
			return err
		}
		if p != nil {
			return showForm(c, *p)
		}
	}
	who := staffOf(c)
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.CampaignDeed("mailing."+turn, who.wave, campaign))
	notice := ""
	switch turn {
	case "start":
		notice = "The sending has started."
		_, err = s.Store.StartCampaign(ctx, campaign.ID)
	case "pause":
		notice = "The sending pauses."
		_, err = s.Store.PauseCampaign(ctx, campaign.ID)
	case "resume":
		notice = "The sending goes on."
		_, err = s.Store.ResumeCampaign(ctx, campaign.ID)
	case "cancel":
		notice = "The sending is cancelled."
		_, err = s.Store.CancelCampaign(ctx, campaign.ID)
	case "again", "leave":
		notice = "Settled."
		err = s.settleMail(c, campaign, survey.MailID(one(form, "mail")), turn == "again")
	default:
		err = notYours()
	}
	if err != nil {
		return err
	}
	return s.seeNotice(c, s.mailingsPath(c, "/"+string(campaign.ID)), notice)
}

// settleMail decides on an uncertain message of this campaign.
func (s *Server) settleMail(c echo.Context, campaign survey.Campaign, id survey.MailID, again bool) error {
	mails, err := s.Store.CampaignMails(c.Request().Context(), campaign.ID, store.MailListPage{Status: survey.MailUncertain, Limit: 1 << 20})
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(mails, func(m store.CampaignMail) bool { return m.ID == id }) {
		return survey.Errorf(survey.NotFound, "this message is not one of those in doubt: perhaps somebody has settled it already")
	}
	return s.Store.DecideMail(s.auditWave(c, "mailing.settle"), id, again)
}
