package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/templates"
)

// respondRoutes are the respondent's journey. The token in the address is the
// key; there are no cookies.
func (s *Server) respondRoutes() []route {
	return []route{
		{http.MethodGet, optOutRoute, linkOwner, s.showOptOut},
		{http.MethodPost, optOutRoute, linkOwner, s.optOut},

		{http.MethodGet, "/o/:token", linkOwner, s.openLink},
		{http.MethodPost, "/o/:token", linkOwner, s.startFromOpenLink},
		{http.MethodGet, "/o/:token/qr", linkOwner, s.poster},

		{http.MethodGet, "/r/:token", linkOwner, s.arrive},
		{http.MethodPost, "/r/:token", linkOwner, s.start},
		{http.MethodGet, "/r/:token/s/:n", linkOwner, s.showSection},
		{http.MethodPost, "/r/:token/s/:n", linkOwner, s.saveSection},
		{http.MethodGet, "/r/:token/saved", linkOwner, s.saved},
		{http.MethodGet, "/r/:token/review", linkOwner, s.review},
		{http.MethodPost, "/r/:token/language", linkOwner, s.chooseLanguage},
		{http.MethodPost, "/r/:token/submit", linkOwner, s.submit},
		{http.MethodGet, "/r/:token/submit", linkOwner, s.toReview},
		{http.MethodGet, "/r/:token/receipt", linkOwner, s.receipt},
		{http.MethodGet, "/r/:token" + answersPage, linkOwner, s.ownAnswers},
		{http.MethodGet, "/r/:token" + answersData, linkOwner, s.ownAnswers},
		{http.MethodPost, "/r/:token" + answersPage, linkOwner, s.ownAnswersBack},
		{http.MethodPost, "/r/:token" + answersData, linkOwner, s.ownAnswersBack},
	}
}

// see sends the browser on after something was kept, so that a reload repeats nothing.
func see(c echo.Context, address string) error { return c.Redirect(http.StatusSeeOther, address) }

// openLink shows the consent page of an organization's open link.
func (s *Server) openLink(c echo.Context) error {
	_, p, _, err := s.openPlace(c)
	if err != nil {
		return err
	}
	if err := p.open(s.Now()); err != nil {
		return err
	}
	return s.sendConsent(c, p, auth.NewToken())
}

// openPlace finds out where an open link leads.
func (s *Server) openPlace(c echo.Context) (string, place, survey.OpenLink, error) {
	token, err := tokenOf(c)
	if err != nil {
		return "", place{}, survey.OpenLink{}, err
	}
	link, p, err := s.Store.OpenEntrance(c.Request().Context(), auth.HashToken(token))
	if !link.RevokedAt.IsZero() {
		return "", place{}, link, withdrawn{}
	}
	if err != nil {
		return "", place{}, link, err
	}
	return token, placeOf(p), link, nil
}

// startFromOpenLink begins a draft. The consent page brought the token with
// which the draft is resumed, so a second click finds the first one's draft.
func (s *Server) startFromOpenLink(c echo.Context) error {
	_, p, link, err := s.openPlace(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, err := s.beginOpen(c, p, link, form)
	if err != nil {
		return err
	}
	if !v.started {
		return see(c, v.at(""))
	}
	return see(c, v.resumeAt())
}

// beginOpen begins the draft of an open link under the token that the form brings.
// Where it was begun before, the visit is not started.
func (s *Server) beginOpen(c echo.Context, p place, open survey.OpenLink, form url.Values) (*visit, error) {
	if err := p.open(s.Now()); err != nil {
		return nil, err
	}
	resume := form.Get("start")
	if !auth.LooksLikeToken(resume) {
		return nil, explained{kind: survey.Invalid, detail: "incomplete"}
	}
	draft := survey.Draft{WaveID: open.WaveID, OrganizationID: open.OrganizationID, TeamID: open.TeamID, Language: languageOf(p, form.Get("language"))}
	v := &visit{place: p, token: resume, link: auth.HashToken(resume), invitation: noInvitation, books: &s.booklets}
	var err error
	v.draft, err = s.Intake.StartDraft(c.Request().Context(), v.link, draft)
	v.started = err == nil
	if survey.KindOf(err) == survey.Conflict {
		err = nil
	}
	return v, err
}

// arrive is where a personal link, or the link of a draft, leads.
func (s *Server) arrive(c echo.Context) error {
	v, err := s.visitNow(c)
	switch {
	case err != nil:
		return err
	case v.submitted:
		return see(c, v.at("receipt"))
	}
	if err := v.open(s.Now()); err != nil {
		return err
	}
	if v.started {
		return see(c, v.resumeAt())
	}
	// It is the same for many people; whoever has begun is sent on from here.
	c.Response().Header().Set("Cache-Control", "private, no-cache")
	return s.sendConsent(c, v.place, "")
}

// start begins the draft of an invitation, or finds the one that is there.
func (s *Server) start(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if v.submitted || v.started {
		return see(c, v.at(""))
	}
	if err := v.open(s.Now()); err != nil {
		return err
	}
	draft := survey.Draft{WaveID: v.wave.ID, OrganizationID: v.organization.ID, TeamID: v.invitation.TeamID,
		InvitationID: v.invitation.ID, Language: languageOf(v.place, form.Get("language"))}
	v.draft, err = s.Intake.StartDraft(c.Request().Context(), v.link, draft)
	if survey.KindOf(err) == survey.Conflict {
		return see(c, v.at(""))
	}
	if err != nil {
		return err
	}
	return see(c, v.resumeAt())
}

// sendConsent sends the page before the first question. It carries its style:
// nothing of this site may be at hand.
func (s *Server) sendConsent(c echo.Context, p place, startKey string) error {
	b := s.booklets.of(p.instrument, "", languageAsked(c.Request(), p.instrument.Languages))
	facts := strings.Join([]string{p.study.Title, p.study.Purpose, string(p.study.Purposes), p.study.Contact, p.organization.Name, p.closes(b.words).ISO,
		p.late(b.words).ISO, p.wave.Zone, string(p.wave.Mode), p.wave.Seal}, "\x00")
	key := sheetKey{booklet: b, kind: consentSheet, keep: startKey != "", variant: int32(p.wave.MinimumGroup), words: facts}
	sheet, err := s.shelf.find(key, func(key sheetKey) (*sheet, error) {
		page := s.consent(b, p, "")
		if key.keep {
			page = s.consent(b, p, marked(0))
		}
		html, err := templates.Render(page)
		if err != nil {
			return nil, err
		}
		return newSheet(html, []blank{markOf(0, auth.TokenLength)}), nil
	})
	if err != nil {
		return err
	}
	composer := newComposer()
	defer composer.release()
	c.Response().Header()["Vary"] = varyLanguage
	return composer.sendWhole(c, sheet, [][]byte{[]byte(startKey)})
}

// consent is the page before the first question.
func (s *Server) consent(b *booklet, p place, startKey string) templates.Consent {
	effort := s.effortOf(p.instrument)
	c := templates.Consent{Base: b.base(p.study.Title, templates.Tongues{ByLink: true}), Study: p.study.Title, Organization: p.organization.Name,
		Purpose: p.study.PurposeIn(b.words.Tag()), Contact: p.study.Contact, MinimumGroup: p.wave.MinimumGroup,
		Items: effort.items.of(b.words, "questions_span"), Minutes: effort.minutes.of(b.words, "minutes_span"),
		Closes: p.closes(b.words), Late: p.late(b.words), Personal: startKey == "", Anonymous: p.wave.Mode == survey.Anonymous,
		Instrument: p.wave.InstrumentHash, Seal: p.wave.Seal, StartKey: startKey}
	c.Inline = true
	if c.Closes.Words != "" {
		c.Scripts = []string{"time.js"}
	}
	return c
}

// saved says that the draft is kept and how to come back to it.
func (s *Server) saved(c echo.Context) error {
	v, err := s.atWork(c)
	if err != nil || v == nil {
		return err
	}
	answered, total := 0, 0
	if v.pathKnown() {
		answered, total = v.answered()
	}
	key := sheetKey{booklet: v.booklet(), kind: savedSheet, inline: fromElsewhere(c.Request()), variant: int32(answered), left: int32(total),
		words: v.resumeLink() + "\x00" + v.wave.Zone + "\x00" + v.closes(v.booklet().words).ISO}
	sheet, err := s.shelf.find(key, func(key sheetKey) (*sheet, error) {
		html, err := templates.Render(v.savedPage(key, marked(0)))
		if err != nil {
			return nil, err
		}
		return newSheet(html, []blank{markOf(0, 0)}), nil
	})
	if err != nil {
		return err
	}
	composer := newComposer()
	defer composer.release()
	return composer.sendWhole(c, sheet, [][]byte{composer.escaped(s.address(c) + v.at(""))})
}

// savedPage says what the key names.
func (v *visit) savedPage(key sheetKey, link string) templates.Saved {
	b := v.booklet()
	p := templates.Saved{Base: b.base(b.words.Say("saved_title"), templates.Tongues{ByForm: true, Page: "saved"}), Link: link, Continue: v.resumeLink(),
		Closes: v.closes(b.words), Answered: int(key.variant), Total: int(key.left)}
	p.Scripts, p.Inline = []string{"respond.js", "time.js"}, key.inline
	return p
}

// answered counts the questions that are answered and all there are.
func (v *visit) answered() (answered, total int) {
	for _, shown := range v.path() {
		for _, item := range shown.Items {
			total++
			if !isOpen(v.instrument, item, v.draft.Answers) {
				answered++
			}
		}
	}
	return answered, total
}

// atWork finds the draft of whoever is answering. Whoever has not begun, or has
// sent their answers, is sent on; then the visit is nil.
func (s *Server) atWork(c echo.Context) (*visit, error) {
	v, err := s.visit(c)
	if err != nil {
		return nil, err
	}
	if v.submitted || !v.started {
		return nil, see(c, v.at(""))
	}
	if err := v.open(s.Now()); err != nil {
		return nil, err
	}
	return v, nil
}

// isOpen says whether nobody has answered the item, not even by "don't know".
func isOpen(in *survey.Instrument, item *survey.Item, answers survey.Answers) bool {
	return !slices.ContainsFunc(in.ItemFields(item), func(f survey.Field) bool {
		return answers[f.Index].State != survey.NotShown && answers[f.Index].State != survey.Skipped
	})
}
