package web

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

func studyFields(study survey.Study) []templates.Field {
	fields := []templates.Field{
		{Kind: templates.TextField, Name: "title", Label: "Title", Value: study.Title, Required: true, Hint: "Respondents read it at the head of the first page."},
		{Kind: templates.AreaField, Name: "purpose", Label: "Purpose", Value: study.Purpose, Required: true, Rows: 4, Hint: "Who asks and what for, one paragraph: respondents read it before they agree, in every language that has no text of its own below. It is sealed when a wave opens: later changes are for later waves."},
		{Kind: templates.TextField, Name: "contact", Label: "Contact", Value: study.Contact, Required: true, Hint: "Who answers questions about the study: a name with an address."},
		{Kind: templates.TextField, Name: "sender", Label: "Sender of mail", Value: study.Sender, Hint: "The name that invitations and reminders come from, such as “Research team of the Sales Institute”. Empty: the name that the installation has, or the title of the study."},
	}
	purposes := study.Purposes.All()
	for _, language := range templates.MailLanguages() {
		fields = append(fields, templates.Field{Kind: templates.AreaField, Name: purposeField + language, Label: "Purpose in " + templates.MailLanguageName(language),
			Value: purposes[language], Rows: 3, Language: language, Direction: templates.MailDirection(language)})
	}
	return fields
}

// purposeField begins the names of the fields for the purpose in one language.
const purposeField = "purpose-"

// typedPurposes reads the purpose in each language.
func typedPurposes(form url.Values) survey.Translations {
	texts := map[string]string{}
	for _, language := range templates.MailLanguages() {
		texts[language] = one(form, purposeField+language)
	}
	return survey.NewTranslations(texts)
}

// longestStudyText bounds, in characters, what respondents must read of a study or wave.
var longestStudyText = map[string]int{"title": 200, "purpose": 4000, "contact": 500, "sender": 100}

// checkLength says how much too long a text is.
func checkLength(name, text string) error {
	if strings.HasPrefix(name, purposeField) {
		name = "purpose"
	}
	most, n := longestStudyText[name], utf8.RuneCountInString(text)
	if most > 0 && n > most {
		return survey.Errorf(survey.Invalid, "this has %s characters, and at most %s are taken: please shorten it", thousands(n), thousands(most))
	}
	return nil
}

// typedStudy reads what was typed and marks what is missing.
func typedStudy(form url.Values, study survey.Study, into *templates.Form) survey.Study {
	study.Title, study.Purpose, study.Contact, study.Sender = one(form, "title"), one(form, "purpose"), one(form, "contact"), one(form, "sender")
	study.Purposes = typedPurposes(form)
	for i, field := range into.Fields {
		into.Fields[i].Value = one(form, field.Name)
		if field.Required && into.Fields[i].Value == "" {
			into.Fields[i].Problem = "Please fill this in."
		}
		_ = fieldProblem(into, field.Name, checkLength(field.Name, into.Fields[i].Value))
		if field.Name == "sender" && strings.ContainsFunc(study.Sender, unicode.IsControl) {
			into.Fields[i].Problem = "This has a line break or another control character: please write it in one line."
		}
	}
	return study
}

func (s *Server) newStudyPage(c echo.Context) templates.FormPage {
	return templates.FormPage{Base: s.staffBase(c, "New study", templates.Link{Text: "Studies", URL: "/studies"}, templates.Link{Text: "New", URL: "/studies/new"}),
		Heading: "New study", Lead: "A study asks one questionnaire, in one or more waves.",
		Form: templates.Form{Submit: "Make the study", Cancel: &templates.Link{Text: "Cancel", URL: "/studies"},
			Fields: append(studyFields(survey.Study{}), shortName("title"))}}
}

func (s *Server) askNewStudy(c echo.Context) error { return showForm(c, s.newStudyPage(c)) }

// newStudy makes a study.
func (s *Server) newStudy(c echo.Context) error {
	form, err := readLongForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	p := s.newStudyPage(c)
	study := typedStudy(form, survey.Study{}, &p.Form)
	study.Key, err = typedKey(form, study.Title, "a study", &p.Form, func(key string) error {
		_, err := s.Store.StudyByKey(ctx, key)
		return err
	})
	if err != nil {
		return err
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	ctx = store.Audited(ctx, staffOf(c).actor(c), store.Deed{Action: "study.create", Object: "study " + study.Key})
	if study, err = s.Store.PutStudy(ctx, study); err != nil {
		return err
	}
	return s.seeNotice(c, studyPath(study, ""), "The study is made. Next: its organizations, and a wave.")
}

func (s *Server) studySettingsPage(c echo.Context, study survey.Study) templates.FormPage {
	p := templates.FormPage{Base: s.staffBase(c, "Settings", templates.Link{Text: "Settings", URL: studyPath(study, "/settings")}), Heading: "Settings of the study",
		Form: templates.Form{Submit: "Save", Fields: studyFields(study), Cancel: &templates.Link{Text: "Cancel", URL: studyPath(study, "")}}}
	watch(&p.Form)
	return p
}

func (s *Server) askStudySettings(c echo.Context) error {
	return showForm(c, s.studySettingsPage(c, staffOf(c).study))
}

func (s *Server) studySettings(c echo.Context) error {
	form, err := readLongForm(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	p := s.studySettingsPage(c, who.study)
	merge(form, &p.Form)
	study := typedStudy(form, who.study, &p.Form)
	if wrong(p.Form) {
		return showForm(c, p)
	}
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "study.change", Object: "study " + study.Key, Study: study.ID})
	if _, err := s.Store.PutStudy(ctx, study); err != nil {
		return err
	}
	return s.seeNotice(c, studyPath(study, ""), "Saved.")
}

// study shows one study with its waves and what can be done.
func (s *Server) study(c echo.Context) error {
	who := staffOf(c)
	waves, err := s.Store.Waves(c.Request().Context(), who.study.ID)
	if err != nil {
		return err
	}
	list := templates.List{ID: "waves", Caption: counted(len(waves), "wave", "waves"), Empty: "This study has no wave yet: a wave is one field period with its questionnaire.",
		Head: []templates.ListHead{{Text: "Wave"}, {Text: "State"}, {Text: "Opens"}, {Text: "Closes"}}}
	for _, wave := range waves {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: wave.Title, URL: wavePath(who.study, wave, "")}, stateCell(wave.State(s.Now())),
			momentCell(wave.OpensAt), momentCell(wave.ClosesAt)}})
	}
	return page(c, http.StatusOK, templates.ListPage{Base: s.staffBase(c, who.study.Title), Heading: who.study.Title, Lead: who.study.Purpose,
		Buttons: s.studyButtons(c), Lists: []templates.ListSection{{Heading: "Waves", List: list}}})
}

// studyButtons lead to the parts of a study that the person's role includes.
func (s *Server) studyButtons(c echo.Context) []templates.Link {
	study := staffOf(c).study
	var links []templates.Link
	for _, part := range []struct{ text, path string }{
		{"New wave", "/waves/new"}, {"Organizations", "/organizations"}, {"Questionnaires and criteria", "/documents"},
		{"Work in the background", "/jobs"}, {"Members", "/members"}, {"How long data are kept", "/retention"}, {"Audit log", "/audit"}, {"Settings", "/settings"},
	} {
		if s.mayOpen(c, "/studies/:study"+part.path) {
			links = append(links, templates.Link{Text: part.text, URL: studyPath(study, part.path), Current: part.path == "/waves/new"})
		}
	}
	return links
}

// mayOpen says whether the person may open the page of a route, if there is one: what
// nobody may open is not offered.
func (s *Server) mayOpen(c echo.Context, path string) bool {
	p, ok := permissions["GET "+path]
	return ok && (p.audience != member || staffOf(c).is(p.roles...)) && (p.audience != install || staffOf(c).user.Administrator)
}

func stateCell(state survey.WaveState) templates.ListCell {
	return templates.ListCell{Text: string(state), Tag: map[survey.WaveState]string{survey.WaveOpen: "good", survey.WavePlanned: "plain", survey.WaveClosed: "quiet"}[state]}
}
