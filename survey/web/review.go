package web

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/words"
	"github.com/salesbench/salesbench/templates"
)

// review shows all answers before they are sent.
func (s *Server) review(c echo.Context) error {
	v, err := s.atWork(c)
	if err != nil || v == nil {
		return err
	}
	return s.showReview(c, v, http.StatusOK, "")
}

// toReview is for whoever reloads the address the form was sent to.
func (s *Server) toReview(c echo.Context) error {
	v, err := s.visitNow(c)
	if err != nil {
		return err
	}
	if v.submitted {
		return see(c, v.at("receipt"))
	}
	return see(c, v.at("review"))
}

// final is what would be sent now, and its digest.
func (v *visit) final() (survey.Answers, [32]byte, error) {
	answers := v.instrument.Normalize(v.role(), v.draft.Answers)
	packed, err := survey.Pack(v.instrument, answers)
	return answers, packedDigest(v.role(), packed), err
}

// showReview shows the draft as it would be sent. The notice is a message.
func (s *Server) showReview(c echo.Context, v *visit, status int, notice string) error {
	answers, digest, err := v.final()
	if err != nil {
		return err
	}
	problems := v.instrument.CheckAll(v.role(), answers)
	if len(problems) == 0 && notice == "" && len(v.path()) > 0 {
		return s.sendReview(c, v, answers, digest)
	}
	p := v.reviewPage(answers, problems)
	onTablet(&p.Base, s.idleOf(c))
	p.Digest, p.Inline = hex.EncodeToString(digest[:]), fromElsewhere(c.Request())
	if notice != "" {
		p.Notice = v.booklet().words.Say(notice)
	}
	return page(c, status, p)
}

func (v *visit) reviewPage(answers survey.Answers, problems []survey.Problem) templates.Review {
	sv := v.booklet().view()
	p := v.booklet().reviewBase()
	p.Key = v.submissionKey()
	needed := make(map[string]bool)
	for _, problem := range problems {
		needed[problem.Field] = true
		p.Problems = append(p.Problems, templates.FieldProblem{Anchor: v.fieldAt(problem.Field), Question: sv.named(problem.Field), Message: beyondMissing(sv.words, problem)})
	}
	p.DontKnow = !slices.ContainsFunc(problems, func(problem survey.Problem) bool {
		item := v.instrument.ItemByKey(problem.Field)
		return item == nil || !slices.Contains(item.Missing, survey.DontKnow)
	})
	for _, shown := range v.path() {
		section := &v.instrument.Sections[shown.Section]
		group := templates.ReviewSection{Heading: sv.text(section.Title), URL: sectionLink(shown.Section)}
		p.Back = group.URL
		for _, item := range shown.Items {
			answer := sv.reviewed(item, answers)
			answer.Needed, answer.Anchor = needed[item.Key], v.fieldAt(item.Key)
			if answer.Needed {
				answer.Answer = sv.words.Say("review_needs")
			} else if isOpen(v.instrument, item, answers) {
				p.Open++
			}
			group.Answers = append(group.Answers, answer)
		}
		p.Sections = append(p.Sections, group)
	}
	return p
}

// beyondMissing is what there is to say of a question besides that it needs an
// answer, which stands above all of them.
func beyondMissing(l *words.Language, p survey.Problem) string {
	if p.Code == survey.ProblemRequired {
		return ""
	}
	return problemWords(l, p)
}

func (b *booklet) reviewBase() templates.Review {
	p := templates.Review{Base: b.base(b.words.Say("review_title"), templates.Tongues{ByForm: true, Page: reviewTemplate})}
	p.Scripts = []string{"respond.js"}
	return p
}

// fieldAt is the address of a field on its page.
func (v *visit) fieldAt(key string) string {
	field, ok := v.instrument.FieldByKey(key)
	if !ok {
		if item := v.instrument.ItemByKey(key); item != nil {
			field = v.instrument.ItemFields(item)[0]
		}
	}
	return sectionLink(field.Section) + "#q-" + key
}

// reviewed puts one answer into words.
func (sv *sectionView) reviewed(item *survey.Item, answers survey.Answers) templates.ReviewAnswer {
	ask, _ := splitQuestion(sv.wording(item))
	r := templates.ReviewAnswer{Question: ask, Long: item.Kind == survey.LongText || item.Kind == survey.Allocation}
	first := answers[sv.in.ItemFields(item)[0].Index]
	r.Answer, r.Absent = sv.said(item, answers), first.State != survey.Valid
	return r
}

// said is what was answered, or why it was not, as a person reads it.
func (sv *sectionView) said(item *survey.Item, answers survey.Answers) string {
	fields := sv.in.ItemFields(item)
	first := answers[fields[0].Index]
	switch {
	case first.State != survey.Valid:
		return missingWords(sv.words, first.State)
	case item.Kind == survey.Allocation:
		return sv.sharesInWords(fields, answers)
	}
	return sv.answerInWords(item, first)
}

func (sv *sectionView) sharesInWords(fields []survey.Field, answers survey.Answers) string {
	words := ""
	for i, f := range fields {
		if i > 0 {
			words += "\n"
		}
		words += withUnit(sv.words, answers[f.Index].Number, f.Item.Unit) + "  " + sv.text(f.Part.Label)
	}
	return words
}

// answerInWords is a valid answer as a person reads it.
func (sv *sectionView) answerInWords(item *survey.Item, a survey.Answer) string {
	switch item.Kind {
	case survey.Likert:
		if scale := sv.in.ScaleOf(item); scale != nil && a.Code >= 1 && a.Code <= len(scale.Points) {
			return strconv.Itoa(a.Code) + " " + sv.text(scale.Points[a.Code-1].Label)
		}
	case survey.SingleChoice:
		if a.Code >= 1 && a.Code <= len(item.Options) {
			return sv.text(item.Options[a.Code-1].Label)
		}
	case survey.Number:
		return withUnit(sv.words, a.Number, item.Unit)
	}
	return a.Text
}

// submit sends the draft for good. Whatever is sent twice leads to one receipt.
func (s *Server) submit(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if sent, err := s.submitRecalled(c, form); sent || err != nil {
		return err
	}
	v, err := s.visitNow(c)
	if err != nil {
		return err
	}
	switch {
	case v.submitted && v.anonymous():
		return s.showOwnReceipt(c, v, form.Get("key"))
	case v.submitted:
		return see(c, v.at("receipt"))
	case !v.started:
		return see(c, v.at(""))
	}
	if err := v.open(s.Now()); err != nil {
		return err
	}
	answers, digest, err := v.final()
	if err != nil {
		return err
	}
	if !form.Has("key") || !form.Has("digest") {
		return s.showReview(c, v, http.StatusUnprocessableEntity, "review_not_together")
	}
	if !v.lookedAt(form, digest) {
		return s.showReview(c, v, http.StatusConflict, "review_changed")
	}
	if len(v.instrument.CheckAll(v.role(), answers)) > 0 {
		return s.showReview(c, v, http.StatusUnprocessableEntity, "")
	}
	submission := v.submission(answers, digest)
	if v.anonymous() {
		submission.Key = form.Get("key")
		return s.submitAnonymous(c, v, submission)
	}
	submission.DraftVersion = v.draft.Version
	if err = s.keepSubmission(c, v, submission); err != nil && survey.KindOf(err) != survey.Conflict {
		return err
	}
	// A conflict means that another tab was faster: its receipt is shown, or its page.
	return see(c, v.at("receipt"))
}

// submitRecalled sends the draft as it was remembered, where that is what the form
// shows: the transaction says whether it still is. Whatever is not as it should be is
// looked at again; then it has sent nothing.
func (s *Server) submitRecalled(c echo.Context, form url.Values) (sent bool, err error) {
	token, err := tokenOf(c)
	if err != nil {
		return false, err
	}
	link := auth.HashToken(token)
	e, ok := s.Intake.Recall(link)
	if !ok || !e.Started || e.Submitted {
		return false, nil
	}
	v := s.newVisit(token, link, e, true)
	answers, digest, err := v.final()
	if err != nil || v.anonymous() || v.open(s.Now()) != nil || !v.lookedAt(form, digest) || len(v.instrument.CheckAll(v.role(), answers)) > 0 {
		return false, nil
	}
	submission := v.submission(answers, digest)
	submission.DraftVersion = v.draft.Version
	err = s.keepSubmission(c, v, submission)
	switch {
	case survey.KindOf(err) == survey.Conflict && err != nil:
		return false, nil
	case err != nil:
		return false, err
	}
	return true, see(c, v.at("receipt"))
}

// lookedAt says whether the form shows what would be sent.
func (v *visit) lookedAt(form url.Values, digest [32]byte) bool {
	return v.ownKey(form.Get("key")) && form.Get("digest") == hex.EncodeToString(digest[:])
}

// keepSubmission returns once the answers are durable, and then has the receipt at hand.
func (s *Server) keepSubmission(c echo.Context, v *visit, submission survey.Submission) error {
	receipt, err := s.Intake.Submit(c.Request().Context(), submission)
	if err != nil {
		s.Intake.Forget(v.link)
		return err
	}
	r := submission.Response
	r.ID, r.SubmittedAt = receipt.ResponseID, receipt.SubmittedAt
	s.Intake.Submitted(v.link, store.Kept{Receipt: receipt, Response: &r, Invited: v.personal()})
	return nil
}

func (v *visit) submission(answers survey.Answers, digest [32]byte) survey.Submission {
	return survey.Submission{Key: string(v.draft.ID), Digest: digest, InvitationID: v.invitation.ID, DraftID: v.draft.ID,
		Response: survey.Response{WaveID: v.wave.ID, OrganizationID: v.organization.ID, TeamID: v.draft.TeamID, Role: v.role(),
			Language: v.draft.Language, Answers: answers, Seconds: v.draft.Seconds, Weight: 1, StartedAt: v.draft.StartedAt}}
}
