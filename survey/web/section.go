package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// saveAttempts is how often a page is applied to a newer draft when other tabs
// save in between.
const saveAttempts = 4

// longestPage is the most time on one page that is believed; a phone put away
// is not reading.
const longestPage = time.Hour

// showSection shows one page with what is saved.
func (s *Server) showSection(c echo.Context) error {
	v, err := s.atWork(c)
	if err != nil || v == nil {
		return err
	}
	section, err := sectionOf(c, v)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(v.path(), func(shown survey.Shown) bool { return shown.Section == section })
	if at < 0 {
		return see(c, v.resumeAt())
	}
	return s.sendSection(c, v, at)
}

// sectionOf reads the number of the page from the address.
func sectionOf(c echo.Context, v *visit) (int, error) {
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil || n < 1 || n > len(v.instrument.Sections) {
		return 0, explained{kind: survey.NotFound, detail: "no_page"}
	}
	return n - 1, nil
}

// reply is what a posted page is answered with when it is shown again.
type reply struct {
	values   map[string][]string // as typed; nil: show what is saved
	problems []survey.Problem
	other    map[string][]string // saved elsewhere meanwhile
	clashes  map[string]bool     // items whose answer there is another one
}

// saveSection takes one page: it keeps what is valid and goes on, or shows the
// page again with what was typed.
func (s *Server) saveSection(c echo.Context) error {
	v, err := s.atWork(c)
	if err != nil || v == nil {
		return err
	}
	section, err := sectionOf(c, v)
	if err != nil {
		return err
	}
	form, err := readLongForm(c) // a text that is too long comes back, with by how much
	if err != nil {
		return err
	}
	p := posted{section: section, form: form, intent: form.Get("go"), spent: s.timeOn(form)}
	result, err := s.keep(c.Request().Context(), v, p)
	switch {
	case err == nil:
	case survey.KindOf(err) == survey.NotFound && p.intent != goSave:
		return see(c, v.at("")) // submitted meanwhile: from there it goes to the receipt
	default:
		return err
	}
	if p.intent == goSave {
		return s.answerScript(c, v, result, section)
	}
	if result.other != nil || len(result.problems) > 0 {
		return s.showAgain(c, v, section, result)
	}
	return see(c, v.after(section, p.intent))
}

// posted is one page as it was sent.
type posted struct {
	section int
	form    url.Values
	intent  string
	spent   float32
}

// timeOn is how long the page was open, in seconds.
func (s *Server) timeOn(form url.Values) float32 {
	shown, err := strconv.ParseInt(form.Get("shown_at"), 10, 64)
	spent := s.Now().Sub(time.Unix(shown, 0))
	if err != nil || spent < 0 || spent > longestPage {
		return 0
	}
	return float32(spent.Round(100 * time.Millisecond).Seconds())
}

// keep saves the page into the draft. When another tab saved other pages in
// between, the page is applied to the newer draft; when it changed the same
// questions, nothing is saved and both are shown. What was only remembered decides
// nothing: then it is asked for again.
func (s *Server) keep(ctx context.Context, v *visit, p posted) (reply, error) {
	for attempt := 1; ; attempt++ {
		result, draft := v.apply(p)
		if result.other != nil && !v.recalled {
			return result, nil
		}
		if result.other == nil {
			saved, err := s.Intake.SaveDraft(ctx, v.link, draft)
			if err == nil {
				v.took(saved)
				return result, nil
			}
			if survey.KindOf(err) != survey.Conflict || attempt == saveAttempts {
				return result, err
			}
		}
		if err := s.renew(ctx, v); err != nil {
			return result, err
		}
	}
}

// renew reads the draft again. NotFound: it is submitted.
func (s *Server) renew(ctx context.Context, v *visit) error {
	e, err := s.Intake.Enter(ctx, v.link)
	if err != nil {
		return err
	}
	if !e.Started {
		return survey.Errorf(survey.NotFound, "there is no draft: its answers are submitted")
	}
	v.took(e.Draft)
	v.recalled = false
	return nil
}

// apply decodes the page onto the draft. It changes nothing but its copy.
func (v *visit) apply(p posted) (reply, survey.Draft) {
	draft := v.draft
	answers, problems := v.instrument.CheckSection(p.section, v.role(), p.form, draft.Answers)
	if seen := p.form.Get("seen"); seen != "" && seen != v.seen(p.section) {
		current := v.instrument.FormValues(p.section, v.role(), draft.Answers)
		understood := v.instrument.FormValues(p.section, v.role(), answers)
		if clashes := v.clashes(p, current, understood); len(clashes) > 0 {
			return reply{values: p.form, other: current, clashes: clashes}, draft
		}
	}
	v.keepUnfinished(p, answers, problems)
	draft.Answers = answers
	draft.Role = v.instrument.RoleOf(answers)
	if tag, asked := strings.CutPrefix(p.intent, goLanguage); asked && slices.Contains(v.instrument.Languages, tag) {
		draft.Language = tag
	}
	if p.intent != goSave {
		draft.Seconds = v.addTime(p)
	}
	return reply{values: p.form, problems: forIntent(p.intent, problems)}, draft
}

// clashes are the items whose saved answer the page would overwrite with another
// one. What is only written differently ("12,5" and "12.5") is the same.
func (v *visit) clashes(p posted, current, understood map[string][]string) map[string]bool {
	found := make(map[string]bool)
	for i := range v.instrument.Sections[p.section].Items {
		item := &v.instrument.Sections[p.section].Items[i]
		for _, f := range v.instrument.ItemFields(item) {
			for _, key := range []string{f.Key, item.Key} {
				saved := one(current, key)
				if saved != "" && saved != one(p.form, key) && saved != one(understood, key) {
					found[item.Key] = true
				}
			}
		}
	}
	return found
}

// keepUnfinished keeps what a page in the making would lose: shares that do not
// add up yet, and, when the script saves in between, what nobody has looked at.
func (v *visit) keepUnfinished(p posted, answers survey.Answers, problems []survey.Problem) {
	for _, problem := range problems {
		item := v.instrument.ItemByKey(problem.Field)
		if problem.Code != survey.ProblemSum || item == nil {
			continue
		}
		for _, f := range v.instrument.ItemFields(item) {
			if share, ok := typedNumber(one(p.form, f.Key)); ok {
				answers[f.Index] = survey.Answer{State: survey.Valid, Number: share}
			}
		}
	}
	if p.intent != goSave {
		return
	}
	wrong := make(map[string]bool, len(problems))
	for _, problem := range problems {
		wrong[problem.Field] = problem.Code != survey.ProblemSum && problem.Code != survey.ProblemRequired
	}
	for i := range answers {
		f := v.instrument.Fields()[i]
		if answers[i].State == survey.Skipped && (v.draft.Answers[i].State == survey.NotShown || wrong[f.Key] || wrong[f.Item.Key]) {
			answers[i] = v.draft.Answers[i]
		}
	}
}

// forIntent leaves out what does not matter yet to somebody who goes back, stops
// or is still typing: that something is missing.
func forIntent(intent string, problems []survey.Problem) []survey.Problem {
	if intent != goBack && intent != goStop && intent != goSave && !strings.HasPrefix(intent, goLanguage) {
		return problems
	}
	return slices.DeleteFunc(slices.Clone(problems), func(p survey.Problem) bool {
		return p.Code == survey.ProblemRequired || p.Code == survey.ProblemNewQuestion || p.Code == survey.ProblemSum
	})
}

func (v *visit) addTime(p posted) []float32 {
	seconds := make([]float32, len(v.instrument.Sections))
	copy(seconds, v.draft.Seconds)
	seconds[p.section] += p.spent
	return seconds
}

// after is the page that follows.
func (v *visit) after(section int, intent string) string {
	switch {
	case intent == goStop:
		return v.then("saved")
	case strings.HasPrefix(intent, goLanguage):
		return v.sectionAt(section)
	}
	path := v.path()
	at := slices.IndexFunc(path, func(shown survey.Shown) bool { return shown.Section == section })
	switch {
	case intent == goBack && at > 0:
		return v.sectionAt(path[at-1].Section)
	case at >= 0 && at+1 < len(path):
		return v.sectionAt(path[at+1].Section)
	}
	return v.then("review")
}

// showAgain shows the page with what was typed and what is wrong with it.
func (s *Server) showAgain(c echo.Context, v *visit, section int, result reply) error {
	at := slices.IndexFunc(v.path(), func(shown survey.Shown) bool { return shown.Section == section })
	if at < 0 {
		return see(c, v.resumeAt())
	}
	status := http.StatusUnprocessableEntity
	if result.other != nil {
		status = http.StatusConflict
	}
	return page(c, status, s.sectionPage(c, v, at, result))
}

// sectionPage is the page at a place of the path, without questions and answers.
// The span of minutes is said until the role is known.
func (b *booklet) sectionPage(path []survey.Shown, at int, span spread) templates.Section {
	section := &b.in.Sections[path[at].Section]
	title := section.Title.In(b.language)
	p := templates.Section{Base: b.base(title, templates.Tongues{}), Heading: title, Intro: section.Intro.In(b.language),
		Page: at + 1, TimeLeft: span.of(b.words, "minutes_left_span"), First: at == 0}
	p.Scripts = []string{"respond.js"}
	if b.known {
		p.Pages, p.Last, p.TimeLeft = len(path), at == len(path)-1, minutesLeft(b.words, b.minutesLeft(path[at:]))
	}
	return p
}

// sectionPage makes the page at a place of the path with what was typed, or with
// what is saved.
func (s *Server) sectionPage(c echo.Context, v *visit, at int, r reply) templates.Section {
	path := v.path()
	sv := v.view(path[at].Section, r)
	p := v.booklet().sectionPage(path, at, s.effortOf(v.instrument).minutes)
	p.Inline = fromElsewhere(c.Request())
	p.Problems, p.Questions = sv.fieldProblems(r.problems), sv.questions(path[at].Items)
	p.Seen, p.ShownAt = v.seen(path[at].Section), s.Now().Unix()
	if first := slices.IndexFunc(p.Questions, func(q templates.Question) bool { return q.Problem != "" }); first >= 0 {
		p.Questions[first].Focus = true
		p.Title = sv.words.Say("title_again", "Title", p.Title)
	}
	if r.other != nil {
		p.Notice = sv.words.Say("changed_elsewhere")
	}
	onTablet(&p.Base, s.idleOf(c))
	if at == 0 && !v.personal() && p.Idle == 0 {
		p.KeepLink = s.address(c) + v.at("")
	}
	return p
}

func (v *visit) view(section int, r reply) *sectionView {
	sv := v.booklet().view()
	sv.values, sv.other, sv.clashes, sv.problems = r.values, r.other, r.clashes, make(map[string]survey.Problem)
	if sv.values == nil {
		sv.values = v.savedValues(section)
	}
	for _, p := range r.problems {
		if _, earlier := sv.problems[p.Field]; !earlier {
			sv.problems[p.Field] = p
		}
	}
	return sv
}

// savedValues are the values of the controls for what is saved, numbers as they are
// typed in the language.
func (v *visit) savedValues(section int) map[string][]string {
	values := v.instrument.FormValues(section, v.role(), v.draft.Answers)
	for i := range v.instrument.Sections[section].Items {
		for _, f := range v.instrument.ItemFields(&v.instrument.Sections[section].Items[i]) {
			a := v.draft.Answers[f.Index]
			if f.Closed() || f.Kind == survey.LongText || a.State != survey.Valid {
				continue
			}
			for _, key := range []string{f.Key, survey.ConfirmPrefix + f.Key} {
				if values[key] != nil {
					values[key] = []string{v.booklet().words.Typed(a.Number)}
				}
			}
		}
	}
	return values
}

// answerScript tells the script what is saved now.
func (s *Server) answerScript(c echo.Context, v *visit, result reply, section int) error {
	if result.other != nil {
		return explained{kind: survey.Conflict, detail: "changed_elsewhere"}
	}
	return c.JSON(http.StatusOK, savedJSON{Seen: v.seen(section)})
}

type savedJSON struct {
	Seen string `json:"seen"` // goes into the form, so that the next save is known to follow this one
}
