package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/export"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// dataRoutes are the pages about single answers: who may use them sees no names.
func (s *Server) dataRoutes() []route {
	const wave = "/studies/:study/waves/:wave"
	return []route{
		{http.MethodGet, wave + "/data", linkOwner, s.data},
		{http.MethodGet, wave + "/data/download", linkOwner, s.download},
		{http.MethodGet, wave + "/data/flags", linkOwner, s.flags},
		{http.MethodPost, wave + "/data/exclude", linkOwner, s.exclude},
		{http.MethodPost, wave + "/data/readmit", linkOwner, s.readmit},
		{http.MethodPost, wave + "/data/hold", linkOwner, s.holdResults},
		{http.MethodGet, wave + "/data/release", linkOwner, s.askRelease},
		{http.MethodPost, wave + "/data/release", linkOwner, s.releaseResults},
	}
}

func (s *Server) dataPath(c echo.Context, part string) string {
	who := staffOf(c)
	return wavePath(who.study, who.wave, "/data"+part)
}

func (s *Server) dataCrumb(c echo.Context) templates.Link {
	return templates.Link{Text: "Data", URL: s.dataPath(c, "")}
}

// reasonWords name the reasons of exclusions.
var reasonWords = map[survey.ExclusionReason]string{
	survey.Careless: "answered without reading", survey.TooFast: "faster than anybody reads", survey.Duplicate: "the same person twice",
	survey.TestResponse: "a trial, not a respondent", survey.NotEligible: "not one of those who were asked", survey.OtherExcluded: "another reason",
}

// data is the page of a wave's data: downloads, and what is left out.
func (s *Server) data(c echo.Context) error {
	exclude := s.excludeForm(c)
	return s.showData(c, exclude)
}

func (s *Server) showData(c echo.Context, exclude templates.Form) error {
	who, ctx := staffOf(c), c.Request().Context()
	edition, err := s.Store.CountResponses(ctx, who.wave.ID)
	if err != nil {
		return err
	}
	exclusions, err := s.Store.Exclusions(ctx, who.wave.ID)
	if err != nil {
		return err
	}
	p := templates.ListPage{Base: s.staffBase(c, "Data", s.dataCrumb(c)), Eyebrow: who.wave.Title, Heading: "Data of the wave",
		Lead:    counted(edition.Responses, "response", "responses") + ". Files hold the answers of single people, also in small groups: keep them as carefully as the database.",
		Buttons: []templates.Link{{Text: "CSV, codes and labels", URL: s.dataPath(c, "/download?format=csv&values=both"), Current: true}, {Text: "CSV, codes", URL: s.dataPath(c, "/download?format=csv&values=codes")}, {Text: "XLSX with codebook", URL: s.dataPath(c, "/download?format=xlsx&values=both")}}}
	p.Lists = append(p.Lists, s.releaseSection(c), templates.ListSection{Heading: "Careless answers",
		Words: "Responses that look as if nobody had read the questions, with the reason. Nothing is left out by itself.",
		Links: []templates.Link{{Text: "Look through flagged responses", URL: s.dataPath(c, "/flags")}}},
		templates.ListSection{Heading: "Left out", List: s.exclusionList(c, exclusions)},
		templates.ListSection{Heading: "Leave a response out", Form: &exclude})
	status := http.StatusOK
	if wrong(exclude) {
		status = http.StatusUnprocessableEntity
	}
	return page(c, status, p)
}

// releaseSection says when results become final, and offers the step that fits.
func (s *Server) releaseSection(c echo.Context) templates.ListSection {
	w, now := staffOf(c).wave, s.Now()
	section := templates.ListSection{Heading: "When results become final"}
	switch {
	case w.Released(now):
		section.Words = "They are final. What is left out from now on is marked as late: it is in files, and figures that people have seen stay, since whoever compared two looks could tell the answers of one person."
	case w.HeldAt.IsZero():
		section.Words = "When the wave closes. To look through the responses first, hold the results before that."
		section.Form = &templates.Form{Action: s.dataPath(c, "/hold"), Submit: "Hold the results"}
	case !w.Settled(now):
		section.Words = "They are held: nothing becomes final when the wave closes, until they are released."
	default:
		section.Words = "They are held. Leave out what should not count, then release them; this can not be taken back."
		section.Links = []templates.Link{{Text: "Release the results", URL: s.dataPath(c, "/release")}}
	}
	return section
}

func (s *Server) exclusionList(c echo.Context, exclusions []survey.Exclusion) templates.List {
	list := templates.List{ID: "exclusions", Caption: counted(len(exclusions), "response is left out", "responses are left out"), Empty: "No response is left out.",
		Head: []templates.ListHead{{Text: "Response"}, {Text: "Reason"}, {Text: "By"}, {Text: "When"}, {Text: "Effect"}}}
	part, pager := pageOf(c, exclusions, 100)
	list.Pager = pager
	for _, e := range part {
		effect := "left out of results"
		if e.Late {
			effect = "late: in files only"
		}
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: string(e.ResponseID), Code: true}, {Text: reasonWords[e.Reason], Small: e.Words}, {Text: e.By}, momentCell(e.At), {Text: effect}},
			Actions: []templates.Action{{Text: "Let it count", Label: string(e.ResponseID), URL: s.dataPath(c, "/readmit"), Hidden: []templates.Hidden{{Name: "response", Value: string(e.ResponseID)}}}}})
	}
	return list
}

func (s *Server) excludeForm(c echo.Context) templates.Form {
	f := templates.Form{Action: s.dataPath(c, "/exclude"), Submit: "Leave it out", Fields: []templates.Field{
		{Kind: templates.TextField, Name: "response", Label: "Response", Required: true, Hint: "Its id, as files and the list of flagged responses have it.", Autocomplete: "off"},
		{Kind: templates.RadioField, Name: "reason", Label: "Reason", Required: true},
		{Kind: templates.TextField, Name: "words", Label: "In words", Hint: "Needed for another reason. Nothing about the person, please: it stays in the records."},
	}}
	for _, reason := range survey.ExclusionReasons() {
		f.Fields[1].Options = append(f.Fields[1].Options, templates.Choice{Value: string(reason), Label: reasonWords[reason]})
	}
	return f
}

// exclude leaves a response out, with a reason.
func (s *Server) exclude(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	answer := s.excludeForm(c)
	showTypedForm(form, &answer)
	who := staffOf(c)
	e := survey.Exclusion{ResponseID: survey.ResponseID(one(form, "response")), Reason: survey.ExclusionReason(one(form, "reason")), Words: one(form, "words")}
	if e.Reason == "" {
		answer.Fields[1].Problem = "Please choose the reason."
	}
	if !wrong(answer) {
		field := "response"
		if survey.CheckExclusion(e) != nil {
			field = "words"
		}
		_, err := s.Store.Exclude(c.Request().Context(), who.actor(c), who.wave.ID, []survey.Exclusion{e})
		if err := fieldProblem(&answer, field, err); err != nil {
			return err
		}
	}
	if wrong(answer) {
		return s.showData(c, answer)
	}
	back := s.dataPath(c, "")
	if has(form, "from", "flags") {
		back = s.dataPath(c, "/flags")
	}
	return s.seeNotice(c, back, "The response is left out, and the audit log says why.")
}

func (s *Server) readmit(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	if err := s.Store.Readmit(c.Request().Context(), who.actor(c), who.wave.ID, []survey.ResponseID{survey.ResponseID(one(form, "response"))}); err != nil {
		return err
	}
	return s.seeNotice(c, s.dataPath(c, ""), "The response counts again.")
}

func (s *Server) holdResults(c echo.Context) error {
	return s.moveResults(c, s.Store.HoldWave, "The results are held.")
}

// askRelease says what can not be changed once results are released.
func (s *Server) askRelease(c echo.Context) error {
	w, ctx := staffOf(c).wave, c.Request().Context()
	if w.HeldAt.IsZero() || !w.Settled(s.Now()) || w.Released(s.Now()) {
		return see(c, s.dataPath(c, ""))
	}
	edition, err := s.Store.CountResponses(ctx, w.ID)
	if err != nil {
		return err
	}
	exclusions, err := s.Store.Exclusions(ctx, w.ID)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, templates.FormPage{Base: s.staffBase(c, "Release", s.dataCrumb(c), templates.Link{Text: "Release", URL: s.dataPath(c, "/release")}), Eyebrow: w.Title,
		Heading: "Release the results for good?",
		Lead:    "From then on everybody who may read results reads these figures as final. It can not be taken back, and leaving a response out later moves no figure any more.",
		Facts:   []templates.Detail{{Name: "Responses", Value: thousands(edition.Responses)}, {Name: "Left out", Value: thousands(len(exclusions))}},
		Form:    templates.Form{Submit: "Release the results", Danger: true, Cancel: &templates.Link{Text: "Not now", URL: s.dataPath(c, "")}}})
}

func (s *Server) releaseResults(c echo.Context) error {
	return s.moveResults(c, s.Store.ReleaseWave, "The results are final.")
}

func (s *Server) moveResults(c echo.Context, move func(context.Context, survey.Actor, survey.WaveID) (survey.Wave, error), notice string) error {
	who := staffOf(c)
	if _, err := move(c.Request().Context(), who.actor(c), who.wave.ID); err != nil {
		return err
	}
	return s.seeNotice(c, s.dataPath(c, ""), notice)
}

// flags lists the responses that look careless.
func (s *Server) flags(c echo.Context) error {
	who, ctx := staffOf(c), c.Request().Context()
	suspects, err := s.suspects(ctx, who.study, who.wave)
	if err != nil {
		return err
	}
	exclusions, err := s.Store.Exclusions(ctx, who.wave.ID)
	if err != nil {
		return err
	}
	out := make(map[survey.ResponseID]survey.Exclusion, len(exclusions))
	for _, e := range exclusions {
		out[e.ResponseID] = e
	}
	list := templates.List{ID: "flags", Caption: counted(len(suspects), "response is flagged", "responses are flagged"), Empty: "No response looks careless.",
		Head: []templates.ListHead{{Text: "Response"}, {Text: "Organization"}, {Text: "Role"}, {Text: "Why it is flagged"}, {Text: "State"}}}
	part, pager := pageOf(c, suspects, 100)
	list.Pager = pager
	for _, suspect := range part {
		row := templates.ListRow{Cells: []templates.ListCell{{Text: string(suspect.Response), Code: true}, {Text: suspect.Key}, {Text: suspect.Role}, {Text: sentence(strings.Join(suspect.Reasons, "; "))}}}
		if e, left := out[suspect.Response]; left {
			row.Cells = append(row.Cells, templates.ListCell{Text: "left out", Small: reasonWords[e.Reason], Tag: "quiet"})
		} else {
			reason := survey.Careless
			if slices.Equal(suspect.Flags, []string{"fast"}) {
				reason = survey.TooFast
			}
			row.Cells = append(row.Cells, templates.ListCell{Text: "counts"})
			row.Actions = []templates.Action{{Text: "Leave it out", Label: string(suspect.Response), URL: s.dataPath(c, "/exclude"),
				Hidden: []templates.Hidden{{Name: "response", Value: string(suspect.Response)}, {Name: "reason", Value: string(reason)}, {Name: "from", Value: "flags"}}}}
		}
		list.Rows = append(list.Rows, row)
	}
	return page(c, http.StatusOK, templates.ListPage{Base: s.staffBase(c, "Flagged responses", s.dataCrumb(c), templates.Link{Text: "Flagged responses", URL: s.dataPath(c, "/flags")}),
		Heading: "Responses that look careless", Lead: "A flag is a question, not a verdict: somebody may well mean the same answer everywhere. Organizations that are too small to be shown are not looked at.", Lists: []templates.ListSection{{List: list}}})
}

// suspects reads the whole wave: those who ask see single answers anyway, so nothing
// waits for whole groups.
func (s *Server) suspects(ctx context.Context, study survey.Study, wave survey.Wave) ([]benchmark.Suspect, error) {
	in := benchmark.Input{Study: study, Wave: wave, Now: s.Now(), Version: s.Version}
	in.Study.Origin = survey.Imported
	var err error
	if in.Organizations, err = s.Store.Organizations(ctx, study.ID); err != nil {
		return nil, err
	}
	instrument, err := s.Store.Instrument(ctx, wave.InstrumentHash)
	if err != nil {
		return nil, err
	}
	steps, err := benchmark.NewSteps(instrument, wave)
	if err != nil {
		return nil, err
	}
	const batch = 4096
	pending := make([]survey.Response, 0, batch)
	flush := func() error {
		err := steps.Add(pending)
		pending = pending[:0]
		return err
	}
	err = s.Store.EachResponse(ctx, wave.ID, func(r *survey.Response) error {
		if pending = append(pending, *r); len(pending) == batch {
			return flush()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if err := steps.Release(); err != nil {
		return nil, err
	}
	return benchmark.Suspects(ctx, steps.Snapshot(), in)
}

// downloadName says what is in a file of the answers.
func downloadName(w survey.Wave, o export.Options) string {
	what := map[export.Values]string{export.Codes: "codes", export.Labels: "labels", export.Both: "codes-and-labels"}[o.Values]
	if o.Format == export.XLSX {
		what = "with-codebook"
	}
	return w.Key + "-answers-" + what + "." + string(o.Format)
}

// download streams the answers of the wave as a file. Who took it is written down
// before the first byte leaves.
func (s *Server) download(c echo.Context) error {
	who, ctx := staffOf(c), c.Request().Context()
	options := export.Options{Format: export.Format(c.QueryParam("format")), Values: export.Values(c.QueryParam("values")), Language: c.QueryParam("language")}
	types := map[export.Format]string{export.CSV: "text/csv; charset=utf-8", export.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
	if types[options.Format] == "" || !slices.Contains([]export.Values{export.Codes, export.Labels, export.Both}, options.Values) {
		return survey.Errorf(survey.Invalid, "files are csv or xlsx, with values=codes, labels or both")
	}
	from, err := export.Read(ctx, s.Store, who.wave)
	if err != nil {
		return err
	}
	err = s.Store.Record(ctx, who.actor(c), store.Deed{Action: "data.download", Object: "wave " + who.wave.Key, Study: who.study.ID, Detail: string(options.Format) + ", " + string(options.Values)})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", types[options.Format])
	h.Set("Content-Disposition", `attachment; filename="`+downloadName(who.wave, options)+`"`)
	// A large file takes longer than a page may.
	control := http.NewResponseController(c.Response())
	_, err = export.Write(ctx, patientWriter{c.Response(), control}, s.Store, from, options)
	return err
}
