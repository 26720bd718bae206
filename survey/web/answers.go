package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/templates"
)

// Whoever has sent answers can take them along as a file, under the rules of the page
// that shows them: a personal link gives them for an hour. The link of an anonymous
// wave leads to no answers, so the page that follows the sending carries them itself
// and sends them back to be written; nothing is looked up or kept for it.

// answersAt are the ends of the addresses of the files, below a link.
const (
	answersPage = "/answers.html"
	answersData = "/answers.json"
)

// The controls in which the page of an anonymous wave carries answers.
const (
	packedReceipt = "receipt"
	packedClosed  = "closed"
	packedNumbers = "numbers"
	packedTexts   = "texts"
)

// ownGone is what a personal link says when its hour is over.
type ownGone struct{}

func (ownGone) Error() string { return "the hour in which a link shows the own answers is over" }

func (ownGone) failure() failure {
	return failure{status: http.StatusGone, kind: survey.Closed, says: "own_gone"}
}

// showsOwn says whether the own answers are shown to whoever has the link.
func (s *Server) showsOwn(v *visit) bool {
	return !v.personal() || v.anonymous() || s.Now().Sub(v.receipt.SubmittedAt) <= comparedFor
}

// takesAlong says whether the receipt offers the files: below the link of a draft or
// of a person, for as long as that shows the answers.
func (s *Server) takesAlong(c echo.Context, v *visit) bool {
	return s.showsOwn(v) && !strings.HasPrefix(c.Path(), "/o/")
}

// ownAnswers sends the answers that a link leads to.
func (s *Server) ownAnswers(c echo.Context) error {
	v, err := s.sent(c)
	if err != nil || v == nil {
		return err
	}
	if !s.showsOwn(v) {
		return ownGone{}
	}
	return s.sendOwn(c, v)
}

// ownAnswersBack sends the answers that the page of an anonymous wave carries.
func (s *Server) ownAnswersBack(c echo.Context) error {
	v, err := s.visitNow(c)
	if err != nil {
		return err
	}
	if !v.submitted || !v.anonymous() {
		return see(c, v.at(""))
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := v.carried(form); err != nil {
		return err
	}
	return s.sendOwn(c, v)
}

// carried takes the answers out of the form.
func (v *visit) carried(form url.Values) error {
	code, ok := auth.ParseReceiptCode(form.Get(packedReceipt))
	if !ok {
		return survey.Errorf(survey.Invalid, "this page was not sent completely, so its answers can not be written")
	}
	packed := survey.Packed{Closed: form.Get(packedClosed), Numbers: form.Get(packedNumbers), Texts: form.Get(packedTexts)}
	answers, err := survey.Unpack(v.instrument, packed)
	if err != nil {
		return survey.Errorf(survey.Invalid, "these are no answers to this questionnaire: %w", err)
	}
	v.receipt = survey.Receipt{Code: code}
	v.response = &survey.Response{Role: v.instrument.RoleOf(answers), Answers: answers}
	return nil
}

// carrying are the controls that carried reads.
func carrying(code string, packed survey.Packed) []templates.HiddenField {
	return []templates.HiddenField{{Name: packedReceipt, Value: code}, {Name: packedClosed, Value: packed.Closed},
		{Name: packedNumbers, Value: packed.Numbers}, {Name: packedTexts, Value: packed.Texts}}
}

// sendOwn sends the file whose ending the address has.
func (s *Server) sendOwn(c echo.Context, v *visit) error {
	b := s.receiptBooklet(c, v)
	own := ownOf(b, v)
	write, kind, ending := own.html, "text/html; charset=utf-8", path.Ext(c.Path())
	if ending == path.Ext(answersData) {
		write, kind = own.json, echo.MIMEApplicationJSON
	}
	body, err := write(b)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="answers-`+v.wave.Key+ending+`"`)
	return blob(c, http.StatusOK, kind, body)
}

// ownJSON is one person's response as that person takes it along.
type ownJSON struct {
	Study         string       `json:"study"`
	Organization  string       `json:"organization"`
	Wave          string       `json:"wave"`
	Receipt       string       `json:"receipt"`
	SubmittedAt   *time.Time   `json:"submitted_at,omitempty"` // not of an anonymous wave, which keeps none
	Questionnaire string       `json:"questionnaire"`
	Hash          string       `json:"questionnaire_hash"`
	Language      string       `json:"language"`
	Role          string       `json:"role,omitempty"`
	Sections      []ownSection `json:"sections"`
}

type ownSection struct {
	Title   string      `json:"title"`
	Answers []ownAnswer `json:"answers"`
}

// ownAnswer is one question. The value is the one that a program would send; without
// one, missing says why.
type ownAnswer struct {
	Key      string      `json:"key"`
	Question string      `json:"question"`
	Answer   string      `json:"answer"` // in words
	Value    any         `json:"value,omitempty"`
	Missing  string      `json:"missing,omitempty"`
	Parts    []ownAnswer `json:"parts,omitempty"` // of an allocation
	long     bool
}

// ownOf puts the response into words, page by page as it was asked.
func ownOf(b *booklet, v *visit) ownJSON {
	own := ownJSON{Study: v.study.Title, Organization: v.organization.Name, Wave: v.wave.Key, Receipt: v.receipt.Code,
		Questionnaire: b.in.Key, Hash: b.in.Hash(), Language: b.language, Role: v.response.Role}
	if !v.receipt.SubmittedAt.IsZero() && !v.anonymous() {
		at := v.wave.Local(v.receipt.SubmittedAt)
		own.SubmittedAt = &at
	}
	sv := b.view()
	for _, shown := range b.pathOf(v.response.Answers) {
		section := ownSection{Title: sv.text(b.in.Sections[shown.Section].Title)}
		for _, item := range shown.Items {
			section.Answers = append(section.Answers, sv.own(item, v.response.Answers))
		}
		own.Sections = append(own.Sections, section)
	}
	return own
}

// own is one question with its answer, in words and as a value.
func (sv *sectionView) own(item *survey.Item, answers survey.Answers) ownAnswer {
	reviewed := sv.reviewed(item, answers)
	one := ownAnswer{Key: item.Key, Question: sv.wording(item), Answer: reviewed.Answer, long: reviewed.Long}
	fields := sv.in.ItemFields(item)
	if a := answers[fields[0].Index]; a.State != survey.Valid {
		one.Missing = a.State.String()
		return one
	}
	if item.Kind != survey.Allocation {
		one.Value = valueOf(item, answers[fields[0].Index])
		return one
	}
	for _, f := range fields {
		a := answers[f.Index]
		part := ownAnswer{Key: f.Key, Question: sv.text(f.Part.Label), Answer: withUnit(sv.words, a.Number, item.Unit), Value: a.Number}
		one.Parts = append(one.Parts, part)
	}
	return one
}

// valueOf is a valid answer as docs/submit.md writes it.
func valueOf(item *survey.Item, a survey.Answer) any {
	switch {
	case item.Kind == survey.SingleChoice && a.Code >= 1 && a.Code <= len(item.Options):
		return item.Options[a.Code-1].Code
	case item.Kind == survey.Likert || item.Kind == survey.SingleChoice:
		return a.Code
	case item.Kind == survey.Number:
		return a.Number
	}
	return a.Text
}

func (o ownJSON) json(*booklet) ([]byte, error) {
	body, err := json.MarshalIndent(o, "", "  ")
	return append(body, '\n'), err
}

// html is the same for people.
func (o ownJSON) html(b *booklet) ([]byte, error) {
	p := templates.OwnAnswers{Base: b.base(b.words.Say("own_title"), templates.Tongues{}), Study: o.Study, Organization: o.Organization, Code: o.Receipt}
	p.Inline = true
	if o.SubmittedAt != nil {
		p.When = instant(b.words, *o.SubmittedAt)
	}
	for _, section := range o.Sections {
		group := templates.OwnSection{Heading: section.Title}
		for _, a := range section.Answers {
			group.Answers = append(group.Answers, templates.OwnAnswer{Key: a.Key, Question: a.Question, Answer: a.Answer, Absent: a.Missing != "", Long: a.long})
		}
		p.Sections = append(p.Sections, group)
	}
	return templates.Render(p)
}
