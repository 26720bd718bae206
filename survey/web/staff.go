package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// staff is somebody with an account, as a request is answered for them.
type staff struct {
	user  survey.User
	study survey.Study      // that the address names; zero: none
	wave  survey.Wave       // that the address names; zero: none
	place survey.Membership // in the study; an administrator of the installation has the same role everywhere
}

const staffKey = "staff"

// staffOf is who the request is answered for. Only for routes that nobody reaches
// without an account.
func staffOf(c echo.Context) staff {
	who, _ := c.Get(staffKey).(staff)
	return who
}

// is says whether the person has one of the roles in the study.
func (p staff) is(roles ...survey.StaffRole) bool { return slices.Contains(roles, p.place.Role) }

// actor is how the audit log names the person.
func (p staff) actor(c echo.Context) survey.Actor {
	return survey.Actor{UserID: p.user.ID, Name: p.user.Email, Origin: c.RealIP()}
}

// notSignedIn asks a program for an account; a person is sent to the sign-in.
var notSignedIn = refused{failure{status: http.StatusUnauthorized, kind: "unauthenticated", heading: "Please sign in again",
	message: "Your session has ended, so nothing was changed.", advice: []string{"Sign in, then go back and send the form again."}}}

// nothingHere is what everybody reads who has no place in a study, whether there is
// one or not.
type nothingHere struct{ cause *survey.Error }

func (e nothingHere) Error() string { return e.cause.Error() }

func (e nothingHere) Unwrap() error { return e.cause }

func (e nothingHere) failure() failure {
	return failure{status: http.StatusNotFound, kind: survey.NotFound, heading: "There is nothing here for you", message: sentence(e.cause.Message),
		advice: []string{"Go to your studies, and from there to what you were looking for."}}
}

func notYours() error {
	return nothingHere{&survey.Error{Kind: survey.NotFound, Message: "there is nothing for you at this address: it does not exist, or your account has no role there"}}
}

// permit lets those through whom the table names, and tells the handler who it is.
func (s *Server) permit(p permission, next echo.HandlerFunc) echo.HandlerFunc {
	switch p.audience {
	case account, install, member:
	default:
		return next
	}
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-store")
		user, err := s.signedInUser(c)
		if err != nil {
			return err
		}
		if user.ID == "" {
			return s.askToSignIn(c)
		}
		who := staff{user: user}
		if p.audience == member {
			err = s.findPlace(c, &who)
		}
		c.Set(staffKey, who) // the page of an error leads on from what is known
		switch {
		case err != nil:
			return err
		case p.audience == install && !user.Administrator:
			return notYours()
		case p.audience == member && !who.is(p.roles...):
			return s.notYourRole(c, who, p.roles)
		}
		c.SetRequest(c.Request().WithContext(survey.WithZone(c.Request().Context(), who.zone())))
		return next(c)
	}
}

// askToSignIn leads a reader to the sign-in and back; a form that was sent is answered
// in place, by a page that keeps what was typed.
func (s *Server) askToSignIn(c echo.Context) error {
	if c.Request().Method != http.MethodGet || wantsJSON(c.Request()) {
		return notSignedIn
	}
	return see(c, "/sign-in?next="+url.QueryEscape(c.Request().URL.RequestURI()))
}

// findPlace looks up study and wave of the address and the person's role there.
func (s *Server) findPlace(c echo.Context, who *staff) error {
	ctx := c.Request().Context()
	study, err := s.Store.StudyByKey(ctx, c.Param("study"))
	if survey.KindOf(err) == survey.NotFound {
		return notYours()
	}
	if err != nil {
		return err
	}
	if who.place, err = s.placeIn(c, who.user, study.ID); err != nil {
		return err
	}
	who.study = study
	key := c.Param("wave")
	if key == "" {
		return nil
	}
	who.wave, err = s.Store.WaveByKey(ctx, key)
	if survey.KindOf(err) == survey.NotFound || err == nil && who.wave.StudyID != study.ID {
		return survey.Errorf(survey.NotFound, "this study has no wave %q", key)
	}
	return err
}

// placeIn is the person's role in the study. NotFound: none.
func (s *Server) placeIn(c echo.Context, user survey.User, study survey.StudyID) (survey.Membership, error) {
	if user.Administrator {
		return survey.Membership{UserID: user.ID, StudyID: study, Role: survey.Administrator}, nil
	}
	places, err := s.Store.MembershipsOf(c.Request().Context(), user.ID)
	if err != nil {
		return survey.Membership{}, err
	}
	for _, place := range places {
		if place.StudyID == study {
			return place, nil
		}
	}
	return survey.Membership{}, notYours()
}

// staffBase is the frame of a page for the person.
func (s *Server) staffBase(c echo.Context, title string, crumbs ...templates.Link) templates.Base {
	who := staffOf(c)
	base := templates.Base{Title: title, Wide: true, SkipNote: true, Account: who.user.Name, Styles: []string{"staff.css"}, Scripts: []string{"zone.js", "once.js"}, Notice: s.takeNotice(c)}
	if who.user.ID == "" {
		return base
	}
	base.Nav = []templates.Link{{Text: "Studies", URL: "/studies", Current: strings.HasPrefix(c.Path(), "/studies")}}
	if who.user.Administrator {
		base.Nav = append(base.Nav, templates.Link{Text: "People", URL: "/users", Current: strings.HasPrefix(c.Path(), "/users")},
			templates.Link{Text: "Audit log", URL: "/audit", Current: strings.HasPrefix(c.Path(), "/audit")})
	}
	if who.study.ID != "" {
		base.Crumbs = append(base.Crumbs, templates.Link{Text: "Studies", URL: "/studies"}, templates.Link{Text: who.study.Title, URL: studyPath(who.study, "")})
	}
	if who.wave.ID != "" {
		base.Crumbs = append(base.Crumbs, templates.Link{Text: who.wave.Title, URL: wavePath(who.study, who.wave, "")})
	}
	base.Crumbs = append(base.Crumbs, crumbs...)
	if n := len(base.Crumbs); n > 1 {
		base.Crumbs[n-1].Current = true
	} else {
		base.Crumbs = nil // the heading says the same
	}
	return base
}

// studyPath is the address of a study or of one of its parts.
func studyPath(study survey.Study, part string) string {
	return "/studies/" + url.PathEscape(study.Key) + part
}

// wavePath is the address of the fieldwork of a wave or of one of its parts.
func wavePath(study survey.Study, wave survey.Wave, part string) string {
	return studyPath(study, "/waves/"+url.PathEscape(wave.Key)+part)
}

// fieldProblem puts a sentence about a mistake beside the field that has it. Other
// errors pass.
func fieldProblem(form *templates.Form, name string, err error) error {
	if err == nil {
		return nil
	}
	switch survey.KindOf(err) {
	case survey.Invalid, survey.Conflict, survey.NotFound, survey.TooLarge:
	default:
		return err
	}
	for i := range form.Fields {
		if form.Fields[i].Name == name {
			form.Fields[i].Problem = sentence(err.Error())
			return nil
		}
	}
	form.Error = sentence(err.Error())
	return nil
}

// wrong says whether the form has to be shown again.
func wrong(form templates.Form) bool { return form.Error != "" || len(form.Problems()) > 0 }

// showForm sends the form again with what was typed and what is wrong with it.
func showForm(c echo.Context, p templates.FormPage) error {
	status := http.StatusOK
	if wrong(p.Form) {
		status = http.StatusUnprocessableEntity
	}
	return page(c, status, p)
}
