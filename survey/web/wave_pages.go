package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// waveRoutes are the pages of a wave for those who run it.
func (s *Server) waveRoutes() []route {
	return []route{
		{http.MethodGet, "/studies/:study/waves/new", linkOwner, s.askNewWave},
		{http.MethodPost, "/studies/:study/waves/new", linkOwner, s.newWave},
		{http.MethodGet, "/studies/:study/waves/:wave", linkOwner, s.wave},
		{http.MethodGet, "/studies/:study/waves/:wave/settings", linkOwner, s.askWaveSettings},
		{http.MethodPost, "/studies/:study/waves/:wave/settings", linkOwner, s.waveSettings},
		{http.MethodGet, "/studies/:study/waves/:wave/open", linkOwner, s.askOpenWave},
		{http.MethodPost, "/studies/:study/waves/:wave/open", linkOwner, s.openWave},
		{http.MethodGet, "/studies/:study/waves/:wave/end", linkOwner, s.askWaveEnd},
		{http.MethodPost, "/studies/:study/waves/:wave/extend", linkOwner, s.extendWave},
		{http.MethodPost, "/studies/:study/waves/:wave/close", linkOwner, s.closeWave},
	}
}

// waveForm is the form of a wave: what it was opened with, or what was typed.
type waveForm struct {
	instruments []store.PublishedDocument
	criteria    []store.PublishedDocument
}

// builtinName is what a wave is asked with unless another questionnaire is chosen.
const builtinName = "builtin"

// readWaveForm finds the documents that can be chosen.
func (s *Server) readWaveForm(ctx context.Context) (waveForm, error) {
	var f waveForm
	var err error
	if f.instruments, err = s.Store.Instruments(ctx); err != nil {
		return f, err
	}
	f.criteria, err = s.Store.CriteriaList(ctx)
	return f, err
}

func (f waveForm) fields(w survey.Wave) []templates.Field {
	instrument := templates.Field{Kind: templates.SelectField, Name: "instrument", Label: "Questionnaire", Required: true, Hint: "Own ones are published under “Questionnaires and criteria”."}
	builtin := survey.Builtin()
	instrument.Options = append(instrument.Options, templates.Choice{Value: builtinName, Label: "Built-in: " + builtin.Title.In("en") + ", version " + strconv.Itoa(builtin.Version),
		Checked: w.InstrumentHash == "" || w.InstrumentHash == builtin.Hash()})
	for _, d := range f.instruments {
		if d.Hash != builtin.Hash() {
			instrument.Options = append(instrument.Options, templates.Choice{Value: d.Hash, Label: d.Key + ", version " + strconv.Itoa(d.Version), Checked: w.InstrumentHash == d.Hash})
		}
	}
	criteria := templates.Field{Kind: templates.SelectField, Name: "criteria", Label: "World-Class criteria", Required: true,
		Hint: "The first judge an organization by how many of its people agree with twelve key practices, and say how sure that is. Study style judges persons, to compare with the published study."}
	standard := benchmark.OrganizationCriteria()
	chosen := w.CriteriaHash
	if w.Key == "" && chosen == "" {
		chosen = standard.Hash()
	}
	for _, c := range []*benchmark.Criteria{standard, benchmark.StudyStyleCriteria()} {
		criteria.Options = append(criteria.Options, templates.Choice{Value: c.Hash(), Label: criteriaLabel(c), Checked: chosen == c.Hash()})
	}
	for _, d := range f.criteria {
		if _, builtin := benchmark.BuiltinCriteria(d.Hash); !builtin {
			criteria.Options = append(criteria.Options, templates.Choice{Value: d.Hash, Label: d.Key + " (" + shortHash(d.Hash) + ")", Checked: chosen == d.Hash})
		}
	}
	criteria.Options = append(criteria.Options, templates.Choice{Value: "none", Label: "none: the wave names no tiers", Checked: chosen == ""})
	return append([]templates.Field{
		{Kind: templates.TextField, Name: "title", Label: "Title", Value: w.Title, Required: true, Hint: "Such as “Autumn 2026”."},
		instrument, criteria}, windowFields(w)...)
}

// criteriaLabel names criteria in words, and with the name that results print.
func criteriaLabel(c *benchmark.Criteria) string { return c.Title + " (" + c.Rule() + ")" }

func windowFields(w survey.Wave) []templates.Field {
	minimum, late := "10", "0"
	if w.MinimumGroup > 0 {
		minimum, late = strconv.Itoa(w.MinimumGroup), strconv.Itoa(w.LateHours)
	}
	opens := momentField("opens", "Opens", w.OpensAt)
	opens.Required, opens.Hint = true, "From then on everything here is sealed, and its fingerprint stands on the first page of respondents."
	closes := momentField("closes", "Closes", w.ClosesAt)
	closes.Hint = "Empty: open until it is closed by hand."
	zone := zoneField("wave-zone", "Time zone of respondents", w.Zone)
	zone.Hint = "Mails and printed sheets tell the end in it, and pages where no scripts run; with scripts everybody reads it in the own zone."
	return []templates.Field{opens, closes, zone,
		{Kind: templates.NumberField, Name: "late", Label: "Late answers", Value: late, Unit: "hours after the close", Required: true, Hint: "Answers that were begun before the close are taken that long. 0: not at all; at most 336."},
		{Kind: templates.NumberField, Name: "minimum", Label: "Smallest group", Value: minimum, Unit: "people", Required: true, Hint: "No figure is shown for fewer; at least 5."},
		{Kind: templates.RadioField, Name: "mode", Label: "What connects an answer with its invitation", Required: true, Options: []templates.Choice{
			{Value: string(survey.Confidential), Label: "Confidential: the database knows which invitation an answer came by, so that people can resume and be erased by it", Checked: w.Mode != survey.Anonymous},
			{Value: string(survey.Anonymous), Label: "Anonymous: nothing connects the two; results are shown when the wave is over", Checked: w.Mode == survey.Anonymous},
		}}}
}

// shortHash is enough of a hash to tell documents apart.
func shortHash(hash string) string {
	hash = strings.TrimPrefix(hash, "sha256:")
	return hash[:min(len(hash), 12)]
}

// typedWave reads the form into the wave and marks what is wrong.
func (s *Server) typedWave(ctx context.Context, form url.Values, w survey.Wave, into *templates.Form) (survey.Wave, error) {
	w.Title, w.Mode = one(form, "title"), survey.Mode(one(form, "mode"))
	if w.Title == "" {
		_ = fieldProblem(into, "title", survey.Errorf(survey.Invalid, "please give a title"))
	}
	_ = fieldProblem(into, "title", checkLength("title", w.Title))
	var err error
	w.OpensAt, err = typedMoment(form, "opens")
	switch {
	case err != nil:
	case w.OpensAt.IsZero():
		err = survey.Errorf(survey.Invalid, "please say when it opens")
	case !w.OpensAt.After(s.Now()):
		// Opening seals for good, which is asked about on a page of its own.
		err = survey.Errorf(survey.Invalid, "this moment is over, so the wave would open and be sealed at once: choose a later one, and open it from its page when all is ready")
	}
	_ = fieldProblem(into, "opens", err)
	w.ClosesAt, err = typedMoment(form, "closes")
	if err == nil && !w.ClosesAt.IsZero() && !w.ClosesAt.After(w.OpensAt) {
		err = survey.Errorf(survey.Invalid, "the wave would close before it opens")
	}
	_ = fieldProblem(into, "closes", err)
	w.Zone = one(form, "wave-zone")
	_, err = survey.LoadZone(w.Zone)
	_ = fieldProblem(into, "wave-zone", err)
	w.LateHours, err = typedCount(form, "late", 0, survey.MostLateHours)
	_ = fieldProblem(into, "late", err)
	w.MinimumGroup, err = typedCount(form, "minimum", survey.SmallestMinimumGroup, 10_000)
	_ = fieldProblem(into, "minimum", err)
	if wrong(*into) {
		return w, nil
	}
	return w, s.typedDocuments(ctx, form, &w, into)
}

func typedCount(form url.Values, name string, least, most int) (int, error) {
	n, err := strconv.Atoi(one(form, name))
	if err != nil || n < least || n > most {
		return 0, survey.Errorf(survey.Invalid, "please give a whole number from %d to %d", least, most)
	}
	return n, nil
}

// typedDocuments finds the chosen documents, keeps the built-in ones and makes sure
// that criteria and questionnaire fit together.
func (s *Server) typedDocuments(ctx context.Context, form url.Values, w *survey.Wave, into *templates.Form) error {
	in := survey.Builtin()
	if name := one(form, "instrument"); name != builtinName {
		found, err := s.Store.Instrument(ctx, name)
		if err != nil {
			return fieldProblem(into, "instrument", err)
		}
		in = found
	}
	var err error
	if w.InstrumentHash, err = s.Store.PutInstrument(ctx, in.Canonical()); err != nil {
		return err
	}
	w.CriteriaHash = ""
	name := one(form, "criteria")
	if name == "none" {
		return nil
	}
	criteria, builtin := benchmark.BuiltinCriteria(name)
	if !builtin {
		kept, err := s.Store.Criteria(ctx, name)
		if err != nil {
			return fieldProblem(into, "criteria", err)
		}
		if criteria, err = benchmark.ParseCriteria(kept.Document); err != nil {
			return err
		}
	}
	if misfits := criteria.Lint(in); len(misfits) > 0 {
		return fieldProblem(into, "criteria", survey.Errorf(survey.Invalid, "these criteria do not fit the questionnaire: %s", strings.Join(misfits, "; ")))
	}
	w.CriteriaHash, err = s.Store.PutCriteria(ctx, criteria.Rule(), criteria.Canonical())
	return err
}

func (s *Server) wavePage(c echo.Context, heading string, fields []templates.Field) templates.FormPage {
	who := staffOf(c)
	back := studyPath(who.study, "")
	crumb := templates.Link{Text: "New wave", URL: studyPath(who.study, "/waves/new")}
	if who.wave.ID != "" {
		back = wavePath(who.study, who.wave, "")
		crumb = templates.Link{Text: "Settings", URL: wavePath(who.study, who.wave, "/settings")}
	}
	return templates.FormPage{Base: s.staffBase(c, heading, crumb), Heading: heading,
		Form: templates.Form{Submit: "Save", Fields: fields, Cancel: &templates.Link{Text: "Cancel", URL: back}}}
}

func (s *Server) newWavePage(c echo.Context) (templates.FormPage, error) {
	f, err := s.readWaveForm(c.Request().Context())
	p := s.wavePage(c, "New wave", append(f.fields(survey.Wave{OpensAt: inAWeek(s.Now().In(staffOf(c).zone())), Zone: staffOf(c).user.Zone}), shortName("title")))
	p.Form.Submit = "Make the wave"
	return p, err
}

// inAWeek is eight in the morning, where the moment is.
func inAWeek(now time.Time) time.Time {
	y, m, d := now.Date()
	return time.Date(y, m, d+7, 8, 0, 0, 0, now.Location())
}

func (s *Server) askNewWave(c echo.Context) error {
	p, err := s.newWavePage(c)
	if err != nil {
		return err
	}
	return showForm(c, p)
}

// showTypedForm puts everything that was typed back into the fields.
func showTypedForm(form url.Values, into *templates.Form) {
	for i := range into.Fields {
		field := &into.Fields[i]
		if len(field.Options) == 0 {
			showTyped(form, field)
			continue
		}
		for j := range field.Options {
			field.Options[j].Checked = has(form, field.Name, field.Options[j].Value)
		}
	}
}

// newWave makes a wave.
func (s *Server) newWave(c echo.Context) error {
	form, err := readLongForm(c)
	if err != nil {
		return err
	}
	p, err := s.newWavePage(c)
	if err != nil {
		return err
	}
	showTypedForm(form, &p.Form)
	who, ctx := staffOf(c), c.Request().Context()
	key, err := typedKey(form, one(form, "title"), "a wave (perhaps in another study)", &p.Form, func(key string) error {
		_, err := s.Store.WaveByKey(ctx, key)
		return err
	})
	if err != nil {
		return err
	}
	w, err := s.typedWave(ctx, form, survey.Wave{Key: key, StudyID: who.study.ID}, &p.Form)
	if err != nil {
		return err
	}
	return s.keepWave(c, p, w, "wave.create")
}

// keepWave keeps the wave, or shows the form again.
func (s *Server) keepWave(c echo.Context, p templates.FormPage, w survey.Wave, action string) error {
	who := staffOf(c)
	if !wrong(p.Form) {
		ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: action, Object: "wave " + w.Key, Study: who.study.ID})
		kept, err := s.Store.PutWave(ctx, w)
		if err := fieldProblem(&p.Form, "", err); err != nil {
			return err
		}
		w = kept
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	return s.seeNotice(c, wavePath(who.study, w, ""), "Saved.")
}

func (s *Server) waveSettingsPage(c echo.Context) (templates.FormPage, error) {
	f, err := s.readWaveForm(c.Request().Context())
	p := s.wavePage(c, "Settings of the wave", f.fields(staffOf(c).wave))
	watch(&p.Form)
	return p, err
}

// askWaveSettings shows the settings of a planned wave; those of an open one are sealed.
func (s *Server) askWaveSettings(c echo.Context) error {
	if who := staffOf(c); who.wave.State(s.Now()) != survey.WavePlanned {
		return s.seeNotice(c, wavePath(who.study, who.wave, ""), "The wave has opened: its settings are sealed. Its end can be extended, or moved to an earlier time.")
	}
	p, err := s.waveSettingsPage(c)
	if err != nil {
		return err
	}
	return showForm(c, p)
}

func (s *Server) waveSettings(c echo.Context) error {
	form, err := readLongForm(c)
	if err != nil {
		return err
	}
	p, err := s.waveSettingsPage(c)
	if err != nil {
		return err
	}
	merge(form, &p.Form)
	showTypedForm(form, &p.Form)
	w, err := s.typedWave(c.Request().Context(), form, staffOf(c).wave, &p.Form)
	if err != nil {
		return err
	}
	return s.keepWave(c, p, w, "wave.change")
}
