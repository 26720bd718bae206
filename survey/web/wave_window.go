package web

import (
	"cmp"
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
	stand, err := s.waveStand(ctx, who.wave)
	if err != nil {
		return err
	}
	criteria, err := s.criteriaOf(ctx, who.wave)
	if err != nil {
		return err
	}
	p := templates.ListPage{Base: s.staffBase(c, who.wave.Title), Eyebrow: who.study.Title, Heading: who.wave.Title, Lead: waveLead(who, s.Now()),
		Step: s.waveStep(c, stand), Ways: s.waveWays(c), Facts: waveDetails(who.wave, in, seal, s.Now())}
	if seal.Broken != "" {
		p.Lists = append(p.Lists, templates.ListSection{Heading: "The seal is broken", Words: sentence(seal.Broken + ": somebody has changed the database past this program")})
	}
	if len(seal.Changes) > 0 {
		p.Lists = append(p.Lists, templates.ListSection{Heading: "How the end has moved", List: changesList(seal.Changes)})
	}
	p.Lists = append(p.Lists, criteriaSections(criteria, in)...)
	return page(c, http.StatusOK, p)
}

func waveLead(who staff, now time.Time) string {
	switch w := who.wave; {
	case w.State(now) == survey.WavePlanned:
		return "Planned. Everything can still be changed; it is sealed when the wave opens."
	case w.State(now) == survey.WaveOpen:
		return "Open: answers are taken."
	case w.TakesDrafts(now):
		return "Closed: only answers that were begun before are still taken, until " + who.moment(w.LateUntil()) + "."
	}
	return "Closed: answers are no longer taken."
}

func waveDetails(w survey.Wave, in *survey.Instrument, seal survey.Seal, now time.Time) []templates.Detail {
	sealed := "what is sealed when the wave opens; it changes with the settings until then"
	if w.State(now) != survey.WavePlanned {
		sealed = "fingerprint of what can not change any more; respondents see it on their first page"
	}
	return []templates.Detail{
		momentDetail("Opens", w.OpensAt, ""), momentDetail("Closes", w.ClosesAt, "when it is closed by hand"),
		{Name: "Time zone of mails", Value: cmp.Or(w.Zone, "UTC")}, lateDetail(w), {Name: "Smallest group", Value: smallestGroup(w)}, modeDetail(w),
		{Name: "Questionnaire", Value: fmt.Sprintf("%s, version %d", in.Title.In("en"), in.Version), Small: shortHash(w.InstrumentHash)},
		{Name: "Seal", Value: seal.Hash, Code: true, Small: sealed},
	}
}

func lateDetail(w survey.Wave) templates.Detail {
	late := "are not taken"
	if w.LateHours > 0 {
		late = "of those who began before the close are taken for " + counted(w.LateHours, "hour", "hours")
	}
	return templates.Detail{Name: "Late answers", Value: late}
}

func smallestGroup(w survey.Wave) string {
	return fmt.Sprintf("%d people; no figure is shown for fewer", w.MinimumGroup)
}

func modeDetail(w survey.Wave) templates.Detail {
	mode := "confidential: the database knows which invitation an answer came by"
	if w.Mode == survey.Anonymous {
		mode = "anonymous: nothing connects an answer with its invitation, and results are shown when the wave is over"
	}
	return templates.Detail{Name: "Mode", Value: mode}
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

const reasonHint = "It is listed beside the seal."

// sureField asks a second time: what it says is only done where it is ticked.
func sureField(name, label string) templates.Field {
	return templates.Field{Kind: templates.CheckField, Name: name, Label: label, Value: "yes", Required: true}
}

// beSure marks a form in which the second question was not answered.
func beSure(form url.Values, name string, into *templates.Form) {
	if !has(form, name, "yes") {
		_ = fieldProblem(into, name, survey.Errorf(survey.Invalid, "please say that you are sure: nothing was done yet"))
	}
}

// endForms are the ways to move the end of a wave.
func (s *Server) endForms(c echo.Context) (extend, end templates.Form) {
	who := staffOf(c)
	until := momentField("until", "New end", time.Time{})
	until.Required = true
	reason := func(name string) templates.Field {
		return templates.Field{Kind: templates.TextField, Name: name, Label: "Reason", Hint: reasonHint}
	}
	extend = templates.Form{Action: wavePath(who.study, who.wave, "/extend"), Submit: "Extend the wave",
		Fields: []templates.Field{until, reason("reason"), sureField("sure", "Let the wave end later: this stays listed beside the seal for good")}}
	at := momentField("at", "New end", time.Time{})
	at.Hint = "Empty: now."
	lost := "sent"
	if who.wave.LateHours > 0 {
		lost = "begun"
	}
	end = templates.Form{Action: wavePath(who.study, who.wave, "/close"), Submit: "Close the wave “" + who.wave.Title + "”", Danger: true,
		Fields: []templates.Field{at, reason("why"), sureField("sure-end", "End it: whoever has not "+lost+" answers by then can not answer")}}
	return extend, end
}

func (s *Server) askWaveEnd(c echo.Context) error {
	extend, end := s.endForms(c)
	return s.showEnd(c, extend, end)
}

// endFacts say whom the end of the wave concerns.
func (s *Server) endFacts(c echo.Context) ([]templates.Detail, error) {
	w := staffOf(c).wave
	counts, err := s.Store.FieldworkCounts(c.Request().Context(), w.ID)
	drafts := thousands(counts.Total.Drafts)
	switch {
	case counts.Total.Drafts > 0 && w.LateHours > 0:
		drafts += ", of whom those who send within the time for late answers still count"
	case counts.Total.Drafts > 0:
		drafts += ", who have to send before the end"
	}
	return []templates.Detail{momentDetail("Ends", w.ClosesAt, "when it is closed by hand"), lateDetail(w), {Name: "Answered", Value: thousands(counts.Total.Responses)},
		{Name: "Invited, not answered", Value: thousands(counts.Total.Invited - counts.Total.Used)}, {Name: "Begun, not sent", Value: drafts}}, err
}

func (s *Server) showEnd(c echo.Context, extend, end templates.Form) error {
	who := staffOf(c)
	status := http.StatusOK
	if wrong(extend) || wrong(end) {
		status = http.StatusUnprocessableEntity
	}
	facts, err := s.endFacts(c)
	if err != nil {
		return err
	}
	p := templates.ListPage{Base: s.staffBase(c, "Extend or close", templates.Link{Text: "Extend or close", URL: wavePath(who.study, who.wave, "/end")}),
		Heading: "Extend or close the wave", Facts: facts, Lists: []templates.ListSection{{Heading: "Extend", Words: extendWords(who.wave, s.Now())}}}
	if mayBeExtended(who.wave, s.Now()) {
		p.Lists[0].Form = &extend
	}
	if who.wave.State(s.Now()) == survey.WaveOpen {
		p.Lists = append(p.Lists, templates.ListSection{Heading: "Close early", Words: closeWords(who.wave), Form: &end})
	}
	return page(c, status, p)
}

// mayBeExtended says whether there is any end to which the wave can be extended.
func mayBeExtended(w survey.Wave, now time.Time) bool {
	switch w.State(now) {
	case survey.WavePlanned:
		return false
	case survey.WaveClosed:
		return w.Mode != survey.Anonymous && !w.Released(now) && now.Before(w.ClosesAt.Add(survey.ExtendWithin))
	}
	return !w.ClosesAt.IsZero()
}

func extendWords(w survey.Wave, now time.Time) string {
	switch {
	case w.State(now) == survey.WavePlanned:
		return "The wave has not opened yet: its end is one of the settings until then."
	case w.ClosesAt.IsZero():
		return "The wave has no end, so there is nothing to extend: it stays open until it is closed."
	case w.State(now) == survey.WaveOpen:
		return "The new end must be later than the one it has."
	case w.Mode == survey.Anonymous:
		return "An anonymous wave stays closed for good: whoever answered later could be told from its results."
	case w.Released(now):
		return "The wave stays closed for good: its results are final, and whoever answered later could be told from the difference to them."
	}
	return "While its results are not final, the wave can be opened again for a week after its close, until the new end."
}

// closeWords say what an early end brings about in this wave.
func closeWords(w survey.Wave) string {
	words := "From the new end on nobody can answer any more, also those who have begun and not sent"
	if w.LateHours > 0 {
		words = "From the new end on nobody can begin; answers begun before are taken for " + counted(w.LateHours, "more hour", "more hours")
	}
	words += ". Mail that has not left does not leave, and results become final unless they are held. "
	if w.Mode == survey.Anonymous {
		return words + "An anonymous wave stays closed for good."
	}
	if w.HeldAt.IsZero() {
		return words + "With final results it stays closed for good: whoever answered later could be told from the difference. To be able to extend it, hold its results first, on the page Data and quality."
	}
	return words + "For a week it can be extended again, as long as its results are held."
}

func (s *Server) extendWave(c echo.Context) error {
	return s.moveEnd(c, func(form url.Values, extend, _ *templates.Form) (w survey.Wave, _ error) {
		showTypedForm(form, extend)
		until, err := typedMoment(form, "until")
		if err == nil && until.IsZero() {
			err = survey.Errorf(survey.Invalid, "please say until when")
		}
		if beSure(form, "sure", extend); err == nil && !wrong(*extend) {
			w, err = s.Store.ExtendWave(s.auditWave(c, "wave.extend"), staffOf(c).wave.ID, until, one(form, "reason"))
		}
		return w, fieldProblem(extend, "until", err)
	})
}

func (s *Server) closeWave(c echo.Context) error {
	return s.moveEnd(c, func(form url.Values, _, end *templates.Form) (w survey.Wave, _ error) {
		showTypedForm(form, end)
		at, err := typedMoment(form, "at")
		if beSure(form, "sure-end", end); err == nil && !wrong(*end) {
			w, err = s.Store.CloseWaveAt(s.auditWave(c, "wave.close"), staffOf(c).wave.ID, at, one(form, "why"))
		}
		return w, fieldProblem(end, "at", err)
	})
}

// moveEnd lets move do its work and shows the forms again where it could not.
func (s *Server) moveEnd(c echo.Context, move func(form url.Values, extend, end *templates.Form) (survey.Wave, error)) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	extend, end := s.endForms(c)
	moved, err := move(form, &extend, &end)
	if err != nil {
		return err
	}
	if wrong(extend) || wrong(end) {
		return s.showEnd(c, extend, end)
	}
	who := staffOf(c)
	return s.seeNotice(c, wavePath(who.study, who.wave, ""), movedWords(who, moved, s.Now()))
}

// movedWords say what a move of the end has done to the wave, which was as who knows it.
func movedWords(who staff, moved survey.Wave, now time.Time) string {
	ends := who.moment(moved.ClosesAt) + "."
	switch was := who.wave; {
	case moved.State(now) == survey.WaveClosed:
		return "The wave is closed."
	case was.State(now) == survey.WaveClosed:
		return "The wave is open again. It ends on " + ends
	case was.ClosesAt.IsZero():
		return "The wave has an end now: it closes on " + ends
	case moved.ClosesAt.After(was.ClosesAt):
		return "The wave is extended. It ends on " + ends
	}
	return "The wave ends earlier: on " + ends
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
