package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// mailingRoutes are the pages on which invitations and reminders are sent.
func (s *Server) mailingRoutes() []route {
	const wave = "/studies/:study/waves/:wave"
	return []route{
		{http.MethodGet, wave + "/mailings", linkOwner, s.mailings},
		{http.MethodGet, wave + "/mailings/new", linkOwner, s.askNewMailing},
		{http.MethodPost, wave + "/mailings/new", linkOwner, s.newMailing},
		{http.MethodGet, wave + "/mailings/:campaign", linkOwner, s.mailing},
		{http.MethodGet, wave + "/mailings/:campaign/:turn", linkOwner, s.askTurn},
		{http.MethodPost, wave + "/mailings/:campaign/:turn", linkOwner, s.turnMailing},
		{http.MethodGet, wave + "/mail-texts/:kind/:language", linkOwner, s.askMailText},
		{http.MethodPost, wave + "/mail-texts/:kind/:language", linkOwner, s.putMailText},
		{http.MethodGet, wave + "/mail-texts/:kind/:language/preview", linkOwner, s.mailPreview},
	}
}

func (s *Server) mailingsPath(c echo.Context, part string) string {
	who := staffOf(c)
	return wavePath(who.study, who.wave, "/mailings"+part)
}

func (s *Server) mailingsCrumb(c echo.Context) templates.Link {
	return templates.Link{Text: "Mailings", URL: s.mailingsPath(c, "")}
}

// mailKinds are what a campaign can send.
var mailKinds = []struct {
	kind survey.MailKind
	name string
}{{survey.InvitationMail, "Invitation"}, {survey.ReminderMail, "Reminder"}}

func mailKindName(kind survey.MailKind) string {
	for _, k := range mailKinds {
		if k.kind == kind {
			return k.name
		}
	}
	return string(kind)
}

// reaches says whether the person may see a campaign: a coordinator sees those that
// are about the own organizations alone.
func (p staff) reaches(campaign survey.Campaign) bool {
	if !p.place.Role.Bound() {
		return true
	}
	for _, o := range campaign.Organizations {
		if !p.place.For(o) {
			return false
		}
	}
	return len(campaign.Organizations) > 0
}

// touched says whether a campaign is also about an organization of the person.
func (p staff) touched(campaign survey.Campaign) bool {
	return len(campaign.Organizations) == 0 || slices.ContainsFunc(campaign.Organizations, p.place.For)
}

// mailings lists the sendings of a wave, and the texts.
func (s *Server) mailings(c echo.Context) error {
	who, ctx := staffOf(c), c.Request().Context()
	campaigns, err := s.Store.Campaigns(ctx, who.wave.ID)
	if err != nil {
		return err
	}
	list := templates.List{ID: "mailings", Caption: "Sendings", Empty: "Nothing was sent yet. First comes the roster, then a sending of invitations; reminders go only to those who have not answered.",
		Head: []templates.ListHead{{Text: "What"}, {Text: "State"}, {Text: "Begins"}, {Text: "People", Num: true}, {Text: "Sent", Num: true}, {Text: "Not delivered", Num: true}, {Text: "To come", Num: true}}}
	var others []string
	for _, campaign := range campaigns {
		if !who.reaches(campaign) {
			if !campaign.StartedAt.IsZero() && who.touched(campaign) {
				others = append(others, "“"+mailKindName(campaign.Kind)+"”, begun "+who.moment(campaign.StartedAt))
			}
			continue
		}
		n, err := s.campaignCounts(ctx, campaign)
		if err != nil {
			return err
		}
		begins := momentCell(campaign.StartedAt)
		if campaign.StartedAt.IsZero() && !campaign.ScheduledAt.IsZero() {
			begins = momentCell(campaign.ScheduledAt)
		}
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: mailKindName(campaign.Kind), URL: s.mailingsPath(c, "/"+string(campaign.ID))},
			campaignCell(campaign.Status), begins, number(n.Total()), number(n.Sent), number(n.Failed + n.Bounced + n.Uncertain), number(n.Open())}})
	}
	section := templates.ListSection{List: list}
	if len(others) > 0 {
		section.Words = "The study itself has sent to your organizations too: " + strings.Join(others, "; ") + ". The roster says how far your people are."
		section.List.Empty = "No sending of your own yet. Reminders go only to those who have not answered."
	}
	p := templates.ListPage{Base: s.staffBase(c, "Mailings", s.mailingsCrumb(c)), Heading: "Mailings", Lists: []templates.ListSection{section}}
	if s.mayOpen(c, "/studies/:study/waves/:wave/mailings/new") {
		p.Buttons = append(p.Buttons, templates.Link{Text: "New sending", URL: s.mailingsPath(c, "/new"), Current: true})
	}
	if s.mayOpen(c, "/studies/:study/waves/:wave/mail-texts/:kind/:language") {
		section, err := s.textsSection(c)
		if err != nil {
			return err
		}
		p.Lists = append(p.Lists, section)
	}
	return page(c, http.StatusOK, p)
}

func number(n int) templates.ListCell { return templates.ListCell{Text: thousands(n), Num: true} }

func campaignCell(status survey.CampaignStatus) templates.ListCell {
	return templates.ListCell{Text: string(status), Tag: map[survey.CampaignStatus]string{survey.CampaignRunning: "good", survey.CampaignPaused: "warn",
		survey.CampaignPlanned: "plain", survey.CampaignDone: "quiet", survey.CampaignCancelled: "quiet"}[status]}
}

// campaignForm is the form of a new sending.
func (s *Server) campaignForm(c echo.Context) (templates.FormPage, error) {
	organizations, err := s.ownOrganizations(c)
	if err != nil {
		return templates.FormPage{}, err
	}
	kind := templates.Field{Kind: templates.RadioField, Name: "kind", Label: "What is sent", Required: true, Options: []templates.Choice{
		{Value: string(survey.InvitationMail), Label: "Invitations, to everybody who has not got one yet", Checked: true},
		{Value: string(survey.ReminderMail), Label: "Reminders, to those who have not answered when their turn comes"}}}
	begins := momentField("begins", "Begins", time.Time{})
	begins.Hint = "Empty: when you press “Start” on the next page."
	bound := staffOf(c).place.Role.Bound()
	chosen := organizationPick(organizations, func(survey.Organization) bool { return bound })
	chosen.Label, chosen.Hint = "Only to these organizations", "None chosen: to all."
	if bound {
		chosen.Label, chosen.Hint, chosen.Required = "Organizations", "", true
	}
	p := templates.FormPage{Base: s.staffBase(c, "New sending", s.mailingsCrumb(c), templates.Link{Text: "New", URL: s.mailingsPath(c, "/new")}), Heading: "New sending",
		Lead: "Nobody gets mail who has ended it, whose address came back, or who has answered.",
		Form: templates.Form{Submit: "Plan the sending", Cancel: &templates.Link{Text: "Cancel", URL: s.mailingsPath(c, "")}, Fields: []templates.Field{kind, begins,
			{Kind: templates.NumberField, Name: "rate", Label: "Rate", Value: fmt.Sprint(store.DefaultPerMinute), Unit: "messages a minute", Required: true,
				Hint: fmt.Sprintf("1 to %d, over all replicas. Mail servers take whoever is faster than they expect for a source of spam.", store.HighestPerMinute)}, chosen}}}
	p.Scripts = append(p.Scripts, "pick.js")
	return p, nil
}

// ownOrganizations are those of the study that the person is there for.
func (s *Server) ownOrganizations(c echo.Context) ([]survey.Organization, error) {
	who := staffOf(c)
	all, err := s.Store.Organizations(c.Request().Context(), who.study.ID)
	all = slices.DeleteFunc(all, func(o survey.Organization) bool { return !who.place.For(o.ID) })
	inOrder(all, organizationNames)
	return all, err
}

func (s *Server) askNewMailing(c echo.Context) error {
	p, err := s.campaignForm(c)
	if err != nil {
		return err
	}
	return showForm(c, p)
}

// newMailing plans a sending.
func (s *Server) newMailing(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	p, err := s.campaignForm(c)
	if err != nil {
		return err
	}
	showTypedForm(form, &p.Form)
	if picked(form, &p.Form) {
		return showForm(c, p)
	}
	who := staffOf(c)
	campaign := survey.Campaign{WaveID: who.wave.ID, Kind: survey.MailKind(one(form, "kind"))}
	campaign.ScheduledAt, err = typedMoment(form, "begins")
	_ = fieldProblem(&p.Form, "begins", err)
	campaign.PerMinute, err = typedCount(form, "rate", 1, store.HighestPerMinute)
	_ = fieldProblem(&p.Form, "rate", err)
	for _, id := range form["organization"] {
		campaign.Organizations = append(campaign.Organizations, survey.OrganizationID(id))
	}
	if !who.reaches(campaign) {
		_ = fieldProblem(&p.Form, "organization", survey.Errorf(survey.Invalid, "please choose among your organizations"))
	}
	if !wrong(p.Form) {
		campaign, err = s.Store.PlanCampaign(s.auditWave(c, "mailing.plan"), campaign)
		if err := fieldProblem(&p.Form, "begins", err); err != nil {
			return err
		}
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	return s.seeNotice(c, s.mailingsPath(c, "/"+string(campaign.ID)), "The sending is planned. Nothing has left yet.")
}

// campaignOf finds the campaign of the address. NotFound: also where the person may not see it.
func (s *Server) campaignOf(c echo.Context) (survey.Campaign, error) {
	campaign, err := s.Store.CampaignByID(c.Request().Context(), survey.CampaignID(c.Param("campaign")))
	if err == nil && (campaign.WaveID != staffOf(c).wave.ID || !staffOf(c).reaches(campaign)) {
		return campaign, notYours()
	}
	return campaign, err
}

// campaignCounts are the messages of a campaign; of one that is planned what would
// become of them if it began now.
func (s *Server) campaignCounts(ctx context.Context, campaign survey.Campaign) (survey.CampaignCounts, error) {
	if campaign.Status == survey.CampaignPlanned {
		return s.Store.CampaignAhead(ctx, campaign.ID)
	}
	return s.Store.CountCampaign(ctx, campaign.ID)
}

// mailing shows one sending: how far it is, and what did not arrive.
func (s *Server) mailing(c echo.Context) error {
	campaign, err := s.campaignOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	n, err := s.campaignCounts(ctx, campaign)
	if err != nil {
		return err
	}
	people, err := s.Store.CountPeople(ctx, campaign.ID)
	if err != nil {
		return err
	}
	if campaign.Status == survey.CampaignRunning {
		c.Response().Header().Set("Refresh", "5")
	}
	p := templates.ListPage{Base: s.staffBase(c, mailKindName(campaign.Kind), s.mailingsCrumb(c), templates.Link{Text: mailKindName(campaign.Kind), URL: s.mailingsPath(c, "/"+string(campaign.ID))}),
		Heading: mailKindName(campaign.Kind) + "s: " + string(campaign.Status), Lead: campaignLead(campaign, n, people), Facts: campaignDetails(campaign, n)}
	if campaign.Status != survey.CampaignPlanned && (campaign.QueuedAt.IsZero() || n.Open() > 0) {
		p.Progress = &templates.Progress{Done: n.Total() - n.Open(), Total: max(people, n.Total()), Words: thousands(n.Total()-n.Open()) + " of " + thousands(max(people, n.Total())) + " settled"}
	}
	if campaign.Status == survey.CampaignPlanned {
		_, told, err := s.lastMailDetail(ctx, campaign)
		if err != nil {
			return err
		}
		p.Facts = append(p.Facts, told...)
	}
	p.Lists = s.campaignTurns(c, campaign)
	if staffOf(c).is(survey.Administrator, survey.Coordinator) {
		troubled, err := s.troubled(c, campaign)
		if err != nil {
			return err
		}
		p.Lists = append(p.Lists, troubled...)
	}
	return page(c, http.StatusOK, p)
}

func campaignLead(campaign survey.Campaign, n survey.CampaignCounts, people int) string {
	switch campaign.Status {
	case survey.CampaignPlanned:
		lead := counted(n.Queued, "message", "messages") + " if it began now"
		if left := n.LeftOut(); left != "" {
			lead += "; " + left
		}
		if campaign.ScheduledAt.IsZero() {
			return lead + ". Nothing leaves before it is started."
		}
		return lead + ". It begins by itself at its time, and looks again then."
	case survey.CampaignRunning:
		return fmt.Sprintf("%s sent, %s to come.", thousands(n.Sent), thousands(n.Open()+max(0, people-n.Total())))
	}
	return fmt.Sprintf("%s sent.", thousands(n.Sent))
}

func campaignDetails(campaign survey.Campaign, n survey.CampaignCounts) []templates.Detail {
	if campaign.Status == survey.CampaignPlanned {
		n = survey.CampaignCounts{} // nothing has become of any message yet
	}
	details := []templates.Detail{{Name: "Rate", Value: thousands(campaign.PerMinute) + " a minute"}, momentDetail("Begins", campaign.ScheduledAt, "when it is started"),
		momentDetail("Started", campaign.StartedAt, "not yet"), momentDetail("Ended", campaign.EndedAt, "not yet")}
	for _, part := range []struct {
		name string
		n    int
	}{{"Sent", n.Sent}, {"To come", n.Open()}, {"Came back or refused for good", n.Bounced}, {"Given up", n.Failed}, {"Perhaps sent", n.Uncertain}, {"Want no mail", n.OptedOut},
		{"Had answered", n.Answered}, {"Invited before", n.Invited}, {"Wave was over", n.Closed}, {"Contact erased", n.Erased}, {"Cancelled", n.Cancelled}} {
		if part.n > 0 {
			details = append(details, templates.Detail{Name: part.name, Value: thousands(part.n)})
		}
	}
	return details
}

// troubled lists the messages that somebody should look at.
func (s *Server) troubled(c echo.Context, campaign survey.Campaign) ([]templates.ListSection, error) {
	var sections []templates.ListSection
	for _, part := range []struct {
		status  survey.MailStatus
		heading string
	}{{survey.MailUncertain, "Perhaps sent"}, {survey.MailFailed, "Given up"}, {survey.MailBounced, "Came back"}} {
		mails, err := s.Store.CampaignMails(c.Request().Context(), campaign.ID, store.MailListPage{Status: part.status, Limit: 200})
		if err != nil {
			return nil, err
		}
		if len(mails) == 0 {
			continue
		}
		list := templates.List{ID: "mails-" + string(part.status), Caption: part.heading, Head: []templates.ListHead{{Text: "To"}, {Text: "Reason"}, {Text: "When"}}}
		for _, m := range mails {
			row := templates.ListRow{Cells: []templates.ListCell{{Text: mailName(m), Small: m.Email}, {Text: m.Reason}, momentCell(m.EndedAt)}}
			if part.status == survey.MailUncertain {
				hidden := []templates.Hidden{{Name: "mail", Value: string(m.ID)}}
				row.Actions = []templates.Action{{Text: "Send again", Label: m.Email, URL: s.mailingsPath(c, "/"+string(campaign.ID)+"/again"), Hidden: hidden},
					{Text: "Leave it", Label: m.Email, URL: s.mailingsPath(c, "/"+string(campaign.ID)+"/leave"), Hidden: hidden}}
			}
			list.Rows = append(list.Rows, row)
		}
		section := templates.ListSection{Heading: part.heading, List: list}
		if part.status == survey.MailUncertain {
			section.Words = "The connection ended between the mail server's answer and our note. Nothing is sent twice by itself: you decide."
		}
		sections = append(sections, section)
	}
	return sections, nil
}

func mailName(m store.CampaignMail) string {
	switch {
	case m.Name != "":
		return m.Name
	case m.Reference != "":
		return m.Reference
	case m.Email == "":
		return "erased"
	}
	return m.Email
}

// thousands writes a count with a comma every three digits.
func thousands(n int) string { return survey.Thousands(n) }
