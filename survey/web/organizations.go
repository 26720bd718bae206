package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// organizationRoutes are the pages about the organizations of a study.
func (s *Server) organizationRoutes() []route {
	return []route{
		{http.MethodGet, "/studies/:study/organizations", linkOwner, s.organizations},
		{http.MethodGet, "/studies/:study/new-organization", linkOwner, s.askNewOrganization},
		{http.MethodPost, "/studies/:study/new-organization", linkOwner, s.newOrganization},
		{http.MethodGet, "/studies/:study/organizations/:org", linkOwner, s.organization},
		{http.MethodPost, "/studies/:study/organizations/:org", linkOwner, s.changeOrganization},
		{http.MethodPost, "/studies/:study/organizations/:org/teams", linkOwner, s.addTeams},
		{http.MethodPost, "/studies/:study/organizations/:org/teams/remove", linkOwner, s.removeTeam},
		{http.MethodPost, "/studies/:study/organizations/:org/delete", linkOwner, s.deleteOrganization},
		{http.MethodGet, "/studies/:study/organization-file", linkOwner, s.askOrganizationFile},
		{http.MethodPost, "/studies/:study/organization-file", linkOwner, s.takeOrganizationFile},
		{http.MethodGet, "/studies/:study/organization-file/:upload", linkOwner, s.lookAtOrganizationFile},
		{http.MethodPost, "/studies/:study/organization-file/:upload", linkOwner, s.applyOrganizationFile},
		{http.MethodGet, "/studies/:study/organization-file/:upload" + findingsPart, linkOwner, s.organizationFindings},
		{http.MethodPost, "/studies/:study/organization-file/:upload/discard", linkOwner, s.discardOrganizationFile},
	}
}

func organizationPath(study survey.Study, o survey.Organization, part string) string {
	return studyPath(study, "/organizations/"+url.PathEscape(o.Key)+part)
}

// ownOrganization is the one that the address names. NotFound: there is none, or the
// person is not there for it; which of both is not told.
func (s *Server) ownOrganization(c echo.Context, key string) (survey.Organization, error) {
	who := staffOf(c)
	o, err := s.Store.OrganizationByKey(c.Request().Context(), who.study.ID, key)
	if survey.KindOf(err) == survey.NotFound || err == nil && !who.place.For(o.ID) {
		return survey.Organization{}, notYours()
	}
	return o, err
}

// organizations lists them.
func (s *Server) organizations(c echo.Context) error {
	all, err := s.ownOrganizations(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	search, text := searched(c, "Name or short name")
	found := slices.DeleteFunc(slices.Clone(all), func(o survey.Organization) bool {
		return !strings.Contains(strings.ToLower(o.Name), text) && !strings.Contains(o.Key, text)
	})
	list := templates.List{ID: "organizations", Caption: counted(len(found), "organization", "organizations"), Search: search,
		Empty: "There is no organization yet. Add one by the form, or many by a CSV file.",
		Head:  []templates.ListHead{{Text: "Organization"}, {Text: "Industry"}, {Text: "Region"}, {Text: "Size"}}}
	if text != "" {
		list.Empty = "No organization has “" + search.Value + "” in its name."
	}
	if len(all) == 0 {
		list.Search = nil
	}
	from, to, pager := paged(c, len(found), listed)
	list.Pager = pager
	for _, o := range found[from:to] {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: o.Name, Small: o.Key, URL: organizationPath(who.study, o, "")},
			orNone(o.Industry), orNone(o.Region), orNone(o.Size)}})
	}
	p := templates.ListPage{Base: s.staffBase(c, "Organizations", organizationsCrumb(who.study)), Heading: "Organizations",
		Lists: []templates.ListSection{{List: list}}}
	if s.mayOpen(c, "/studies/:study/new-organization") {
		p.Buttons = []templates.Link{{Text: "Add an organization", URL: studyPath(who.study, "/new-organization"), Current: true},
			{Text: "Send a CSV file", URL: studyPath(who.study, "/organization-file")}}
	}
	return page(c, http.StatusOK, p)
}

func organizationsCrumb(study survey.Study) templates.Link {
	return templates.Link{Text: "Organizations", URL: studyPath(study, "/organizations")}
}

// orNone is a fact that may be missing.
func orNone(text string) templates.ListCell {
	if text == "" {
		text = "–"
	}
	return templates.ListCell{Text: text}
}

const factHint = "Best a code of the questionnaire, so that filters and peers work; other words are kept and shown as they are."

// factCodes are the codes of the questionnaires that the waves of a study ask; of the
// built-in one before there is a wave.
func (s *Server) factCodes(ctx context.Context, study survey.StudyID) (survey.FactCodes, error) {
	codes := survey.FactCodes{}
	waves, err := s.Store.Waves(ctx, study)
	if err != nil {
		return nil, err
	}
	if len(waves) == 0 {
		codes.Learn(survey.Builtin())
	}
	for _, wave := range waves {
		in, err := s.Store.Instrument(ctx, wave.InstrumentHash)
		if err != nil {
			return nil, err
		}
		codes.Learn(in)
	}
	return codes, nil
}

// factField asks for a fact of an organization and offers the codes of the questionnaire.
func factField(codes survey.FactCodes, name, value string) templates.Field {
	f := templates.Field{Kind: templates.TextField, Name: name, Label: strings.ToUpper(name[:1]) + name[1:], Value: value}
	for _, option := range codes[name] {
		f.Suggested = append(f.Suggested, templates.Choice{Value: option.Code, Label: option.Label.In("en")})
	}
	if len(f.Suggested) > 0 {
		f.Hint = "Codes of the questionnaire: " + codes.Words(name) + "."
	}
	return f
}

// doubtNotice adds to a notice which facts are no codes.
func doubtNotice(notice string, codes survey.FactCodes, o survey.Organization) string {
	for _, doubt := range codes.Doubts(o) {
		notice += " " + sentence(doubt.Column+": "+doubt.Message) + " Codes are " + codes.Words(doubt.Column) + "."
	}
	return notice
}

func organizationFields(o survey.Organization, codes survey.FactCodes) []templates.Field {
	return []templates.Field{
		{Kind: templates.TextField, Name: "name", Label: "Name", Value: o.Name, Required: true, Hint: "Its people read it at the head of the first page."},
		factField(codes, "industry", o.Industry), factField(codes, "region", o.Region), factField(codes, "size", o.Size),
	}
}

// typedOrganization reads the facts and marks what is wrong with them.
func typedOrganization(form url.Values, o survey.Organization, into *templates.Form) survey.Organization {
	showTypedForm(form, into)
	o.Name, o.Industry, o.Region, o.Size = one(form, "name"), one(form, "industry"), one(form, "region"), one(form, "size")
	if words := survey.CheckOrganizationName(o.Name); words != "" {
		_ = fieldProblem(into, "name", survey.Errorf(survey.Invalid, "the name %s", words))
	}
	for name, fact := range map[string]string{"industry": o.Industry, "region": o.Region, "size": o.Size} {
		if utf8.RuneCountInString(fact) > 200 || strings.ContainsFunc(fact, unicode.IsControl) {
			_ = fieldProblem(into, name, survey.Errorf(survey.Invalid, "this has a line break or is longer than 200 characters"))
		}
	}
	return o
}

func (s *Server) newOrganizationPage(c echo.Context, codes survey.FactCodes) templates.FormPage {
	study := staffOf(c).study
	return templates.FormPage{Base: s.staffBase(c, "New organization", organizationsCrumb(study), templates.Link{Text: "New", URL: studyPath(study, "/new-organization")}),
		Heading: "New organization", Lead: factHint,
		Form: templates.Form{Submit: "Add the organization", Cancel: &templates.Link{Text: "Cancel", URL: studyPath(study, "/organizations")},
			Fields: append(organizationFields(survey.Organization{}, codes), shortName("name"))}}
}

func (s *Server) askNewOrganization(c echo.Context) error {
	codes, err := s.factCodes(c.Request().Context(), staffOf(c).study.ID)
	if err != nil {
		return err
	}
	return showForm(c, s.newOrganizationPage(c, codes))
}

// newOrganization adds one.
func (s *Server) newOrganization(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	who, ctx := staffOf(c), c.Request().Context()
	codes, err := s.factCodes(ctx, who.study.ID)
	if err != nil {
		return err
	}
	p := s.newOrganizationPage(c, codes)
	o := typedOrganization(form, survey.Organization{StudyID: who.study.ID}, &p.Form)
	o.Key, err = typedKey(form, o.Name, "an organization", &p.Form, func(key string) error {
		_, err := s.Store.OrganizationByKey(ctx, who.study.ID, key)
		return err
	})
	if err != nil {
		return err
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	ctx = store.Audited(ctx, who.actor(c), store.Deed{Action: "organization.create", Object: "organization " + o.Key, Study: who.study.ID})
	if _, err := s.Store.PutOrganization(ctx, o); err != nil {
		return err
	}
	return s.seeNotice(c, organizationPath(who.study, o, ""), doubtNotice("The organization is added.", codes, o))
}
