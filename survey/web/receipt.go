package web

import (
	"fmt"
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
	v, err := s.visitNow(c)
	if err != nil {
		return err
	}
	if !v.submitted {
		return see(c, v.at(""))
	}
	if v.anonymous() {
		return answered{}
	}
	if err := s.fillSubmitted(c.Request().Context(), v); err != nil {
		return err
	}
	return s.showReceipt(c, v)
}

// compares says whether the own answers stand on the receipt.
func (s *Server) compares(v *visit) bool {
	late := v.personal() && !v.anonymous() && s.Now().Sub(v.receipt.SubmittedAt) > comparedFor
	return v.instrument.Key == builtinKey && !late
}

// receiptOf is the receipt as the template takes it.
func (s *Server) receiptOf(v *visit) templates.Receipt {
	p := receiptBase(v.response.Language)
	p.Study, p.Code, p.When, p.MinimumGroup, p.Contact = v.study.Title, v.receipt.Code, day(v.receipt.SubmittedAt), v.wave.MinimumGroup, v.study.Contact
	p.ForAnHour = v.personal() && !v.anonymous()
	if s.compares(v) {
		p.Compared, p.Sources = compare(v)
	}
	return p
}

func receiptBase(language string) templates.Receipt {
	p := templates.Receipt{Base: respondentBase(language, "Your receipt")}
	p.Scripts = []string{"respond.js"}
	return p
}

// comparer numbers the sources in the order of the questions, whatever is answered,
// so that a question with its figures is the same on every receipt.
type comparer struct {
	norms   *benchmark.Norms
	view    *sectionView
	numbers map[string]int
	sources []templates.Source
}

func newComparer(in *survey.Instrument, role, language string) *comparer {
	cp := &comparer{norms: benchmark.PublishedNorms(), numbers: make(map[string]int), view: &sectionView{in: in, role: role, language: language}}
	for _, f := range in.Fields() {
		cp.field(f, survey.Answer{State: survey.Valid})
	}
	return cp
}

// compare puts the own answers beside the published figures on the same
// question. It computes nothing: each side is said as it is.
func compare(v *visit) ([]templates.Comparison, []templates.Source) {
	cp := newComparer(v.instrument, v.response.Role, v.response.Language)
	var list []templates.Comparison
	var cited uint64
	for _, f := range v.instrument.Fields() {
		answer := v.response.Answers[f.Index]
		if answer.State != survey.Valid {
			continue
		}
		if one, ok := cp.field(f, answer); ok {
			list = append(list, one)
			cited |= citedBy(one)
		}
	}
	var sources []templates.Source
	for _, source := range cp.sources {
		if cited>>source.Number&1 == 1 {
			sources = append(sources, source)
		}
	}
	return list, sources
}

// citedBy has a bit for the number of each source that is named.
func citedBy(c templates.Comparison) uint64 {
	cited := uint64(0)
	for _, figure := range c.Figures {
		cited |= 1 << figure.Source
	}
	return cited
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
