package web

import (
	"slices"
	"strconv"
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
	v, err := s.sent(c)
	if err != nil || v == nil {
		return err
	}
	return s.showReceipt(c, v)
}

// sent finds what was sent by a link. Where nothing was, it leads to the questionnaire
// and returns no visit.
func (s *Server) sent(c echo.Context) (*visit, error) {
	v, err := s.visitNow(c)
	if err != nil {
		return nil, err
	}
	if !v.submitted {
		return nil, see(c, v.at(""))
	}
	if v.anonymous() {
		return nil, answered{}
	}
	return v, s.fillSubmitted(c.Request().Context(), v)
}

// compares says whether the own answers stand on the receipt.
func (s *Server) compares(v *visit) bool {
	return v.instrument.Key == builtinKey && s.showsOwn(v)
}

// receiptOf is the receipt as the template takes it.
func (s *Server) receiptOf(c echo.Context, v *visit) (templates.Receipt, error) {
	b := s.receiptBooklet(c, v)
	p := b.receiptBase()
	p.Study, p.Code, p.When, p.MinimumGroup, p.Contact = v.study.Title, v.receipt.Code, v.instant(b.words, v.receipt.SubmittedAt), v.wave.MinimumGroup, v.study.Contact
	p.ForAnHour = v.personal() && !v.anonymous()
	if v.anonymous() {
		p = unlinked(p)
	}
	if s.compares(v) {
		p.Compared, p.Sources = compare(b, v)
	}
	if !s.takesAlong(c, v) {
		return p, nil
	}
	p.Own = &templates.OwnFiles{}
	if !v.anonymous() {
		return p, nil
	}
	packed, err := survey.Pack(v.instrument, v.response.Answers)
	p.Own.Fields = carrying(v.receipt.Code, packed)
	return p, err
}

// receiptBooklet is in the language of the answers, or in the one that is asked for:
// answers that are sent have theirs for good.
func (s *Server) receiptBooklet(c echo.Context, v *visit) *booklet {
	language := v.response.Language
	if query := c.Request().URL.RawQuery; query != "" {
		if tag := c.QueryParam(languageQuery); slices.Contains(v.instrument.Languages, tag) {
			language = tag
		}
	}
	return s.booklets.of(v.instrument, v.response.Role, language)
}

func (b *booklet) receiptBase() templates.Receipt {
	p := templates.Receipt{Base: b.base(b.words.Say("receipt_title"), templates.Tongues{ByLink: true})}
	p.Scripts = []string{"respond.js", "time.js"}
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

func newComparer(b *booklet) *comparer {
	cp := &comparer{norms: benchmark.PublishedNorms(), numbers: make(map[string]int), view: b.view()}
	for _, f := range b.in.Fields() {
		cp.field(f, survey.Answer{State: survey.Valid})
	}
	return cp
}

// compare puts the own answers beside the published figures on the same
// question. It computes nothing: each side is said as it is.
func compare(b *booklet, v *visit) ([]templates.Comparison, []templates.Source) {
	cp := newComparer(b)
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
		return withUnit(cp.view.words, answer.Number, f.Item.Unit)
	}
	return cp.view.answerInWords(f.Item, answer)
}

// figures are the sentences of one published figure, the World-Class one first.
func (cp *comparer) figures(r benchmark.NormReference, f survey.Field) []templates.PublishedFigure {
	source := cp.source(r)
	var list []templates.PublishedFigure
	if r.WorldClass.Valid {
		id := "figure_world_class_said"
		if f.Kind == survey.Likert {
			id = "figure_world_class_agreed"
		}
		list = append(list, templates.PublishedFigure{WorldClass: true, Source: source, Percent: formatNumber(r.WorldClass.Value),
			Words: cp.sentence(id, r, r.WorldClass.Value, "")})
	}
	if r.Comparison.Valid {
		id, label := "figure_all_agreed", ""
		switch {
		case f.Kind != survey.Likert:
			id, label = "figure_published", cp.label(f)
		case r.Base == "others":
			id = "figure_others_agreed"
		}
		list = append(list, templates.PublishedFigure{Source: source, Percent: formatNumber(r.Comparison.Value),
			Words: cp.sentence(id, r, r.Comparison.Value, label)})
	}
	return list
}

func (cp *comparer) sentence(id string, r benchmark.NormReference, percent float64, label string) string {
	l := cp.view.words
	share := withUnit(l, percent, "percent")
	if r.Approximate {
		share = l.Say("about", "Percent", share)
	}
	return l.Say(id, "Year", strconv.Itoa(r.Year), "Percent", share, "Label", label)
}

// label is the short name of a question or part.
func (cp *comparer) label(f survey.Field) string {
	if f.Part != nil {
		return cp.view.text(f.Part.Label)
	}
	return cp.view.text(f.Item.Label)
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
