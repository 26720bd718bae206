package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// wave shows a wave to those who run it: its state, what is sealed, and the ways on.
func (s *Server) wave(c echo.Context) error {
	who, ctx := staffOf(c), c.Request().Context()
	seal, err := s.Store.WaveSeal(ctx, who.wave.ID)
	if err != nil {
		return err
	}
	in, err := s.Store.Instrument(ctx, who.wave.InstrumentHash)
	if err != nil {
		return err
	}
	p := templates.ListPage{Base: s.staffBase(c, who.wave.Title), Eyebrow: who.study.Title, Heading: who.wave.Title, Buttons: s.waveButtons(c),
		Lead: waveLead(who.wave, s.Now()), Facts: waveDetails(who.wave, in, seal)}
	if seal.Broken != "" {
		p.Lists = append(p.Lists, templates.ListSection{Heading: "The seal is broken", Words: sentence(seal.Broken + ": somebody has changed the database past this program")})
	}
	if section, ok := s.waveMove(c); ok {
		p.Lists = append(p.Lists, section)
	}
	if len(seal.Changes) > 0 {
		p.Lists = append(p.Lists, templates.ListSection{Heading: "How the end has moved", List: changesList(seal.Changes)})
	}
	return page(c, http.StatusOK, p)
}

func waveLead(w survey.Wave, now time.Time) string {
	switch w.State(now) {
	case survey.WavePlanned:
		return "Planned. Everything can still be changed; it is sealed when the wave opens."
	case survey.WaveOpen:
		return "Open: answers are taken."
	}
	return "Closed: answers are no longer taken."
}

func waveDetails(w survey.Wave, in *survey.Instrument, seal survey.Seal) []templates.Detail {
	late := "are not taken"
	if w.LateHours > 0 {
		late = fmt.Sprintf("of those who began before the close are taken for %d hours", w.LateHours)
	}
	mode := "confidential: the database knows which invitation an answer came by"
	if w.Mode == survey.Anonymous {
		mode = "anonymous: nothing connects an answer with its invitation"
	}
	return []templates.Detail{
		momentDetail("Opens", w.OpensAt, ""), momentDetail("Closes", w.ClosesAt, "when it is closed by hand"),
		{Name: "Late answers", Value: late}, {Name: "Smallest group", Value: fmt.Sprintf("%d people", w.MinimumGroup)}, {Name: "Mode", Value: mode},
		{Name: "Questionnaire", Value: fmt.Sprintf("%s, version %d", in.Key, in.Version), Small: shortHash(w.InstrumentHash)},
		{Name: "Seal", Value: seal.Hash, Code: true},
	}
}

func changesList(changes []survey.WindowChange) templates.List {
	list := templates.List{ID: "moves", Caption: "Moves of the end", Head: []templates.ListHead{{Text: "What"}, {Text: "When"}, {Text: "From"}, {Text: "To"}, {Text: "Reason"}}}
	for _, change := range changes {
		what := "extended"
		if change.Kind == survey.ClosedEarly {
			what = "closed early"
		}
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: what}, momentCell(change.ChangedAt), momentCell(change.From), momentCell(change.To), {Text: change.Reason}}})
	}
	return list
}

// waveButtons lead to the parts of a wave that the person's role includes.
func (s *Server) waveButtons(c echo.Context) []templates.Link {
	who := staffOf(c)
	var links []templates.Link
	for _, part := range []struct{ text, path string }{
		{"Fieldwork", "/fieldwork"}, {"Roster", "/roster"}, {"Mailings", "/mailings"}, {"Open links", "/links"}, {"Targets", "/targets"}, {"Data", "/data"}, {"Erase a person", "/erase"}, {"Settings", "/settings"}, {"Extend or close", "/end"},
	} {
		state := who.wave.State(s.Now())
		if part.path == "/settings" && state != survey.WavePlanned || part.path == "/end" && state == survey.WavePlanned {
			continue
		}
		if s.mayOpen(c, "/studies/:study/waves/:wave"+part.path) {
			links = append(links, templates.Link{Text: part.text, URL: wavePath(who.study, who.wave, part.path), Current: part.path == "/fieldwork"})
		}
	}
	if s.mayOpen(c, "/studies/:study/documents") {
		links = append(links, templates.Link{Text: "Preview the questionnaire", URL: previewPath(who.study, who.wave.InstrumentHash, "")})
	}
	if who.is(survey.Executive) {
		links = append(links, s.ownResults(c)...)
	}
	if who.is(readers.roles...) {
		links = append(links, templates.Link{Text: "Results", URL: resultsPath(who.wave.Key, "")})
	}
	return links
}

// waveMove offers to open a planned wave now.
func (s *Server) waveMove(c echo.Context) (templates.ListSection, bool) {
	who := staffOf(c)
	if who.wave.State(s.Now()) != survey.WavePlanned || !who.is(runners.roles...) {
		return templates.ListSection{}, false
	}
	return templates.ListSection{Heading: "Open now", Words: "The wave opens by itself at the time above. Opened now, everything that defines it is sealed at once.",
		Form: &templates.Form{Action: wavePath(who.study, who.wave, "/open"), Submit: "Open the wave now"}}, true
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

const reasonHint = "It is listed beside the seal."

// endForms are the ways to move the end of a wave.
func (s *Server) endForms(c echo.Context) (extend, end templates.Form) {
	who := staffOf(c)
	until := momentField("until", "New end", time.Time{})
	until.Required = true
	extend = templates.Form{Action: wavePath(who.study, who.wave, "/extend"), Submit: "Extend the wave",
		Fields: []templates.Field{until, {Kind: templates.TextField, Name: "reason", Label: "Reason", Hint: reasonHint}}}
	at := momentField("at", "New end", time.Time{})
	at.Hint = "Empty: now."
	end = templates.Form{Action: wavePath(who.study, who.wave, "/close"), Submit: "Close the wave “" + who.wave.Title + "”", Danger: true,
		Fields: []templates.Field{at, {Kind: templates.TextField, Name: "reason", Label: "Reason", Hint: reasonHint}}}
	return extend, end
}

func (s *Server) askWaveEnd(c echo.Context) error {
	extend, end := s.endForms(c)
	return s.showEnd(c, extend, end)
}

func (s *Server) showEnd(c echo.Context, extend, end templates.Form) error {
	who := staffOf(c)
	status := http.StatusOK
	if wrong(extend) || wrong(end) {
		status = http.StatusUnprocessableEntity
	}
	p := templates.ListPage{Base: s.staffBase(c, "Extend or close", templates.Link{Text: "Extend or close", URL: wavePath(who.study, who.wave, "/end")}),
		Heading: "Extend or close the wave", Facts: []templates.Detail{momentDetail("Ends", who.wave.ClosesAt, "when it is closed by hand")},
		Lists: []templates.ListSection{{Heading: "Extend", Words: "Open waves, and confidential ones up to a week after their close.", Form: &extend}}}
	if who.wave.State(s.Now()) == survey.WaveOpen {
		p.Lists = append(p.Lists, templates.ListSection{Heading: "Close early", Words: "No further answers can begin. This can not be taken back after a week; anonymous waves stay closed.", Form: &end})
	}
	return page(c, status, p)
}

func (s *Server) extendWave(c echo.Context) error {
	return s.moveEnd(c, func(form url.Values, extend, _ *templates.Form) error {
		showTypedForm(form, extend)
		until, err := typedMoment(form, "until")
		if err == nil && until.IsZero() {
			err = survey.Errorf(survey.Invalid, "please say until when")
		}
		if err == nil {
			_, err = s.Store.ExtendWave(s.auditWave(c, "wave.extend"), staffOf(c).wave.ID, until, one(form, "reason"))
		}
		return fieldProblem(extend, "until", err)
	})
}

func (s *Server) closeWave(c echo.Context) error {
	return s.moveEnd(c, func(form url.Values, _, end *templates.Form) error {
		showTypedForm(form, end)
		at, err := typedMoment(form, "at")
		if err == nil {
			_, err = s.Store.CloseWaveAt(s.auditWave(c, "wave.close"), staffOf(c).wave.ID, at, one(form, "reason"))
		}
		return fieldProblem(end, "at", err)
	})
}

// moveEnd lets move do its work and shows the forms again where it could not.
func (s *Server) moveEnd(c echo.Context, move func(form url.Values, extend, end *templates.Form) error) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	extend, end := s.endForms(c)
	if err := move(form, &extend, &end); err != nil {
		return err
	}
	if wrong(extend) || wrong(end) {
		return s.showEnd(c, extend, end)
	}
	who := staffOf(c)
	return s.seeNotice(c, wavePath(who.study, who.wave, ""), "The end of the wave is moved.")
}

// auditWave is a context in which a change of the wave is written into the audit log.
func (s *Server) auditWave(c echo.Context, action string) context.Context {
	who := staffOf(c)
	return store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: action, Object: "wave " + who.wave.Key, Study: who.study.ID})
}

// ownResults lead an executive to the results of the own organizations.
func (s *Server) ownResults(c echo.Context) []templates.Link {
	who := staffOf(c)
	var links []templates.Link
	for _, id := range who.place.Organizations {
		// What is not found now was taken out of the study: there is nothing to lead to.
		if o, err := s.Store.OrganizationByID(c.Request().Context(), id); err == nil {
			links = append(links, templates.Link{Text: "Results of " + o.Name, URL: resultsPath(who.wave.Key, o.Key), Current: true})
		}
	}
	return links
}
