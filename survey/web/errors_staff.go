package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// staffFailures are what people with an account are told: they have no link to open
// again, and somebody to ask.
var staffFailures = map[survey.ErrorKind]failure{
	survey.Invalid:  {heading: "This could not be read", message: "What was sent is not something this page understands.", advice: []string{"Go back and try again."}},
	survey.NotFound: {heading: "There is nothing at this address", message: "It was removed, or the address is not complete.", advice: []string{"Look for it from one of the pages that the button leads to."}},
	survey.Conflict: {heading: "This is no longer as it was", message: "Somebody has changed it in the meantime, perhaps you in another tab.", advice: []string{"Look at how it is now, then decide anew: nothing was changed by what you sent."}},
	survey.Closed:   {heading: "This is over", message: "It can not be changed any more.", advice: []string{"Look at how it is now: nothing was changed by what you sent."}},
	survey.Forbidden: {heading: "This is not allowed from here", message: "The form did not come from a page of this service, so nothing was done.",
		advice: []string{"Open the page anew and send its form from there."}},
	survey.TooLarge: {heading: "That is too much at once", message: "More was sent than a form can take, so nothing was kept.", advice: []string{"Go back and shorten the longest text, or send it as a file where the page takes one."}},
	survey.Unavailable: {heading: "Please try again in a moment", message: "The service is busy or can not reach its database.",
		advice: []string{"Wait a few seconds, then try again.", "If it stays like this, give whoever runs this installation the number below."}},
	survey.Internal: {heading: "Something went wrong on our side", message: "The fault was noted.",
		advice: []string{"Go back and try again.", "If it keeps happening, give whoever runs this installation the number below."}},

	wrongMethod.kind:      {heading: "That does not work at this address", message: "This address does not take this kind of request.", advice: []string{"Use the buttons of the pages."}},
	unsupported.kind:      {heading: "This could not be read", message: "Only what a form of these pages sends is taken.", advice: []string{"Open the page anew and send its form from there."}},
	unfinished.words.kind: {heading: "This did not arrive completely", message: "The rest of what was sent did not come in time, so nothing of it was kept.", advice: []string{"Go back and send it again."}},
}

// staffPaths are the beginnings of the addresses of people with an account and of readers.
var staffPaths = []string{"/waves", "/results", "/studies", "/users", "/audit", "/account", "/sign-in", "/sign-out", "/forgotten", "/setup", "/password"}

// ofStaff says whether the address is one of people with an account, also where there
// is no page.
func ofStaff(c echo.Context) bool {
	return slices.ContainsFunc(staffPaths, func(path string) bool {
		rest, ok := strings.CutPrefix(c.Request().URL.Path, path)
		return ok && (rest == "" || rest[0] == '/')
	})
}

// forStaff puts a failure into the words for people with an account. What a failure
// says itself stays.
func (f failure) forStaff() failure {
	words, ok := staffFailures[f.kind]
	if !ok || f.says == "" {
		return f
	}
	if f.message == "" {
		f.message = words.message
	} else if f.kind == survey.Unavailable { // it says what is missing, which no waiting brings
		words.heading, words.advice = "This does not work now", []string{"Tell whoever runs this installation what stands here."}
	}
	f.heading, f.advice, f.says = words.heading, words.advice, ""
	return f
}

// staffFailurePage shows a failure to somebody with an account, with a way on. A form
// that was sent comes back with a button that sends it again.
func (s *Server) staffFailurePage(c echo.Context, f failure) templates.Page {
	who := staffOf(c)
	if who.user.ID == "" {
		user, err := s.signedInUser(c)
		if err != nil {
			user = survey.User{} // the failure is told without a name
		}
		who.user = user
		c.Set(staffKey, who)
	}
	said := f.in(s.Words.English())
	base := s.staffBase(c, said.heading, templates.Link{Text: said.heading, URL: c.Request().URL.Path})
	if again, ok := resendPage(c, said, base); ok {
		again.SignIn = f.status == http.StatusUnauthorized
		return again
	}
	p := templates.Failure{Base: base, Status: f.status, Heading: said.heading, Message: said.sentence(), Advice: said.advice, Back: s.wayOn(c, who)}
	if f.status >= http.StatusInternalServerError {
		p.RequestID = requestIDOf(c)
	}
	return p
}

// wayOn leads to the nearest page that is there for the person.
func (s *Server) wayOn(c echo.Context, who staff) *templates.Link {
	here := c.Request().URL.Path
	for _, way := range []struct {
		there bool
		link  templates.Link
	}{
		{who.wave.ID != "", templates.Link{Text: "To the wave “" + who.wave.Title + "”", URL: wavePath(who.study, who.wave, "")}},
		{who.study.ID != "", templates.Link{Text: "To the study “" + who.study.Title + "”", URL: studyPath(who.study, "")}},
		{who.user.ID != "", templates.Link{Text: "To your studies", URL: "/studies"}},
	} {
		if way.there && way.link.URL != here {
			return &way.link
		}
	}
	if here == "/sign-in" && c.Request().Method == http.MethodGet || s.OpenResults {
		return &templates.Link{Text: "To the first page", URL: "/"}
	}
	return &templates.Link{Text: "To the sign-in", URL: "/sign-in"}
}

// resendPage carries what somebody typed through an answer that did not take it. Not
// where nothing was typed, what was sent was refused for good, or it holds a secret:
// that does not belong into a page.
func resendPage(c echo.Context, f spokenFailure, base templates.Base) (templates.Resend, bool) {
	r := c.Request()
	worthIt := f.status >= http.StatusInternalServerError || f.status == http.StatusTooManyRequests || f.status == http.StatusUnauthorized
	if r.Method != http.MethodPost || !worthIt {
		return templates.Resend{}, false
	}
	form, err := readLongForm(c)
	if err != nil || len(form) == 0 {
		return templates.Resend{}, false
	}
	p := templates.Resend{Base: base, Status: f.status, Heading: f.heading, Message: f.sentence(), Advice: f.advice, Action: r.URL.RequestURI()}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if strings.Contains(name, "password") || name == "code" {
			return templates.Resend{}, false
		}
		for _, value := range form[name] {
			p.Fields = append(p.Fields, templates.HiddenField{Name: name, Value: value})
		}
	}
	return p, true
}

// roleMissing tells somebody which role a page is for, and who gives it.
type roleMissing struct {
	has    survey.StaffRole
	needed []survey.StaffRole
	ask    []string // names of those who give roles in the study
}

func (e roleMissing) Error() string {
	names := make([]string, len(e.needed))
	for i, role := range e.needed {
		names[i] = string(role)
	}
	needed := names[len(names)-1]
	if len(names) > 1 {
		needed = strings.Join(names[:len(names)-1], ", ") + " or " + needed
	}
	return "this page is for the role of " + needed + "; you are " + string(e.has) + " in this study"
}

// Unwrap gives the error its kind.
func (e roleMissing) Unwrap() error { return &survey.Error{Kind: survey.Forbidden} }

func (e roleMissing) failure() failure {
	f := failure{status: http.StatusForbidden, kind: survey.Forbidden, heading: "Your role does not include this", message: sentence(e.Error())}
	f.advice = []string{"Roles are given by an administrator of the installation."}
	if len(e.ask) > 0 {
		f.advice = []string{"Roles in this study are given by " + strings.Join(e.ask, ", ") + "."}
	}
	return f
}

// mostAsked is how many administrators of a study are named.
const mostAsked = 3

// notYourRole says which role is needed and whom to ask for it.
func (s *Server) notYourRole(c echo.Context, who staff, needed []survey.StaffRole) error {
	ctx := c.Request().Context()
	missing := roleMissing{has: who.place.Role, needed: needed}
	members, err := s.Store.Members(ctx, who.study.ID)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Role != survey.Administrator || len(missing.ask) == mostAsked {
			continue
		}
		u, err := s.Store.UserByID(ctx, m.UserID)
		if err != nil {
			return err
		}
		if u.DisabledAt.IsZero() {
			missing.ask = append(missing.ask, u.Name)
		}
	}
	return missing
}
