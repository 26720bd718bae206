package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// groupPart is the page of a group of the wave: people of a role or with an answer,
// organizations of an industry, region or size.
const groupPart = "group"

// The parameters of a group's role, and of the answer its people gave; the others
// are benchmark.GroupTraits.
const (
	groupRole   = "role"
	groupAnswer = "answer"
)

// mostGroupValues is how many values an address may name, so that none can be made
// to cost much.
const mostGroupValues = 200

// groupParameters are what the address of a group may have beside format and table.
func groupParameters() []string {
	return append([]string{groupRole, groupAnswer}, benchmark.GroupTraits[:]...)
}

// askedGroup reads a group from the parameters of an address. Empty values, as
// forms send them, say nothing.
func askedGroup(query url.Values) (benchmark.Group, error) {
	var g benchmark.Group
	traits := [...]*[]string{&g.Industries, &g.Regions, &g.Sizes}
	for trait, name := range benchmark.GroupTraits {
		*traits[trait] = slices.DeleteFunc(slices.Clone(query[name]), func(v string) bool { return v == "" })
		if len(*traits[trait]) > mostGroupValues {
			return g, survey.Errorf(survey.Invalid, "a group is put together from %d values of %s at most", mostGroupValues, name)
		}
	}
	for i, part := range [...]*string{&g.Role, &g.Answer} {
		name := [...]string{groupRole, groupAnswer}[i]
		values := slices.DeleteFunc(slices.Clone(query[name]), func(v string) bool { return v == "" })
		if len(values) > 1 {
			return g, survey.Errorf(survey.Invalid, "a group has one %s, or all; this address names %d", name, len(values))
		}
		*part = strings.Join(values, "")
	}
	return g, nil
}

// groupQuery is the one spelling of a group in an address.
func groupQuery(g benchmark.Group) url.Values {
	query := url.Values{}
	if g.Role != "" {
		query.Set(groupRole, g.Role)
	}
	if g.Answer != "" {
		query.Set(groupAnswer, g.Answer)
	}
	for trait, values := range [...][]string{g.Industries, g.Regions, g.Sizes} {
		if len(values) > 0 {
			query[benchmark.GroupTraits[trait]] = values
		}
	}
	return query
}

// groupResults shows a group. An address that spells it in another way leads to the
// one spelling, so that it is computed and kept once.
func (s *Server) groupResults(c echo.Context) error {
	_, form, err := asked(c, path.Base(c.Request().URL.Path), groupParameters()...)
	if err != nil {
		return err
	}
	w, err := s.readablePart(c)
	if err != nil {
		return err
	}
	g, err := askedGroup(c.QueryParams())
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	view, err := s.results.live.read(ctx, w)
	if err != nil {
		return s.notYet(c, w, form, err)
	}
	if g, err = g.Check(w.instrument, view.wave.organizations); err != nil {
		return err
	}
	query := groupQuery(g)
	if g.All() {
		return c.Redirect(http.StatusSeeOther, resultsPath(w.Key, ""))
	}
	for _, name := range []string{"format", "table"} {
		if value := c.QueryParam(name); value != "" {
			query.Set(name, value)
		}
	}
	if spelled := query.Encode(); c.Request().URL.RawQuery != spelled {
		return c.Redirect(http.StatusSeeOther, c.Request().URL.EscapedPath()+"?"+spelled)
	}
	b, err := s.results.group(ctx, view, g)
	if err != nil {
		return s.notYet(c, w, form, err)
	}
	return s.sendKept(c, form, "", b.kept, func() (templates.Page, error) { return groupPage(b.wave(), b.value), nil })
}

// group returns the benchmark of a group.
func (r *resultSource) group(ctx context.Context, view *liveView, g benchmark.Group) (result[*benchmark.GroupBenchmark], error) {
	return resultOfView(ctx, r, view, "/"+groupPart+"?"+groupQuery(g).Encode(), func(ctx context.Context, s *panel.Snapshot, in benchmark.Input) (*benchmark.GroupBenchmark, error) {
		return benchmark.ComputeGroup(ctx, s, in, g)
	})
}

func groupPage(w resultWave, b *benchmark.GroupBenchmark) templates.GroupResults {
	const title = "A group beside the whole wave"
	address := resultsPath(w.Key, "") + "/" + groupPart + "?" + groupQuery(b.Group).Encode()
	page := templates.GroupResults{
		ResultsBase: templates.ResultsBase{
			Base: pageBase(title+": "+b.Title, waveNav(w, groupPart)...), Eyebrow: eyebrow(b.Title, originWord(w.study.Origin)), Heading: title,
			Headline: b.Words, Origin: origin(b.Provenance), Caveats: b.Caveats,
			Provenance: append(provenance(b.Provenance, nil, nil, b.MinimumGroup), templates.Fact{Name: "Group", Words: b.Words}),
		},
		Reason: b.Reason, Form: groupForm(w, b.Group),
	}
	if len(b.Practices) == 0 {
		return page
	}
	page.KeyFigures = []templates.KeyFigure{{What: "Organizations", Figure: benchmark.FormatCount(b.Covered), Note: "of " + benchmark.FormatCount(b.Organizations) + " in this group"}}
	page.Practices = groupTable(b)
	page.Downloads = []templates.Link{{Text: "All of this as JSON", URL: address + "&format=json"}, {Text: "Practices as CSV", URL: address + "&format=csv"}}
	return page
}

func groupTable(b *benchmark.GroupBenchmark) templates.DataTable {
	t := newTable("group-table", "Every practice: share that agrees, in this group and in the whole wave", "Practice", "Group", "All", "World-Class", "All minus group", "World-Class minus group", "n")
	for _, p := range b.Practices {
		t.row(practiceHeading(p.Label, p.KeyPractice, p.Reverse), t.cell(p.Group), t.cell(p.All), t.cell(p.WC), t.cell(p.GapAll), t.cell(p.GapWC), count(p.Group.N))
	}
	return t.done("Gaps in points: a plus means that the others are ahead.")
}

// groupForm offers what groups can be put together from; nil where that is nothing.
func groupForm(w resultWave, chosen benchmark.Group) *templates.GroupForm {
	form := &templates.GroupForm{Action: resultsPath(w.Key, "") + "/" + groupPart, Roles: []templates.Choice{{Label: "All roles", Checked: chosen.Role == ""}}}
	for _, key := range benchmark.GroupRoles(w.instrument) {
		role, _ := w.instrument.RoleByKey(key)
		form.Roles = append(form.Roles, templates.Choice{Value: key, Label: chart.Plain(role.Label.In("")), Checked: key == chosen.Role})
	}
	for trait, wanted := range [...][]string{chosen.Industries, chosen.Regions, chosen.Sizes} {
		if choices := groupChoices(w, trait, wanted); len(choices) > 1 {
			name := benchmark.GroupTraits[trait]
			form.Traits = append(form.Traits, templates.GroupTrait{Name: name, Title: strings.ToUpper(name[:1]) + name[1:], Choices: choices, Open: len(wanted) > 0})
		}
	}
	form.Answers = answerChoices(w.instrument, chosen.Answer)
	if len(form.Traits) == 0 && len(form.Answers) == 0 && len(form.Roles) < 3 {
		return nil
	}
	return form
}

// answerChoices are the answers that people can be chosen by, question by question.
func answerChoices(inst *survey.Instrument, chosen string) []templates.GroupTrait {
	var questions []templates.GroupTrait
	for _, f := range benchmark.GroupQuestions(inst) {
		question := templates.GroupTrait{Title: chart.Plain(f.Item.Label.In(""))}
		for option := range f.Item.Options {
			value := benchmark.GroupAnswer(f.Item, option)
			question.Choices = append(question.Choices, templates.Choice{Value: value, Label: chart.Plain(f.Item.Options[option].Label.In("")), Checked: value == chosen})
		}
		questions = append(questions, question)
	}
	return questions
}

// groupChoices are the values that organizations have of a trait, by their words.
// Of very many the form offers the first.
func groupChoices(w resultWave, trait int, wanted []string) []templates.Choice {
	seen := map[string]bool{}
	var choices []templates.Choice
	for i := range w.organizations {
		o := &w.organizations[i]
		value := [...]string{o.Industry, o.Region, o.Size}[trait]
		if value == "" || seen[value] {
			continue
		}
		seen[value] = true
		choices = append(choices, templates.Choice{Value: value, Label: w.traitWord([...]string{"industry", "region", "company_size"}[trait], value), Checked: slices.Contains(wanted, value)})
	}
	slices.SortFunc(choices, func(a, b templates.Choice) int {
		return cmp.Or(strings.Compare(a.Label, b.Label), strings.Compare(a.Value, b.Value))
	})
	return choices[:min(len(choices), mostGroupValues)]
}
