package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/templates"
)

// In an anonymous wave a link does not lead to the response that came by it. The
// page with the button brings a key that was drawn for it; the answer to the button
// is the receipt itself, without an address that would name link and key together.
// Whoever sends the same page again, because no answer came, gets the same receipt.

// anonymous says whether nothing may lead from the link to the answers.
func (v *visit) anonymous() bool { return v.wave.Mode == survey.Anonymous }

// submissionKey is the key that goes into the form with the button.
func (v *visit) submissionKey() string {
	if v.anonymous() {
		return auth.NewToken()
	}
	return string(v.draft.ID)
}

// ownKey says whether the key can come from a page of this visit.
func (v *visit) ownKey(key string) bool {
	if v.anonymous() {
		return auth.LooksLikeToken(key)
	}
	return key == string(v.draft.ID)
}

// submitAnonymous sends the draft and shows the receipt.
func (s *Server) submitAnonymous(c echo.Context, v *visit, submission survey.Submission) error {
	receipt, err := s.Intake.Submit(c.Request().Context(), submission)
	s.Intake.Forget(v.link)
	switch {
	case survey.KindOf(err) == survey.Conflict && err != nil:
		return s.showOwnReceipt(c, v, submission.Key)
	case err != nil:
		return err
	}
	v.receipt, v.response = receipt, &submission.Response
	return s.showReceipt(c, v)
}

// showOwnReceipt shows the receipt to whoever brings its key, and to others that
// the link has done its work.
func (s *Server) showOwnReceipt(c echo.Context, v *visit, key string) error {
	kept, err := s.Store.ResponseByKey(c.Request().Context(), v.wave.ID, key)
	switch {
	case survey.KindOf(err) == survey.NotFound && err != nil:
		return answered{}
	case err != nil:
		return err
	case kept.Response.OrganizationID != v.organization.ID:
		return answered{}
	}
	v.receipt, v.response = kept.Receipt, kept.Response
	v.response.Language = languageAsked(c.Request(), v.instrument.Languages)
	return s.showReceipt(c, v)
}

// unlinked is a receipt that no address leads back to: one in another language
// could not be asked for.
func unlinked(p templates.Receipt) templates.Receipt {
	p.Anonymous, p.When, p.Tongues = true, templates.Moment{}, templates.Tongues{}
	return p
}

// answered is what a used link of an anonymous wave says.
type answered struct{}

func (answered) Error() string { return "the link of an anonymous wave has done its work" }

func (answered) failure() failure {
	return failure{status: http.StatusGone, kind: survey.Closed, says: "answered"}
}

// visit is whoever has sent a whole response with a link that does not lead to it.
func (cl *claim) visit(receipt survey.Receipt) (*visit, error) {
	r := &cl.submission.Response
	v := &visit{place: placeOf(cl.place), invitation: &survey.Invitation{ID: cl.submission.InvitationID}, submitted: true, receipt: receipt, response: r}
	var err error
	r.Answers, err = survey.Unpack(cl.place.Instrument, cl.packed)
	return v, err
}

// settleSpent answers whoever sends again what was sent from the draft of a link.
func (s *Server) settleSpent(ctx context.Context, cl *claim) (survey.Receipt, error) {
	conflict := survey.Errorf(survey.Conflict, "this link has done its work: its answers were submitted already and are kept")
	kept, err := s.Store.ResponseByKey(ctx, cl.place.Wave.ID, cl.submission.Key)
	if survey.KindOf(err) == survey.NotFound && err != nil || err == nil && kept.Response.OrganizationID != cl.place.Organization.ID {
		return survey.Receipt{}, conflict
	}
	if err != nil {
		return survey.Receipt{}, err
	}
	packed, err := survey.Pack(cl.place.Instrument, kept.Response.Answers)
	if err != nil {
		return survey.Receipt{}, err
	}
	if packedDigest(kept.Response.Role, packed) != cl.submission.Digest {
		return survey.Receipt{}, conflict
	}
	kept.Receipt.Again = true
	return kept.Receipt, nil
}
