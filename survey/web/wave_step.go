package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// waveStand is how far a wave has come, as the page says what comes next.
type waveStand struct {
	organizations int
	invited       int
	withMail      int
	links         int               // open ones, that count
	invitations   int               // sendings of invitations that were not cancelled
	unsent        []survey.Campaign // those of them that have not begun
	answers       int
}

func (s *Server) waveStand(ctx context.Context, w survey.Wave) (waveStand, error) {
	var stand waveStand
	organizations, err := s.Store.Organizations(ctx, w.StudyID)
	if err != nil {
		return stand, err
	}
	stand.organizations = len(organizations)
	counts, err := s.Store.RosterCounts(ctx, w.ID)
	if err != nil {
		return stand, err
	}
	for _, n := range counts {
		stand.invited += n.Invited
		stand.withMail += n.WithMail
	}
	if stand.links, err = s.Store.CountOpenLinks(ctx, w.ID); err != nil {
		return stand, err
	}
	edition, err := s.Store.CountResponses(ctx, w.ID)
	if err != nil {
		return stand, err
	}
	stand.answers = edition.Responses
	campaigns, err := s.Store.Campaigns(ctx, w.ID)
	for _, campaign := range campaigns {
		if campaign.Kind != survey.InvitationMail || campaign.Status == survey.CampaignCancelled {
			continue
		}
		stand.invitations++
		if campaign.Status == survey.CampaignPlanned {
			stand.unsent = append(stand.unsent, campaign)
		}
	}
	return stand, err
}

// waveStep says what comes next in the wave for somebody of this role; nil: nothing
// that would be theirs to do.
func (s *Server) waveStep(c echo.Context, stand waveStand) *templates.Step {
	who := staffOf(c)
	step := &templates.Step{}
	switch who.wave.State(s.Now()) {
	case survey.WavePlanned:
		*step = s.plannedStep(c, stand)
	case survey.WaveOpen:
		*step = s.openStep(c, stand)
	default:
		*step = s.closedStep(c)
	}
	if step.Link.URL == "" {
		return nil
	}
	return step
}

// way is a link to a part of the wave, empty for whoever may not open it.
func (s *Server) way(c echo.Context, text, part string) templates.Link {
	who := staffOf(c)
	if !s.mayOpen(c, "/studies/:study/waves/:wave"+part) {
		return templates.Link{}
	}
	return templates.Link{Text: text, URL: wavePath(who.study, who.wave, part)}
}

// beside leaves out what the person may not open.
func beside(links ...templates.Link) []templates.Link {
	return slices.DeleteFunc(links, func(l templates.Link) bool { return l.URL == "" })
}

func (s *Server) plannedStep(c echo.Context, stand waveStand) templates.Step {
	who := staffOf(c)
	opening := s.way(c, "Check, then open", "/open")
	switch {
	case stand.organizations == 0 && who.is(runners.roles...):
		return templates.Step{Words: "Next: add the organizations that take part.", Link: templates.Link{Text: "Add organizations", URL: studyPath(who.study, "/organizations")}}
	case stand.invited == 0 && stand.links == 0:
		return templates.Step{Words: "Next: put the people to be asked on the roster, or make open links, by which anybody in an organization can answer.",
			Link: s.way(c, "Fill the roster", "/roster"), More: beside(s.way(c, "Make open links", "/links"))}
	case stand.withMail > 0 && stand.invitations == 0:
		return templates.Step{Words: "Next: look at the texts of the invitation and plan when it is sent. Then the wave can open.",
			Link: s.way(c, "Texts and sending", "/mailings"), More: beside(opening)}
	case opening.URL != "":
		return templates.Step{Words: "Next: look through everything once more. The wave opens by itself at the time below, or when you open it.", Link: opening}
	}
	return templates.Step{Words: "Everything is prepared. The wave opens at the time below.", Link: s.way(c, "Look at the mailings", "/mailings")}
}

func (s *Server) openStep(c echo.Context, stand waveStand) templates.Step {
	watch := s.way(c, "Watch the fieldwork", "/fieldwork")
	switch {
	case watch.URL == "":
		return s.resultStep(c, stand.coming()+shownWords(staffOf(c).wave, s.Now()))
	case stand.withMail > 0 && stand.invitations == 0:
		return templates.Step{Words: fmt.Sprintf("Next: send the invitations. Nobody of %s with an address has got one yet.", counted(stand.withMail, "person", "people")),
			Link: s.way(c, "Send invitations", "/mailings"), More: beside(watch)}
	case stand.invited == 0 && stand.links == 0:
		return templates.Step{Words: "The wave is open and nobody has a link yet. Next: put people on the roster, or make open links.",
			Link: s.way(c, "Fill the roster", "/roster"), More: beside(s.way(c, "Make open links", "/links"))}
	}
	if first := stand.toStart(staffOf(c)); first != nil {
		return s.startStep(c, *first, watch)
	}
	words := stand.coming() + "Next: see which groups will have enough of them, and remind those who have not answered."
	if staffOf(c).wave.ClosesAt.IsZero() {
		words += " The wave stays open until it is closed by hand."
	}
	return templates.Step{Words: words, Link: watch, More: beside(s.way(c, "Send reminders", "/mailings"))}
}

// coming says whether answers come.
func (n waveStand) coming() string {
	if n.answers == 0 {
		return "No answer has come in yet. "
	}
	return "Answers are coming in. "
}

// toStart is the oldest sending of invitations while none of them has begun; nil: one
// has, or the person may not start it.
func (n waveStand) toStart(who staff) *survey.Campaign {
	if n.withMail == 0 || len(n.unsent) == 0 || len(n.unsent) < n.invitations || !who.reaches(n.unsent[len(n.unsent)-1]) {
		return nil
	}
	return &n.unsent[len(n.unsent)-1]
}

// startStep leads to the invitations that are planned, of which none has left.
func (s *Server) startStep(c echo.Context, campaign survey.Campaign, watch templates.Link) templates.Step {
	step := templates.Step{Words: "The invitations are planned and none has left. Next: start them.",
		Link: s.way(c, "Start the invitations", "/mailings"), More: beside(watch)}
	if !campaign.ScheduledAt.IsZero() {
		step.Words = "The invitations are planned and none has left. They begin by themselves " + staffOf(c).moment(campaign.ScheduledAt) + ", or when you start them."
	}
	if step.Link.URL != "" {
		step.Link.URL += "/" + string(campaign.ID)
	}
	return step
}

// shownWords say from how many answers on results show an organization of an open wave.
func shownWords(w survey.Wave, now time.Time) string {
	if from := w.ShownFrom(now); from > 0 {
		return fmt.Sprintf("Results show an organization from %d answers on, and from %d when they are final.", from, w.MinimumGroup)
	}
	return fmt.Sprintf("Results of this anonymous wave are shown when it is over, of organizations with %d answers or more.", w.MinimumGroup)
}

func (s *Server) closedStep(c echo.Context) templates.Step {
	w, data := staffOf(c).wave, s.way(c, "Look through the data", "/data")
	switch {
	case data.URL == "" || w.Released(s.Now()):
		return s.resultStep(c, "The wave is over. Next: read the results.")
	case w.HeldAt.IsZero():
		return templates.Step{Words: "The wave is over; answers that were begun before still come for a while. Next: look for careless answers and leave out what should not count.", Link: data}
	}
	return templates.Step{Words: "The wave is over. Next: look for careless answers, leave out what should not count, then release the results.", Link: data}
}

// resultStep leads to the results that the person may read, if there are any.
func (s *Server) resultStep(c echo.Context, words string) templates.Step {
	links := s.resultLinks(c)
	if len(links) == 0 {
		return templates.Step{Words: words, Link: s.way(c, "Look at the fieldwork", "/fieldwork")}
	}
	return templates.Step{Words: words, Link: links[0], More: links[1:]}
}

// resultLinks are the results that the person may read: of the wave, or of the own
// organizations.
func (s *Server) resultLinks(c echo.Context) []templates.Link {
	who := staffOf(c)
	if who.is(readers.roles...) {
		return []templates.Link{{Text: "Read the results", URL: resultsPath(who.wave.Key, "")}}
	}
	if who.is(survey.Executive) {
		return s.ownResults(c)
	}
	return nil
}

// waveWays lead to the parts of a wave that the person's role includes.
func (s *Server) waveWays(c echo.Context) []templates.Way {
	who := staffOf(c)
	defined := []templates.Link{s.way(c, "Settings", "/settings")}
	if who.wave.State(s.Now()) != survey.WavePlanned {
		defined[0] = s.way(c, "Extend or close", "/end")
	}
	if s.mayOpen(c, "/studies/:study/documents") {
		defined = append(defined, templates.Link{Text: "Preview the questionnaire", URL: previewPath(who.study, who.wave.InstrumentHash, "")})
	}
	answers := append([]templates.Link{s.way(c, "Data and quality", "/data")}, s.resultLinks(c)...)
	var ways []templates.Way
	for _, way := range []templates.Way{
		{Heading: "Definition", Links: beside(append(defined, s.way(c, "Targets", "/targets"))...)},
		{Heading: "People", Links: beside(s.way(c, "Roster", "/roster"), s.way(c, "Open links", "/links"), s.way(c, "Mailings", "/mailings"))},
		{Heading: "Answers", Links: beside(append([]templates.Link{s.way(c, "Fieldwork", "/fieldwork")}, answers...)...)},
		{Heading: "Requests", Links: beside(s.way(c, "Erase a person", "/erase"))},
	} {
		if len(way.Links) > 0 {
			ways = append(ways, way)
		}
	}
	return ways
}
