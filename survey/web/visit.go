package web

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/words"
	"github.com/salesbench/salesbench/templates"
)

// place is where answers belong: what a link leads to.
type place struct {
	wave         *survey.Wave
	study        *survey.Study
	organization *survey.Organization
	instrument   *survey.Instrument
}

// visit is one respondent with their link.
type visit struct {
	place
	token      string
	link       auth.Hash          // of the token
	recalled   bool               // what follows is from memory: another replica may know of a later draft
	invitation *survey.Invitation // shared, zero where the draft was begun from an open link
	draft      survey.Draft
	started    bool
	submitted  bool
	kept       *store.Kept // what was submitted, where it is known already
	books      *booklets
	book       *booklet         // of the draft as it is now; see booklet
	shown      []survey.Shown   // the path of the draft as it is now; see path
	response   *survey.Response // see fillSubmitted
	receipt    survey.Receipt   // see fillSubmitted
}

// noInvitation is that of whoever has an open link.
var noInvitation = new(survey.Invitation)

// personal says whether the link was given to one person.
func (v *visit) personal() bool { return v.invitation.ID != "" }

// at is an address of this visit's pages.
func (v *visit) at(page string) string {
	if page == "" {
		return "/r/" + v.token
	}
	return "/r/" + v.token + "/" + page
}

// then is the address of a page to go to after something was kept: it names the
// version that must be seen there.
func (v *visit) then(page string) string {
	if v.draft.Version == 0 {
		return v.at(page)
	}
	return v.at(page) + versionQuery + strconv.Itoa(v.draft.Version)
}

func (v *visit) sectionAt(section int) string { return v.then(sectionLink(section)[len("./"):]) }

// sectionLink is the address of a page of questions, seen from review and saved.
// Pages do not hold the token, so that they are the same for many people.
func sectionLink(section int) string { return "./s/" + strconv.Itoa(section+1) }

// tokenOf reads the token of the address. What can not be one is refused
// without asking the database.
func tokenOf(c echo.Context) (string, error) {
	token := strings.ToLower(strings.TrimSpace(c.Param("token")))
	if !auth.LooksLikeToken(token) {
		return "", unknownLink()
	}
	return token, nil
}

// visit finds out whose link this is and how far they are, from memory where the
// address names no later version of the draft. What is a moment old is harmless:
// it shows a page as it was, and whoever saves is checked by the transaction.
func (s *Server) visit(c echo.Context) (*visit, error) {
	token, err := tokenOf(c)
	if err != nil {
		return nil, err
	}
	link := auth.HashToken(token)
	if e, ok := s.Intake.Recall(link); ok && (e.Submitted || e.Draft.Version >= versionIn(c.Request().URL.RawQuery)) {
		return s.newVisit(token, link, e, true), nil
	}
	return s.enter(c, token, link)
}

// visitNow is visit for what must not be a moment old: whether the answers are
// submitted. That they are does not change any more.
func (s *Server) visitNow(c echo.Context) (*visit, error) {
	token, err := tokenOf(c)
	if err != nil {
		return nil, err
	}
	link := auth.HashToken(token)
	if e, ok := s.Intake.Recall(link); ok && e.Submitted {
		return s.newVisit(token, link, e, true), nil
	}
	return s.enter(c, token, link)
}

func (s *Server) enter(c echo.Context, token string, link auth.Hash) (*visit, error) {
	e, err := s.Intake.Enter(c.Request().Context(), link)
	if err != nil {
		return nil, err
	}
	return s.newVisit(token, link, &e, false), nil
}

func (s *Server) newVisit(token string, link auth.Hash, e *store.Entrance, recalled bool) *visit {
	return &visit{place: placeOf(e.Place), token: token, link: link, recalled: recalled, books: &s.booklets, invitation: &e.Invitation,
		draft: e.Draft, started: e.Started, submitted: e.Submitted, kept: e.Kept}
}

// versionQuery goes before the version of the draft in the address of the page
// that follows a save, so that every replica knows how much it has to know.
const versionQuery = "?v="

// versionIn reads the version out of the query; what is none asks for nothing.
func versionIn(query string) int {
	text, found := strings.CutPrefix(query, versionQuery[1:])
	if !found {
		return 0
	}
	text, _, _ = strings.Cut(text, "&")
	version, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return version
}

// fillSubmitted finds the receipt of a link that has done its work.
func (s *Server) fillSubmitted(ctx context.Context, v *visit) error {
	kept, err := s.keptOf(ctx, v)
	if err != nil {
		return err
	}
	v.receipt, v.response = kept.Receipt, kept.Response
	return nil
}

func (s *Server) keptOf(ctx context.Context, v *visit) (store.Kept, error) {
	if v.kept != nil {
		return *v.kept, nil
	}
	if v.personal() {
		kept, err := s.Store.ResponseByInvitation(ctx, v.invitation.WaveID, v.invitation.ID)
		if survey.KindOf(err) == survey.NotFound {
			err = explained{kind: survey.Closed, detail: "erased"}
		}
		return kept, err
	}
	kept, err := s.Store.ResponseByToken(ctx, v.link)
	if survey.KindOf(err) == survey.NotFound {
		err = unknownLink()
	}
	return kept, err
}

func placeOf(p *store.Place) place {
	return place{wave: &p.Wave, study: &p.Study, organization: &p.Organization, instrument: p.Instrument}
}

// open says in words why answers can not be given at the moment, or nil.
func (p place) open(now time.Time) error {
	switch p.wave.State(now) {
	case survey.WavePlanned:
		return notOpenYet{p.wave.Local(p.wave.OpensAt)}
	case survey.WaveClosed:
		return explained{kind: survey.Closed, detail: "closed_since", when: p.wave.Local(p.wave.ClosesAt)}
	}
	return nil
}

// open is that of the place, but that a draft has the time of late answers.
func (v *visit) open(now time.Time) error {
	if v.started && v.wave.TakesDrafts(now) {
		return nil
	}
	return v.place.open(now)
}

// closes is the last moment, or none.
func (p place) closes(l *words.Language) templates.Moment { return p.instant(l, p.wave.ClosesAt) }

// instant is a point in time in the zone of the wave.
func (p place) instant(l *words.Language, t time.Time) templates.Moment {
	return instant(l, p.wave.Local(t))
}

// late is until when drafts can be sent after that, or nothing.
func (p place) late(l *words.Language) templates.Moment {
	if p.wave.LateHours == 0 {
		return templates.Moment{}
	}
	return p.instant(l, p.wave.LateUntil())
}

// role is the role the questions are worded for.
func (v *visit) role() string {
	if r := v.instrument.RoleOf(v.draft.Answers); r != "" {
		return r
	}
	return v.draft.Role
}

// pathKnown says whether the pages are all known: the role decides on them.
func (v *visit) pathKnown() bool { return v.booklet().known }

// booklet is the questionnaire in the role and language of the draft.
func (v *visit) booklet() *booklet {
	if v.book == nil {
		v.book = v.books.of(v.instrument, v.role(), v.draft.Language)
	}
	return v.book
}

// path is the way through the questionnaire with what is saved. Nobody may change it.
func (v *visit) path() []survey.Shown {
	if v.shown == nil {
		v.shown = v.booklet().pathOf(v.draft.Answers)
	}
	return v.shown
}

// took replaces the draft by what was saved.
func (v *visit) took(draft survey.Draft) { v.draft, v.book, v.shown = draft, nil, nil }

// seen is the name of what is saved on a page, as it stands in the form.
func (v *visit) seen(section int) string {
	digest := uint64(nothingSeen)
	for _, shown := range v.path() {
		if shown.Section == section {
			digest = v.booklet().seen(shown.Items, v.draft.Answers)
		}
	}
	return string(appendSeen(nil, digest))
}

// resumeAt is the first page with a question that was never looked at or must
// be answered; without one it is the review.
func (v *visit) resumeAt() string { return v.then(v.resumeLink()[len("./"):]) }

// resumeLink is resumeAt, seen from the pages of this visit.
func (v *visit) resumeLink() string {
	for _, shown := range v.path() {
		for _, item := range shown.Items {
			if v.unfinished(item) {
				return sectionLink(shown.Section)
			}
		}
	}
	return "./review"
}

func (v *visit) unfinished(item *survey.Item) bool {
	for _, field := range v.instrument.ItemFields(item) {
		switch v.draft.Answers[field.Index].State {
		case survey.NotShown:
			return true
		case survey.Skipped:
			return item.Required
		}
	}
	return false
}
