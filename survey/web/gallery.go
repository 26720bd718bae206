package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart/charttest"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// The gallery shows every part of the design in each of its states, in every language
// of respondents, so that a change can be seen at once. It is for development: without
// the setting there is nothing at its address.

const galleryRoute = "/dev/gallery"

// galleryColours are the tokens of app.css.
var galleryColours = []string{"paper", "raised", "sunken", "ink", "soft", "line", "edge", "accent", "accent-strong", "on-accent", "accent-wash", "wc", "wc-ink", "wc-wash", "own", "all", "rest", "peers",
	"bad", "bad-wash", "good", "good-wash", "likert-1", "likert-2", "likert-3", "likert-4", "likert-5", "likert-6", "likert-7"}

func (s *Server) galleryRoutes() []route {
	return []route{{http.MethodGet, galleryRoute, linkOwner, s.gallery}}
}

// gallery is made of invented results and of the built-in questionnaire.
func (s *Server) gallery(c echo.Context) error {
	if !s.Development {
		return echo.ErrNotFound
	}
	in := survey.Builtin()
	b := s.booklets.of(in, in.Roles[0].Key, languageAsked(c.Request(), in.Languages))
	p := templates.Gallery{Base: b.base("Parts of the design", templates.Tongues{ByLink: true}), Colours: galleryColours,
		Wrong: galleryForm("wrong", true), Plain: galleryForm("plain", false), Sure: galleryDanger(), Facts: galleryFacts(), Lists: galleryLists(),
		Progress: []templates.Progress{{Words: "waiting for its turn"}, {Done: 12_000, Total: 50_000, Words: "12,000 of 50,000"}, {Done: 1, Total: 1, Words: "done"}}}
	p.Wide, p.Account, p.Crumbs = true, "Ada Example", []templates.Link{{Text: "Studies", URL: "/studies"}, {Text: "Parts of the design", Current: true}}
	p.Nav, p.Notice = []templates.Link{{Text: "Studies", URL: "/studies", Current: true}, {Text: "People", URL: "/users"}}, "What was done by the request before."
	p.Styles = []string{"staff.css", "results.css", "gallery.css"}
	p.Scripts = []string{"time.js", "zone.js", "vendor/echarts.6.1.0.min.js", "chart.js"}
	path, size, err := qrPath("https://survey.example.org")
	if err != nil {
		return err
	}
	p.Code = &templates.Code{Path: path, Size: size, Label: "A code to scan"}
	galleryQuestions(b, &p)
	if err := galleryResults(in, &p); err != nil {
		return err
	}
	return page(c, http.StatusOK, p)
}

// galleryForm has a field of every kind.
func galleryForm(prefix string, wrong bool) templates.Form {
	choices := []templates.Choice{{Value: "a", Label: "Confidential", Checked: true}, {Value: "b", Label: "Anonymous"}}
	f := templates.Form{Submit: "Save", Get: true, Cancel: &templates.Link{Text: "Cancel", URL: "#top"}, Fields: []templates.Field{
		{Kind: templates.TextField, Name: "name", Label: "Name", Hint: "As respondents read it.", Value: "Acme", Required: true},
		{Kind: templates.EmailField, Name: "email", Label: "E-mail address", Autocomplete: "username"}, {Kind: templates.PasswordField, Name: "password", Label: "Password", Required: true, Autocomplete: "new-password"},
		{Kind: templates.NumberField, Name: "count", Label: "Smallest group", Value: "5", Unit: "people", Required: true},
		{Kind: templates.TimeField, Name: "opens", Label: "Opens", Value: "2026-03-02T09:00", Unit: "UTC", Zone: "UTC"},
		{Kind: templates.AreaField, Name: "purpose", Label: "Purpose", Rows: 3}, {Kind: templates.SelectField, Name: "role", Label: "Role", Options: choices, Required: true},
		{Kind: templates.RadioField, Name: "mode", Label: "Mode", Options: choices, Required: true}, {Kind: templates.ChecksField, Name: "places", Label: "Organizations", Options: choices},
		{Kind: templates.CheckField, Name: "sure", Label: "I have made sure", Value: "yes"}, {Kind: templates.FileField, Name: "file", Label: "File", Accept: ".csv"},
	}}
	for i := range f.Fields {
		f.Fields[i].Name = prefix + "-" + f.Fields[i].Name
		if wrong {
			f.Fields[i].Problem = "Please fill this in."
		}
	}
	return f
}

func galleryDanger() templates.Form {
	return templates.Form{Submit: "Erase this person for good", Danger: true, Get: true, Fields: []templates.Field{
		{Kind: templates.CheckField, Name: "danger-sure", Label: "I have made sure that this is the person who asked", Value: "yes"}}}
}

func galleryFacts() []templates.Detail {
	return []templates.Detail{{Name: "Opens", Value: "2 March 2026, 09:00 UTC", Time: "2026-03-02T09:00:00Z"}, {Name: "Seal", Value: "sha256:95c37bc992159d2e58a672b362a58ae2de4e50fc7e2d3b7153b1b1ca1b084da", Code: true},
		{Name: "Questionnaire", Value: "builtin, version 2", Small: "the one that comes with the program"}}
}

// galleryLists are a list in each state.
func galleryLists() []templates.ListSection {
	head := []templates.ListHead{{Text: "Organization"}, {Text: "State"}, {Text: "Answered", Num: true}, {Text: "Last"}}
	row := func(name, state, tag string) templates.ListRow {
		return templates.ListRow{Cells: []templates.ListCell{{Text: name, URL: "#top", Small: "key acme"}, {Text: state, Tag: tag}, {Text: "1,204", Num: true}, {Text: "2 March 2026, 09:00 UTC", Time: "2026-03-02T09:00:00Z"}},
			Actions: []templates.Action{{Text: "Withdraw", URL: galleryRoute, Label: name, Danger: true}}}
	}
	rows := []templates.ListRow{row("Acme", "open", "good"), row("Wolfeschlegelsteinhausenbergerdorff International Holding of the Whole Northern Region", "bounced", "bad"), row("Bolt", "planned", "plain")}
	search := &templates.Search{Label: "Name of an organization", Name: "q", Value: "a"}
	return []templates.ListSection{
		{Heading: "A list of many thousand rows", List: templates.List{ID: "many", Caption: "20,000 organizations", Head: head, Rows: rows, Search: search, Pager: &templates.Pager{Words: "101 to 200 of 20,000", Previous: "#top", Next: "#top"}}},
		{Heading: "A list without rows", List: templates.List{ID: "none", Head: head, Empty: "There are no organizations yet: add one by form, or send a file."}},
		{Heading: "A search without results", List: templates.List{ID: "nothing", Head: head, Search: &templates.Search{Label: "Name of a person", Name: "p", Value: "x"}, Empty: "No organization has “x” in its name or key."}},
		{Heading: "A list that is still being read", List: templates.List{ID: "loading", Head: head, Empty: "The responses are being read: 40% so far. This page looks again by itself."}},
		{Heading: "A list that could not be read", Words: "The service is busy or can not reach its database. Wait a few seconds and reload the page.", List: templates.List{}},
	}
}

// questionStates are the states of a question, with what makes names of their own.
var questionStates = []struct{ name, suffix string }{{"plain", ""}, {"answered", "-answered"}, {"problem", "-problem"}, {"changed elsewhere", "-elsewhere"}}

// galleryQuestions shows a question of each kind in each state.
func galleryQuestions(b *booklet, p *templates.Gallery) {
	seen := map[templates.QuestionKind]bool{}
	sv := b.view()
	problem := b.words.Say("problem_new_question")
	for _, f := range b.in.Fields() {
		q := sv.question(f.Item)
		if seen[q.Kind] {
			continue
		}
		seen[q.Kind] = true
		for _, state := range questionStates {
			one := answeredAs(q, state.suffix)
			switch state.name {
			case "problem":
				one.Problem = problem
				p.Problems = append(p.Problems, templates.FieldProblem{Anchor: one.Anchor(), Question: one.Text, Message: problem})
			case "changed elsewhere":
				one.Elsewhere = b.words.Say("elsewhere_other")
			}
			p.Questions = append(p.Questions, templates.GalleryQuestion{State: string(q.Kind) + ": " + state.name, Question: one})
		}
		p.Review.Answers = append(p.Review.Answers, templates.ReviewAnswer{Question: q.Text, Answer: missingWords(b.words, survey.DontKnow), Absent: true})
	}
	p.Review.Heading = sv.text(b.in.Sections[0].Title)
}

// answeredAs is the question under another name, with an answer unless it is the first.
func answeredAs(q templates.Question, suffix string) templates.Question {
	q.Key += suffix
	q.Choices, q.Missing, q.Parts = slices.Clone(q.Choices), slices.Clone(q.Missing), slices.Clone(q.Parts)
	for i := range q.Parts {
		q.Parts[i].Key += suffix
	}
	if suffix == "" {
		return q
	}
	q.Value = "12"
	if len(q.Choices) > 0 {
		q.Choices[len(q.Choices)/2].Checked = true
	}
	return q
}

// galleryResults adds what pages of results are made of.
func galleryResults(in *survey.Instrument, p *templates.Gallery) error {
	w := resultWave{Wave: survey.Wave{Key: "demo", Title: "A wave"}, study: survey.Study{Title: "Sales practices", Origin: survey.Generated}, instrument: in}
	wave, err := wavePage(w, charttest.Wave())
	if err != nil {
		return err
	}
	organization, err := organizationPage(w, charttest.Organization(), true)
	if err != nil {
		return err
	}
	p.Results, p.Standings, p.Table, p.Groups = wave.ResultsBase, organization.Strengths.Rows, wave.Practices, groupForm(w, benchmark.Group{})
	for _, figure := range []*templates.ResultsFigure{wave.Help, wave.Time, wave.Gaps, wave.Radar, wave.Rows, wave.Agreement, wave.Matrix} {
		if figure != nil {
			p.Figures = append(p.Figures, figure)
		}
	}
	return nil
}
