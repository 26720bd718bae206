package web

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// builtinKey names the instrument whose item keys the published figures use.
const builtinKey = "builtin"

// comparedFor is how long a personal link shows the own answers after they were
// sent. Whoever made the link may have kept it, beside a name.
const comparedFor = time.Hour

// receipt is what a respondent keeps, with the own answers beside published figures.
func (s *Server) receipt(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	if !v.submitted {
		return see(c, v.at(""))
	}
	if err := s.fillSubmitted(c.Request().Context(), v); err != nil {
		return err
	}
	return page(c, http.StatusOK, s.receiptOf(v))
}

func (s *Server) receiptOf(v *visit) templates.Receipt {
	p := templates.Receipt{Base: respondentBase(v.response.Language, "Your receipt"), Study: v.study.Title, Code: v.receipt.Code,
		When: day(v.receipt.SubmittedAt), MinimumGroup: v.wave.MinimumGroup, Contact: v.study.Contact}
	p.Scripts = []string{"respond.js"}
	p.ForAnHour = v.personal()
	late := v.personal() && s.Now().Sub(v.receipt.SubmittedAt) > comparedFor
	if v.instrument.Key == builtinKey && !late {
		p.Compared, p.Sources = compare(v)
	}
	return p
}

// comparer numbers the sources in the order in which they are named.
type comparer struct {
	norms   *benchmark.Norms
	view    *sectionView
	numbers map[string]int
	sources []templates.Source
}

// compare puts the own answers beside the published figures on the same
// question. It computes nothing: each side is said as it is.
func compare(v *visit) ([]templates.Comparison, []templates.Source) {
	cp := &comparer{norms: benchmark.PublishedNorms(), numbers: make(map[string]int),
		view: &sectionView{in: v.instrument, role: v.response.Role, language: v.response.Language}}
	var list []templates.Comparison
	for _, f := range v.instrument.Fields() {
		answer := v.response.Answers[f.Index]
		if answer.State != survey.Valid {
			continue
		}
		if one, ok := cp.field(f, answer); ok {
			list = append(list, one)
		}
	}
	return list, cp.sources
}

func (cp *comparer) field(f survey.Field, answer survey.Answer) (templates.Comparison, bool) {
	var measures []string
	switch f.Kind {
	case survey.Likert:
		measures = []string{benchmark.MeasureAgree}
	case survey.Number:
		measures = []string{benchmark.MeasureKPI, benchmark.MeasureWinRate}
	case survey.Allocation:
		measures = []string{benchmark.MeasureTime}
	}
	c := templates.Comparison{Question: cp.view.named(f.Key), Own: cp.own(f, answer)}
	c.Agrees = f.Kind == survey.Likert && cp.agrees(f, answer)
	references := cp.norms.For(f.Key, measures...)
	if f.Kind != survey.Likert {
		references = latest(references)
	}
	for _, reference := range references {
		c.Figures = append(c.Figures, cp.figures(reference, f)...)
	}
	return c, len(c.Figures) > 0
}

// latest keeps the newest figure about all respondents that is well sourced: a
// person needs one to compare with, not a history.
func latest(references []benchmark.NormReference) []benchmark.NormReference {
	references = slices.DeleteFunc(slices.Clone(references), func(r benchmark.NormReference) bool {
		return r.Base != "all" || r.Grade == "C" || !r.Comparison.Valid
	})
	if len(references) == 0 {
		return nil
	}
	newest := slices.MaxFunc(references, func(a, b benchmark.NormReference) int { return a.Year - b.Year })
	return []benchmark.NormReference{newest}
}

// agrees uses the cut of the published figures: the highest two of seven points.
func (cp *comparer) agrees(f survey.Field, answer survey.Answer) bool {
	scale := cp.view.in.ScaleOf(f.Item)
	return scale != nil && answer.Code > len(scale.Points)-scale.TopBox
}

func (cp *comparer) own(f survey.Field, answer survey.Answer) string {
	switch f.Kind {
	case survey.Likert:
		return cp.view.answerInWords(f.Item, answer)
	case survey.Allocation:
		return withUnit(answer.Number, f.Item.Unit)
	}
	return cp.view.answerInWords(f.Item, answer)
}

// figures are the sentences of one published figure, the World-Class one first.
func (cp *comparer) figures(r benchmark.NormReference, f survey.Field) []templates.PublishedFigure {
	source := cp.source(r)
	about := ""
	if r.Approximate {
		about = "about "
	}
	var list []templates.PublishedFigure
	if r.WorldClass.Valid {
		percent := formatNumber(r.WorldClass.Value)
		list = append(list, templates.PublishedFigure{WorldClass: true, Source: source, Percent: percent,
			Words: fmt.Sprintf("%d: %s%s%% of respondents in the World-Class group of that study %s.", r.Year, about, percent, verb(f))})
	}
	if r.Comparison.Valid {
		percent := formatNumber(r.Comparison.Value)
		list = append(list, templates.PublishedFigure{Source: source, Percent: percent, Words: comparisonWords(r, f, about, percent)})
	}
	return list
}

func comparisonWords(r benchmark.NormReference, f survey.Field, about, percent string) string {
	if f.Kind != survey.Likert {
		return fmt.Sprintf("%d: %s, %s%s%%.", r.Year, r.Label, about, percent)
	}
	who := "all respondents"
	if r.Base == "others" {
		who = "respondents outside that group"
	}
	return fmt.Sprintf("%d: %s%s%% of %s %s.", r.Year, about, percent, who, verb(f))
}

func verb(f survey.Field) string {
	if f.Kind == survey.Likert {
		return "agreed"
	}
	return "said so"
}

func (cp *comparer) source(r benchmark.NormReference) int {
	key := r.SourceTitle + r.SourceURL
	if n, ok := cp.numbers[key]; ok {
		return n
	}
	cp.numbers[key] = len(cp.sources) + 1
	cp.sources = append(cp.sources, templates.Source{Number: len(cp.sources) + 1, Title: r.SourceTitle, URL: r.SourceURL})
	return len(cp.sources)
}
