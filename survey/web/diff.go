package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// effectWords say what a change does to comparisons.
var effectWords = map[survey.Effect]templates.ListCell{
	survey.Breaks: {Text: "breaks the comparison", Tag: "bad"}, survey.Check: {Text: "compare with care", Tag: "warn"}, survey.Keeps: {Text: "stays comparable", Tag: "good"},
}

// instrumentDiff shows what differs between two questionnaires, and which of it
// breaks comparability.
func (s *Server) instrumentDiff(c echo.Context) error {
	who, ctx := staffOf(c), c.Request().Context()
	f, err := s.readWaveForm(ctx)
	if err != nil {
		return err
	}
	drafts, err := s.Store.DraftDocuments(ctx, who.study.ID)
	if err != nil {
		return err
	}
	options := []templates.Choice{{Value: survey.Builtin().Hash(), Label: "Built-in, version " + strconv.Itoa(survey.Builtin().Version)}}
	for _, d := range f.instruments {
		if d.Hash != survey.Builtin().Hash() {
			options = append(options, templates.Choice{Value: d.Hash, Label: d.Key + ", version " + strconv.Itoa(d.Version) + " (" + shortHash(d.Hash) + ")"})
		}
	}
	for _, d := range drafts {
		if check(d).instrument != nil {
			options = append(options, templates.Choice{Value: d.ID, Label: "Draft: " + d.Name})
		}
	}
	form := templates.Form{Submit: "Compare", Get: true, Fields: []templates.Field{
		{Kind: templates.SelectField, Name: "from", Label: "Before", Required: true, Options: chosenOption(options, c.QueryParam("from"))},
		{Kind: templates.SelectField, Name: "to", Label: "After", Required: true, Options: chosenOption(options, c.QueryParam("to"))}}}
	p := templates.ListPage{Base: s.staffBase(c, "Compare", templates.Link{Text: "Questionnaires and criteria", URL: studyPath(who.study, "/documents")}, templates.Link{Text: "Compare", URL: studyPath(who.study, "/diff")}),
		Heading: "Compare two questionnaires", Lead: "Choose two versions to see which changes break the comparison between waves."}
	if c.QueryParam("from") != "" && c.QueryParam("to") != "" {
		before, err := s.instrumentNamed(c, c.QueryParam("from"))
		if err != nil {
			return err
		}
		after, err := s.instrumentNamed(c, c.QueryParam("to"))
		if err != nil {
			return err
		}
		changes := survey.Diff(before, after)
		p.Heading, p.Lead = diffHeading(changes), ""
		p.Lists = append(p.Lists, templates.ListSection{List: diffList(changes)})
	}
	p.Lists = append(p.Lists, templates.ListSection{Form: &form})
	return page(c, http.StatusOK, p)
}

func chosenOption(options []templates.Choice, value string) []templates.Choice {
	chosen := make([]templates.Choice, len(options))
	for i, o := range options {
		o.Checked = o.Value == value
		chosen[i] = o
	}
	return chosen
}

func diffHeading(changes []survey.Change) string {
	breaks := 0
	for _, change := range changes {
		if change.Effect == survey.Breaks {
			breaks++
		}
	}
	switch {
	case len(changes) == 0:
		return "The two questionnaires are the same"
	case breaks > 0:
		return counted(breaks, "change breaks", "changes break") + " the comparison"
	}
	return "The two stay comparable: " + counted(len(changes), "change", "changes")
}

func diffList(changes []survey.Change) templates.List {
	list := templates.List{ID: "changes", Caption: counted(len(changes), "change", "changes"), Empty: "Nothing differs.",
		Head: []templates.ListHead{{Text: "Where"}, {Text: "What"}, {Text: "Before"}, {Text: "After"}, {Text: "Effect"}}}
	for _, change := range changes {
		effect := effectWords[change.Effect]
		effect.Small = sentence(change.Reason)
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: change.Path}, {Text: change.What}, {Text: change.Before}, {Text: change.After}, effect}})
	}
	return list
}
