package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
)

type responseRow struct {
	WaveID           string
	ID               string
	Position         int64
	OrganizationID   string
	TeamID           sql.NullString
	InvitationID     sql.NullString
	ResumeHash       []byte
	Role             string
	Language         string
	Closed           string
	Numbers          string
	Texts            string
	Seconds          sql.NullString
	Weight           float64
	StartedAt        time.Time
	SubmittedAt      time.Time
	SubmissionKey    string
	SubmissionMark   []byte // see markOf
	SubmissionDigest []byte
	ReceiptCode      sql.NullString
	Lot              sql.NullInt64 // of responses in anonymous waves; see mix
}

func (responseRow) TableName() string { return "responses" }

// responseColumns are the columns in the order of appendValues and insertPostgres.
var responseColumns = []string{"wave_id", "id", "position", "organization_id", "team_id", "invitation_id", "resume_hash",
	"role", "language", "closed", "numbers", "texts", "seconds", "weight", "started_at", "submitted_at",
	"submission_key", "submission_mark", "submission_digest", "receipt_code"}

func (r *responseRow) appendValues(args []any) []any {
	var resume any
	if r.ResumeHash != nil {
		resume = r.ResumeHash
	}
	return append(args, r.WaveID, r.ID, r.Position, r.OrganizationID, r.TeamID, r.InvitationID, resume,
		r.Role, r.Language, r.Closed, r.Numbers, r.Texts, r.Seconds, r.Weight, r.StartedAt, r.SubmittedAt,
		r.SubmissionKey, r.SubmissionMark, r.SubmissionDigest, r.ReceiptCode)
}

func (r *responseRow) earlier() earlierRow {
	return earlierRow{key: r.SubmissionKey, id: r.ID, digest: r.SubmissionDigest, code: r.ReceiptCode,
		submittedAt: r.SubmittedAt, organization: r.OrganizationID, team: r.TeamID, invitation: r.InvitationID}
}

func (r *responseRow) receipt() survey.Receipt {
	return survey.Receipt{Code: r.ReceiptCode.String, ResponseID: survey.ResponseID(r.ID), SubmittedAt: r.SubmittedAt.UTC(), Again: true}
}

func (r *responseRow) response(in *survey.Instrument) (*survey.Response, error) {
	answers, seconds, err := unpack(in, packed{survey.Packed{Closed: r.Closed, Numbers: r.Numbers, Texts: r.Texts}, r.Seconds})
	return &survey.Response{ID: survey.ResponseID(r.ID), WaveID: survey.WaveID(r.WaveID), OrganizationID: survey.OrganizationID(r.OrganizationID),
		TeamID: survey.TeamID(r.TeamID.String), Role: r.Role, Language: r.Language, Answers: answers, Seconds: seconds,
		Weight: r.Weight, StartedAt: r.StartedAt.UTC(), SubmittedAt: r.SubmittedAt.UTC()}, err
}

// insertPostgres adds any number of rows by one statement with one array per column.
const insertPostgres = `INSERT INTO responses (wave_id, id, position, organization_id, team_id, invitation_id, resume_hash,
	role, language, closed, numbers, texts, seconds, weight, started_at, submitted_at,
	submission_key, submission_mark, submission_digest, receipt_code, lot)
SELECT u.wave_id::uuid, u.id::uuid, u.position, u.organization_id::uuid, u.team_id::uuid, u.invitation_id::uuid, u.resume_hash,
	u.role, u.language, u.closed, u.numbers, u.texts, u.seconds, u.weight, u.started_at, u.submitted_at,
	u.submission_key, u.submission_mark, u.submission_digest, u.receipt_code, u.lot
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bytea[],
	$8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::double precision[], $15::timestamptz[], $16::timestamptz[],
	$17::text[], $18::bytea[], $19::bytea[], $20::text[], $21::bigint[])
AS u (wave_id, id, position, organization_id, team_id, invitation_id, resume_hash,
	role, language, closed, numbers, texts, seconds, weight, started_at, submitted_at,
	submission_key, submission_mark, submission_digest, receipt_code, lot)`

// responseArrays turns rows into the arrays of insertPostgres.
func responseArrays(rows []*responseRow) []any {
	n := len(rows)
	positions, weights, lots := make([]int64, n), make([]float64, n), make([]*int64, n)
	resumes, marks, digests := make([][]byte, n), make([][]byte, n), make([][]byte, n)
	started, submitted := make([]time.Time, n), make([]time.Time, n)
	for i, r := range rows {
		positions[i], weights[i] = r.Position, r.Weight
		resumes[i], marks[i], digests[i] = r.ResumeHash, r.SubmissionMark, r.SubmissionDigest
		started[i], submitted[i] = r.StartedAt, r.SubmittedAt
		if r.Lot.Valid {
			lots[i] = &r.Lot.Int64
		}
	}
	column := func(value func(r *responseRow) string) []string {
		values := make([]string, n)
		for i, r := range rows {
			values[i] = value(r)
		}
		return values
	}
	nullable := func(value func(r *responseRow) sql.NullString) []*string {
		values := make([]*string, n)
		for i, r := range rows {
			if v := value(r); v.Valid {
				values[i] = &v.String
			}
		}
		return values
	}
	return []any{
		column(func(r *responseRow) string { return r.WaveID }), column(func(r *responseRow) string { return r.ID }), positions,
		column(func(r *responseRow) string { return r.OrganizationID }), nullable(func(r *responseRow) sql.NullString { return r.TeamID }),
		nullable(func(r *responseRow) sql.NullString { return r.InvitationID }), resumes,
		column(func(r *responseRow) string { return r.Role }), column(func(r *responseRow) string { return r.Language }),
		column(func(r *responseRow) string { return r.Closed }), column(func(r *responseRow) string { return r.Numbers }),
		column(func(r *responseRow) string { return r.Texts }), nullable(func(r *responseRow) sql.NullString { return r.Seconds }),
		weights, started, submitted,
		column(func(r *responseRow) string { return r.SubmissionKey }), marks, digests,
		nullable(func(r *responseRow) sql.NullString { return r.ReceiptCode }), lots,
	}
}

// Kept is a response with its receipt, for the respondent who gave it.
type Kept struct {
	Receipt  survey.Receipt
	Response *survey.Response
	Invited  bool // it came by an invitation
}

// ResponseByKey finds what was submitted to the wave under the key. NotFound.
func (s *Store) ResponseByKey(ctx context.Context, wave survey.WaveID, key string) (Kept, error) {
	if err := known("wave", wave); err != nil {
		return Kept{}, err
	}
	return s.kept(ctx, "submission_mark = ? AND submission_key = ?", markOf(wave, key), key)
}

// ResponseByInvitation finds what was submitted with the invitation. NotFound.
func (s *Store) ResponseByInvitation(ctx context.Context, wave survey.WaveID, invitation survey.InvitationID) (Kept, error) {
	if err := firstOf(known("wave", wave), known("invitation", invitation)); err != nil {
		return Kept{}, err
	}
	return s.kept(ctx, "wave_id = ? AND invitation_id = ?", string(wave), string(invitation))
}

// ResponseByToken finds what was submitted from the draft that was resumed with
// the token, so that the link of a draft leads to its receipt afterwards. The
// token does not say of which wave it is. NotFound.
func (s *Store) ResponseByToken(ctx context.Context, resume auth.Hash) (Kept, error) {
	return s.kept(ctx, "resume_hash = ?", resume[:])
}

func (s *Store) kept(ctx context.Context, where string, args ...any) (Kept, error) {
	row, err := take[responseRow](ctx, s, where, args...)
	if err != nil {
		return Kept{}, named(err, "nothing was submitted under this link")
	}
	facts, err := s.facts(ctx, survey.WaveID(row.WaveID))
	if err != nil {
		return Kept{}, err
	}
	response, err := row.response(facts.instrument)
	return Kept{Receipt: row.receipt(), Response: response, Invited: row.InvitationID.Valid}, err
}
