package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// personFields ask for one person.
func personFields(names rosterNames, who staff, p survey.Respondent) []templates.Field {
	chosen := ""
	if p.OrganizationID != "" {
		chosen = teamChoice(p.OrganizationID, p.TeamID)
	}
	return []templates.Field{
		names.placeField(who, chosen),
		{Kind: templates.TextField, Name: "name", Label: "Name", Value: p.Name, Autocomplete: "off"},
		{Kind: templates.EmailField, Name: "email", Label: "E-mail address", Value: p.Email, Autocomplete: "off", Hint: "Without one the person is given a printed link."},
		{Kind: templates.TextField, Name: "reference", Label: "Reference", Value: p.Reference, Autocomplete: "off", Hint: "Your own mark for the person, such as a staff number, different within the organization. The person is known again by it, else by the address."},
		{Kind: templates.TextField, Name: "language", Label: "Language of mail", Value: p.Language, Autocomplete: "off", Hint: "A code such as en, de, es, fr or ar; empty: that of the installation."},
		{Kind: templates.TextField, Name: "role", Label: "Role hint", Value: p.Role, Autocomplete: "off", Hint: "For counting before somebody has answered; what the person says counts."},
	}
}

func (s *Server) newPersonPage(c echo.Context) (templates.FormPage, error) {
	who := staffOf(c)
	names, err := s.rosterNames(c.Request().Context(), who.study.ID)
	return templates.FormPage{Base: s.staffBase(c, "Add a person", who.rosterCrumb(), templates.Link{Text: "Add", URL: who.rosterPath("/new")}), Eyebrow: who.wave.Title,
		Heading: "Add a person", Form: templates.Form{Submit: "Add to the roster", Fields: personFields(names, who, survey.Respondent{}),
			Cancel: &templates.Link{Text: "Cancel", URL: who.rosterPath("")}}}, err
}

func (s *Server) askNewPerson(c echo.Context) error {
	p, err := s.newPersonPage(c)
	if err != nil {
		return err
	}
	return showForm(c, p)
}

// typedPerson reads one person.
func typedPerson(form url.Values, who staff, into *templates.Form) store.RosterRow {
	showTypedForm(form, into)
	row := store.RosterRow{Reference: one(form, "reference"), Email: one(form, "email"), Name: one(form, "name"), Language: one(form, "language"), Role: one(form, "role")}
	var err error
	row.OrganizationID, row.TeamID, err = typedPlace(form, who)
	_ = fieldProblem(into, "place", err)
	return row
}

// newPerson adds one person. Somebody who is there is changed by their own page.
func (s *Server) newPerson(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	p, err := s.newPersonPage(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	row := typedPerson(form, who, &p.Form)
	if wrong(p.Form) {
		return showForm(c, p)
	}
	plan, err := s.Store.PlanRoster(c.Request().Context(), who.wave.ID, []store.RosterRow{row})
	switch {
	case err != nil:
	case len(plan.Problems) > 0:
		err = survey.Errorf(survey.Invalid, "%s", plan.Problems[0].Message)
	case plan.Outcomes[0] != store.RosterAdded:
		err = survey.Errorf(survey.Conflict, "this person is on the roster already: look for the reference or the address and change them there")
	default:
		err = s.applyPerson(c, plan, "person.create", "")
	}
	if err := fieldProblem(&p.Form, "", err); err != nil {
		return err
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	return s.seeNotice(c, who.rosterPath(""), "The person is on the roster.")
}

// applyPerson does a plan of one row, which the audit log tells without a name.
func (s *Server) applyPerson(c echo.Context, plan store.RosterPlan, action string, invitation survey.InvitationID) error {
	who := staffOf(c)
	object := "wave " + who.wave.Key
	if invitation != "" {
		object = "invitation " + string(invitation)
	}
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: action, Object: object, Study: who.study.ID})
	return s.Store.ApplyRoster(ctx, plan, func(int) {})
}

// personOf is whom the address names, among those that whoever asks is there for.
func (s *Server) personOf(c echo.Context) (store.RosterPerson, error) {
	who := staffOf(c)
	people, err := s.Store.Roster(c.Request().Context(), who.wave.ID, store.RosterQuery{Organizations: who.bounds(), Invitation: survey.InvitationID(c.Param("person")), Limit: 1})
	if err == nil && len(people) == 0 {
		err = notYours()
	}
	if err != nil {
		return store.RosterPerson{}, err
	}
	return people[0], nil
}

// personView is what the page of one person is made from.
type personView struct {
	person store.RosterPerson
	form   templates.Form
}

func (s *Server) personView(c echo.Context) (personView, error) {
	person, err := s.personOf(c)
	if err != nil {
		return personView{}, err
	}
	who := staffOf(c)
	names, err := s.rosterNames(c.Request().Context(), who.study.ID)
	v := personView{person, templates.Form{Submit: "Save", Fields: personFields(names, who, person.Respondent)}}
	watch(&v.form)
	return v, err
}

func (s *Server) person(c echo.Context) error {
	v, err := s.personView(c)
	if err != nil {
		return err
	}
	return s.showPerson(c, v)
}

func (s *Server) showPerson(c echo.Context, v personView) error {
	who, p := staffOf(c), v.person
	at := who.rosterPath("/people/" + string(p.InvitationID))
	out := templates.ListPage{Base: s.staffBase(c, personName(p), who.rosterCrumb(), templates.Link{Text: personName(p), URL: at}), Eyebrow: who.wave.Title, Heading: personName(p),
		Facts: []templates.Detail{momentDetail("On the roster since", p.CreatedAt, ""), {Name: "State", Value: personState(p).Text, Small: personState(p).Small}}, Lists: []templates.ListSection{{Heading: "On the roster", Form: &v.form}}}
	if p.Answered {
		out.Facts = append(out.Facts, templates.Detail{Name: "Answered", Value: "yes; the team stays with the answers"})
	}
	switch {
	case p.Token != "" && p.Begun && !p.Answered:
		out.Facts = append(out.Facts, templates.Detail{Name: "Personal link", Value: "not printed any more: the person has begun, and whoever has the link reads what is saved"})
	case p.Token != "" && !p.Answered:
		out.Buttons = []templates.Link{{Text: "Print the personal link", URL: who.rosterPath("/sheets?person=" + url.QueryEscape(string(p.InvitationID)))}}
	}
	if p.ID != "" {
		out.Lists = append(out.Lists, templates.ListSection{Heading: "Erase name and address",
			Words: "Name, address, language and role hint are removed for good, and mail to the person that has not left is not sent. The link and answers that came by it stay.",
			Form:  &templates.Form{Action: at + "/erase", Submit: "Erase name and address of “" + personName(p) + "”", Danger: true}})
	}
	status := http.StatusOK
	if wrong(v.form) {
		status = http.StatusUnprocessableEntity
	}
	return page(c, status, out)
}

// changePerson keeps what was typed about somebody who is there.
func (s *Server) changePerson(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, err := s.personView(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	merge(form, &v.form)
	row := typedPerson(form, who, &v.form)
	if wrong(v.form) {
		return s.showPerson(c, v)
	}
	if row.OrganizationID != v.person.OrganizationID {
		_ = fieldProblem(&v.form, "place", survey.Errorf(survey.Invalid, "an invitation stays with its organization: add the person anew in the other one"))
		return s.showPerson(c, v)
	}
	plan, err := s.Store.PlanPerson(c.Request().Context(), who.wave.ID, v.person.InvitationID, row)
	switch {
	case err != nil:
	case len(plan.Problems) > 0:
		err = survey.Errorf(survey.Invalid, "%s", plan.Problems[0].Message)
	default:
		err = s.applyPerson(c, plan, "person.change", v.person.InvitationID)
	}
	if err := fieldProblem(&v.form, "", err); err != nil {
		return err
	}
	if wrong(v.form) {
		return s.showPerson(c, v)
	}
	return s.seeNotice(c, who.rosterPath("/people/"+string(v.person.InvitationID)), "Saved.")
}

// erasePerson removes name and address for good.
func (s *Server) erasePerson(c echo.Context) error {
	p, err := s.personOf(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "person.erase_contact", Object: "invitation " + string(p.InvitationID), Study: who.study.ID})
	if err := s.Store.EraseRespondent(ctx, p.InvitationID); err != nil {
		return err
	}
	return s.seeNotice(c, who.rosterPath(""), "Name and address are erased.")
}
