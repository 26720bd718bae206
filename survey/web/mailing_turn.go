package web

import (
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
		return s.askStart(c, campaign)
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

// askStart says what leaves for whom, how fast and until when.
func (s *Server) askStart(c echo.Context, campaign survey.Campaign) error {
	who, ctx := staffOf(c), c.Request().Context()
	ahead, err := s.Store.CampaignAhead(ctx, campaign.ID)
	if err != nil {
		return err
	}
	facts, err := s.startFacts(c, campaign, ahead)
	if err != nil {
		return err
	}
	p := templates.FormPage{Base: s.turnBase(c, campaign, "Start"), Eyebrow: who.wave.Title, Facts: facts,
		Heading: "Send " + counted(ahead.Queued, strings.ToLower(mailKindName(campaign.Kind)), strings.ToLower(mailKindName(campaign.Kind))+"s") + " now?",
		Lead:    "What has left can not be called back. The sending can be paused at any time.",
		Form: templates.Form{Submit: fmt.Sprintf("Start: send to %s", counted(ahead.Queued, "person", "people")), Danger: true,
			Cancel: &templates.Link{Text: "Not now", URL: s.mailingsPath(c, "/"+string(campaign.ID))}}}
	if s.MailBase == "" {
		p.Notes = append(p.Notes, "No mail server is set up for this installation: messages are written to files in the folder outbox, and nobody gets them. An administrator sets one up with --smtp.")
	}
	if who.wave.State(s.Now()) == survey.WavePlanned {
		p.Notes = append(p.Notes, "The wave has not opened: until "+who.moment(who.wave.OpensAt)+" whoever follows a link reads that it is not open yet.")
	}
	return page(c, http.StatusOK, p)
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
