package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// askOpenWave says what opening the wave now brings about, and what can not be
// changed afterwards, before it is done.
func (s *Server) askOpenWave(c echo.Context) error {
	who, ctx := staffOf(c), c.Request().Context()
	if who.wave.State(s.Now()) != survey.WavePlanned {
		return s.seeNotice(c, wavePath(who.study, who.wave, ""), "The wave has opened already.")
	}
	stand, err := s.waveStand(ctx, who.wave)
	if err != nil {
		return err
	}
	in, err := s.Store.Instrument(ctx, who.wave.InstrumentHash)
	if err != nil {
		return err
	}
	criteria, err := s.criteriaWords(ctx, who.wave.CriteriaHash)
	if err != nil {
		return err
	}
	p := templates.FormPage{Base: s.staffBase(c, "Open the wave", templates.Link{Text: "Open", URL: wavePath(who.study, who.wave, "/open")}), Eyebrow: who.wave.Title,
		Heading: "Open the wave now?", Lead: "From then on links work and answers are taken. What stands here is sealed at that moment and can not be changed by anybody any more:",
		Facts: []templates.Detail{purposeDetail(who.study), {Name: "Questionnaire", Value: fmt.Sprintf("%s, version %d", in.Title.In("en"), in.Version), Small: shortHash(who.wave.InstrumentHash)},
			{Name: "Criteria", Value: criteria}, {Name: "Opens", Value: "now, instead of " + who.moment(who.wave.OpensAt)},
			momentDetail("Closes", who.wave.ClosesAt, "when it is closed by hand"), lateDetail(who.wave), {Name: "Smallest group", Value: smallestGroup(who.wave)}, modeDetail(who.wave)},
		Form: templates.Form{Submit: "Open the wave “" + who.wave.Title + "” now", Danger: true, Cancel: &templates.Link{Text: "Not now", URL: wavePath(who.study, who.wave, "")}},
		Notes: []string{stand.people() + " Organizations, people, links and mailings can be added later, too.",
			"The end alone can still move: it can be extended, or come early, and each move is listed beside the seal.",
			"No mail leaves by this: invitations are sent on the page of mailings."}}
	return page(c, http.StatusOK, p)
}

// purposeDetail is what respondents agree to, with the languages in which it has words
// of its own.
func purposeDetail(study survey.Study) templates.Detail {
	d := templates.Detail{Name: "Purpose", Value: study.Purpose, Small: "the same in every language"}
	var own []string
	for language := range study.Purposes.All() {
		own = append(own, templates.MailLanguageName(language))
	}
	if len(own) > 0 {
		slices.Sort(own)
		d.Small = "words of its own in " + strings.Join(own, ", ")
	}
	return d
}

// people says in a sentence or two who could answer.
func (n waveStand) people() string {
	words := fmt.Sprintf("%s in the study, %s on the roster, %s.", counted(n.organizations, "organization is", "organizations are"),
		counted(n.invited, "person", "people"), counted(n.links, "open link", "open links"))
	if n.invited == 0 && n.links == 0 {
		words += " Nobody could answer yet."
	}
	return words
}

// criteriaWords name the criteria of a wave as its form does.
func (s *Server) criteriaWords(ctx context.Context, hash string) (string, error) {
	if hash == "" {
		return "none: the wave names no tiers", nil
	}
	if criteria, ok := benchmark.BuiltinCriteria(hash); ok {
		return criteriaLabel(criteria), nil
	}
	kept, err := s.Store.Criteria(ctx, hash)
	return kept.Name + " (" + shortHash(hash) + ")", err
}

// criteriaOf finds the criteria of a wave; nil where it has none.
func (s *Server) criteriaOf(ctx context.Context, w survey.Wave) (*benchmark.Criteria, error) {
	if w.CriteriaHash == "" {
		return nil, nil
	}
	if criteria, ok := benchmark.BuiltinCriteria(w.CriteriaHash); ok {
		return criteria, nil
	}
	kept, err := s.Store.Criteria(ctx, w.CriteriaHash)
	if err != nil {
		return nil, err
	}
	return benchmark.ParseCriteria(kept.Document)
}

// criteriaSections list on the page of a wave what its criteria ask for.
func criteriaSections(criteria *benchmark.Criteria, in *survey.Instrument) []templates.ListSection {
	if criteria == nil {
		return []templates.ListSection{{Heading: "World-Class criteria", Words: "None: the wave names no tiers."}}
	}
	text := criteria.Text(in)
	list := templates.List{ID: "criteria", Caption: "The statements that decide", Head: []templates.ListHead{{Text: "Statement"}, {Text: "Area"}}}
	for _, p := range text.Practices {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: p.Label}, {Text: p.Area}}})
	}
	return []templates.ListSection{{Heading: "World-Class criteria: " + criteriaLabel(criteria), Words: strings.Join(text.Sentences, " "), List: list}}
}

// openWave opens a planned wave now.
func (s *Server) openWave(c echo.Context) error {
	who := staffOf(c)
	w := who.wave
	if w.State(s.Now()) != survey.WavePlanned {
		return survey.Errorf(survey.Conflict, "the wave has opened already")
	}
	w.OpensAt = s.Now()
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "wave.open", Object: "wave " + w.Key, Study: who.study.ID})
	if _, err := s.Store.PutWave(ctx, w); err != nil {
		return err
	}
	return s.seeNotice(c, wavePath(who.study, w, ""), "The wave is open, and what defines it is sealed.")
}
