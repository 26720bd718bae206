package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// Fieldwork is an open wave of the built-in questionnaire with one organization.
type Fieldwork struct {
	Study        survey.Study
	Wave         survey.Wave
	Organization survey.Organization
	Instrument   *survey.Instrument
}

// Setting changes a wave before it is made: once it is open everything is sealed.
type Setting func(s *store.Store, wave *survey.Wave)

// OpenWave makes a study with an open wave. A study may be made only once per store.
func OpenWave(t testing.TB, s *store.Store, settings ...Setting) Fieldwork {
	t.Helper()
	ctx := t.Context()
	f := Fieldwork{Instrument: survey.Builtin()}
	hash, err := s.PutInstrument(ctx, survey.BuiltinDocument())
	check(t, err)
	f.Study, err = s.PutStudy(ctx, survey.Study{Key: "sales", Title: "How we sell", Purpose: "To learn.", Contact: "research@example.org"})
	check(t, err)
	f.Wave = survey.Wave{StudyID: f.Study.ID, Key: "spring", Title: "Spring", InstrumentHash: hash,
		OpensAt: Now.Add(-time.Hour), ClosesAt: Now.Add(24 * time.Hour)}
	for _, set := range settings {
		set(s, &f.Wave)
	}
	f.Wave, err = s.PutWave(ctx, f.Wave)
	check(t, err)
	f.Organization, err = s.PutOrganization(ctx, survey.Organization{StudyID: f.Study.ID, Key: "acme", Name: "Acme"})
	check(t, err)
	return f
}

// Submission returns the n-th submission of the wave: numbers differ in key,
// digest and answers; the same number is the same submission.
func (f Fieldwork) Submission(n int) survey.Submission {
	key := fmt.Sprintf("submission-%d", n)
	return survey.Submission{Key: key, Digest: auth.Digest([]byte(key)), Response: survey.Response{
		WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, Role: "manager", Language: "en", Answers: f.Answers(n),
		Seconds: []float32{float32(n%60) + 0.5, 30}, StartedAt: Now.Add(-10 * time.Minute)}}
}

// Answers fills every field of the instrument with an answer that depends on n.
func (f Fieldwork) Answers(n int) survey.Answers {
	answers := f.Instrument.NewAnswers()
	for _, field := range f.Instrument.Fields() {
		a := &answers[field.Index]
		a.State = survey.Valid
		switch {
		case field.Closed():
			a.Code = 1 + (n+field.Index)%field.Points
		case field.Kind == survey.LongText:
			a.Text = fmt.Sprintf("Answer %d: “more” \\ 'time' <b>ü</b>", n)
		default:
			a.Number = float64((n+field.Index)%40) + 0.25
		}
		if missing := field.Item.Missing; len(missing) > 0 && (n+field.Index)%11 == 0 {
			*a = survey.Answer{State: missing[n%len(missing)]}
		}
	}
	return answers
}

// Invite makes an invitation and returns it with its token.
func (f Fieldwork) Invite(t testing.TB, s *store.Store, reference string) (survey.Invitation, string) {
	t.Helper()
	token := auth.NewToken()
	invitations, err := s.CreateInvitations(t.Context(), f.Wave.ID, []store.NewInvitation{
		{OrganizationID: f.Organization.ID, Reference: reference, Token: auth.HashToken(token)}})
	check(t, err)
	return invitations[0], token
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
