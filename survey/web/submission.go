package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// submissionRoutes take a whole questionnaire in one request, from a program or
// from a form of somebody else's making.
func (s *Server) submissionRoutes() []route {
	return []route{
		{http.MethodPost, "/o/:token/responses", linkOwner, s.submitByOpenLink},
		{http.MethodPost, "/r/:token/responses", linkOwner, s.submitByPersonalLink},
		{http.MethodGet, "/o/:token/receipt", linkOwner, s.openReceipt},
	}
}

// claim is what a link entitles to: one response of a wave.
type claim struct {
	place      *store.Place
	submission survey.Submission // without key, answers and digest
	packed     survey.Packed     // the answers
	kept       *survey.Receipt   // the response that was submitted with this link
	digest     [32]byte          // of kept
	spent      bool              // the link of a draft that was sent in an anonymous wave
	receiptAt  string            // page of the receipt; with = at its end the key follows
}

// submitByOpenLink keeps one more response of the organization.
func (s *Server) submitByOpenLink(c echo.Context) error {
	token, err := tokenOf(c)
	if err != nil {
		return err
	}
	link, place, err := s.Store.OpenEntrance(c.Request().Context(), auth.HashToken(token))
	if err != nil {
		return err
	}
	cl := claim{place: place, receiptAt: "/o/" + token + "/receipt?key="}
	cl.submission.Response = survey.Response{WaveID: link.WaveID, OrganizationID: link.OrganizationID, TeamID: link.TeamID}
	return s.submitWhole(c, &cl)
}

// submitByPersonalLink uses an invitation up, or finishes the draft that was
// begun from an open link.
func (s *Server) submitByPersonalLink(c echo.Context) error {
	token, err := tokenOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	hash := auth.HashToken(token)
	e, err := s.Intake.Enter(ctx, hash)
	if err != nil {
		return err
	}
	cl := claim{place: e.Place, receiptAt: "/r/" + token + "/receipt"}
	sub := &cl.submission
	sub.InvitationID = e.Invitation.ID
	sub.Response = survey.Response{WaveID: e.Place.Wave.ID, OrganizationID: e.Place.Organization.ID, TeamID: e.Invitation.TeamID}
	if e.Started {
		sub.DraftID, sub.Response.TeamID, sub.Response.StartedAt = e.Draft.ID, e.Draft.TeamID, e.Draft.StartedAt
	}
	if e.Place.Wave.Mode == survey.Anonymous {
		cl.receiptAt, cl.spent = "", e.Submitted && e.Invitation.ID == ""
		defer s.Intake.Forget(hash)
		return s.submitWhole(c, &cl)
	}
	if e.Invitation.ID == "" {
		// The draft is one right to answer: it is its own key, whatever the client's is.
		sub.Key = string(e.Draft.ID)
	}
	if e.Invitation.ID == "" && e.Submitted {
		if err := s.claimKept(ctx, &cl, hash); err != nil {
			return err
		}
	}
	defer s.Intake.Forget(hash) // of what its pages show
	return s.submitWhole(c, &cl)
}

// claimKept remembers what was submitted from a draft: there is nothing left
// that could be submitted.
func (s *Server) claimKept(ctx context.Context, cl *claim, resume auth.Hash) error {
	kept, err := s.Store.ResponseByToken(ctx, resume)
	if survey.KindOf(err) == survey.NotFound {
		return unknownLink()
	}
	if err != nil {
		return err
	}
	cl.kept = &kept.Receipt
	packed, err := survey.Pack(cl.place.Instrument, kept.Response.Answers)
	cl.digest = packedDigest(kept.Response.Role, packed)
	return err
}

// packedDigest names the content of a response. The pages use the same.
func packedDigest(role string, p survey.Packed) [32]byte {
	return auth.Digest(role, p.Closed, p.Numbers, p.Texts)
}

// submitWhole reads, checks and keeps one response. The receipt leaves when the
// answers are durable.
func (s *Server) submitWhole(c echo.Context, cl *claim) error {
	buffer, err := readBody(c.Request())
	defer bodies.Put(buffer)
	if err != nil {
		return err
	}
	read, problems, err := readSubmission(c.Request(), cl.place.Instrument, *buffer)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return unacceptable{problems}
	}
	sub := &cl.submission
	if sub.Key == "" {
		sub.Key = read.Key
	}
	cl.packed = read.Packed
	sub.Digest = packedDigest(read.Role, cl.packed)
	sub.Response.Role, sub.Response.Language = read.Role, read.Language
	sub.Response.Weight = 1
	if !read.StartedAt.IsZero() {
		sub.Response.StartedAt = between(cl.place.Wave.OpensAt, read.StartedAt, s.Now())
	}
	receipt, err := s.settle(c.Request().Context(), cl)
	if err != nil {
		return refusedTwice(err, receipt)
	}
	if cl.receiptAt == "" && isBrowser(c.Request()) {
		v, err := cl.visit(receipt)
		if err != nil {
			return err
		}
		return s.showReceipt(c, v)
	}
	at := cl.receiptAt
	if strings.HasSuffix(at, "=") {
		at += url.QueryEscape(read.Key)
	}
	return s.sendReceipt(c, receipt, at)
}

// settle hands the submission to the intake, unless its link has done its work.
func (s *Server) settle(ctx context.Context, cl *claim) (survey.Receipt, error) {
	if cl.kept != nil {
		receipt := *cl.kept
		receipt.Again = true
		if cl.digest != cl.submission.Digest {
			return receipt, survey.Errorf(survey.Conflict, "other answers were submitted with this link before; they are kept")
		}
		return receipt, nil
	}
	if cl.spent {
		return s.settleSpent(ctx, cl)
	}
	if cl.place.Wave.State(s.Now()) == survey.WavePlanned {
		return survey.Receipt{}, notOpenYet{cl.place.Wave.Local(cl.place.Wave.OpensAt)}
	}
	return s.Intake.SubmitPacked(ctx, cl.place, cl.submission, cl.packed)
}

// between keeps the clock of somebody else from telling what can not be.
func between(first, t, last time.Time) time.Time {
	switch {
	case t.After(last):
		return last
	case t.Before(first):
		return first
	}
	return t
}

// byteOrderMark is what some programs write in front of a text in UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// readSubmission decodes the body by its type.
func readSubmission(r *http.Request, in *survey.Instrument, body []byte) (survey.Submitted, []survey.Problem, error) {
	var read survey.Submitted
	var problems []survey.Problem
	var err error
	switch mediaType(r) {
	case "application/json":
		read, problems, err = in.ReadSubmission(bytes.TrimPrefix(body, byteOrderMark))
	case "application/x-www-form-urlencoded":
		if err := checkForm(body); err != nil {
			return read, nil, err
		}
		read, problems, err = in.ReadSubmissionForm(body)
	default:
		return read, nil, otherBody
	}
	if err != nil {
		return read, nil, survey.Errorf(survey.Invalid, "the submission can not be read: %w", err)
	}
	for _, header := range r.Header["Idempotency-Key"] {
		header = strings.Trim(header, `"`)
		switch {
		case read.Key == "":
			read.Key = header
		case header != "" && header != read.Key:
			problems = append(problems, survey.Problem{Field: "key", Code: survey.ProblemTwice, Message: "The key and the header Idempotency-Key, or two such headers, differ: please send one of them."})
		}
	}
	if p, wrong := survey.CheckKey(read.Key); wrong {
		problems = append(problems, p)
	}
	return read, problems, nil
}

// otherBody tells whoever submits what can be submitted.
var otherBody = refused{failure{status: http.StatusUnsupportedMediaType, kind: "unsupported", heading: "This could not be read",
	message: "A response is taken as application/json or application/x-www-form-urlencoded, both in UTF-8: please set Content-Type to one of them. Nothing was kept."}}

// mediaType is the type of the body without its parameters; none when they name
// an encoding other than UTF-8 (of which ASCII is a part), or two headers differ.
func mediaType(r *http.Request) string {
	all := r.Header["Content-Type"]
	given := r.Header.Get("Content-Type")
	if slices.ContainsFunc(all, func(other string) bool { return other != given }) {
		return ""
	}
	if given == "application/json" || given == "application/x-www-form-urlencoded" {
		return given
	}
	kind, parameters, err := mime.ParseMediaType(given)
	if err != nil {
		return ""
	}
	switch strings.ToLower(parameters["charset"]) {
	case "", "utf-8", "utf8", "us-ascii":
	default:
		return ""
	}
	return kind
}

// bodies are used again; what was read out of one is copied before it returns.
var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// readBody reads the whole body, which limitBody bounds. The buffer goes back
// to bodies, also after an error.
func readBody(r *http.Request) (*[]byte, error) {
	buffer, ok := bodies.Get().(*[]byte)
	if !ok {
		buffer = new([]byte)
	}
	b := (*buffer)[:0]
	if r.ContentLength <= MaxBodyBytes { // and a byte more, so that the end is seen without growing
		b = slices.Grow(b, int(max(0, r.ContentLength))+1)
	}
	var err error
	for err == nil {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		var n int
		n, err = r.Body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
	}
	*buffer = b
	if err == io.EOF {
		return buffer, nil
	}
	return buffer, unread(err)
}

// unread says why a body could not be read to its end.
func unread(err error) error {
	var oversized *http.MaxBytesError
	switch {
	case errors.As(err, &oversized):
		return tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return unfinished
	}
	return survey.Errorf(survey.Invalid, "the submission did not arrive completely, so nothing of it was kept: %w", err)
}

// openReceipt shows what a browser gets after a form of somebody else's making.
// A key opens the receipts of this link only: those of invitations and of other
// teams have links of their own.
func (s *Server) openReceipt(c echo.Context) error {
	token, p, link, err := s.openPlace(c)
	if err != nil {
		return err
	}
	kept, err := s.Store.ResponseByKey(c.Request().Context(), link.WaveID, c.QueryParam("key"))
	if err != nil || kept.Invited || kept.Response.OrganizationID != link.OrganizationID ||
		kept.Response.TeamID != link.TeamID && p.wave.Mode != survey.Anonymous {
		return survey.Errorf(survey.NotFound, "there is no receipt at this address")
	}
	v := &visit{place: p, token: token, invitation: noInvitation, submitted: true, receipt: kept.Receipt, response: kept.Response}
	return s.showReceipt(c, v)
}
