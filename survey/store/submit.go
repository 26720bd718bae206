package store

import (
	"context"
	"database/sql"
	"sort"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
)

// Outcome is what became of one submission of a batch: a receipt, or an error.
// With a Conflict the receipt is the one of the response that was there first.
type Outcome struct {
	Receipt survey.Receipt
	Err     error
}

// maxKeyLength bounds the submission key, which comes from the client.
const maxKeyLength = 200

// SubmitBatch keeps the submissions in one durable transaction and says for
// each what became of it. A bad submission never fails its neighbours.
//
//   - The same key with the same digest again gives the first receipt, with
//     Again set, even when the wave is over by now.
//   - Conflict: the same key with another digest, or an invitation that is used.
//   - Closed: the wave is not open. NotFound: no such wave.
//   - Invalid: answers that do not fit the instrument, an organization, team or
//     invitation of somewhere else.
//
// The error of the whole batch (Unavailable or Internal) leaves open whether
// the transaction was kept, for instance when the connection broke during the
// commit; submitting the same keys again is safe and gives the right receipts.
func (s *Store) SubmitBatch(ctx context.Context, submissions []survey.Submission) ([]Outcome, error) {
	b := &batch{store: s, outcomes: make([]Outcome, len(submissions)), entries: make([]*entry, 0, len(submissions))}
	for i := range submissions {
		e, err := s.prepare(ctx, &submissions[i])
		if kind := survey.KindOf(err); err != nil && (kind == survey.Unavailable || kind == survey.Internal) {
			return nil, err
		}
		b.outcomes[i].Err = err
		if err == nil {
			e.outcome = &b.outcomes[i]
			b.entries = append(b.entries, e)
		}
	}
	if len(b.entries) == 0 {
		return b.outcomes, nil
	}
	err := b.keep(ctx)
	switch {
	case err == nil:
	case survey.KindOf(err) == survey.Unavailable:
		return nil, err
	default:
		b.oneByOne(ctx)
	}
	return b.outcomes, nil
}

// entry is a submission on its way into the database.
type entry struct {
	submission *survey.Submission
	outcome    *Outcome
	packed     packed
	weight     float64
	// Set by decide for those that are taken.
	row responseRow
}

// batch is one transaction of submissions.
type batch struct {
	store    *Store
	entries  []*entry
	outcomes []Outcome
}

// prepare does everything that needs no transaction.
func (s *Store) prepare(ctx context.Context, submission *survey.Submission) (*entry, error) {
	r := &submission.Response
	facts, err := s.facts(ctx, r.WaveID)
	if err != nil {
		return nil, err
	}
	if err := s.checkPlace(ctx, r.WaveID, r.OrganizationID); err != nil {
		return nil, err
	}
	if err := checkSubmission(submission); err != nil {
		return nil, err
	}
	if err := s.checkTeam(ctx, r.OrganizationID, r.TeamID); err != nil {
		return nil, err
	}
	p, err := pack(facts.instrument, r.Answers, r.Seconds)
	if err != nil {
		return nil, err
	}
	e := &entry{submission: submission, packed: p, weight: r.Weight}
	if e.weight == 0 {
		e.weight = 1
	}
	return e, nil
}

// checkSubmission refuses what the database would refuse together with the neighbours.
func checkSubmission(submission *survey.Submission) error {
	r := &submission.Response
	if submission.Key == "" || len(submission.Key) > maxKeyLength || !storable(submission.Key) {
		return survey.Errorf(survey.Invalid, "the submission key is missing, too long or has characters that can not be stored")
	}
	for _, id := range []string{string(r.ID), string(r.TeamID), string(submission.InvitationID), string(submission.DraftID)} {
		if _, err := uuid.Parse(id); id != "" && (err != nil || len(id) != 36) {
			return survey.Errorf(survey.Invalid, "the submission refers to something that does not exist")
		}
	}
	if !storable(r.Role) || !storable(r.Language) {
		return survey.Errorf(survey.Invalid, "role or language have characters that can not be stored")
	}
	if !(r.Weight >= 0) || r.Weight > maxWeight {
		return survey.Errorf(survey.Invalid, "the weight of the response is %v", r.Weight)
	}
	return nil
}

// maxWeight is far above any sensible weight and keeps infinity out.
const maxWeight = 1e9

// storable says whether both databases take the text.
func storable(text string) bool {
	for i := range len(text) {
		if text[i] == 0 {
			return false
		}
	}
	return utf8.ValidString(text)
}

// keep runs the transaction on the database of the store.
func (b *batch) keep(ctx context.Context) error {
	if b.store.dialect == onPostgres {
		return translate(b.keepPostgres(ctx))
	}
	return translate(b.keepSQLite(ctx))
}

// oneByOne gives each submission its own transaction after the database has
// refused something in the batch that could not be seen before.
func (b *batch) oneByOne(ctx context.Context) {
	for _, e := range b.entries {
		*e.outcome = Outcome{}
		single := &batch{store: b.store, entries: []*entry{e}}
		if err := single.keep(ctx); err != nil {
			*e.outcome = Outcome{Err: err}
		}
	}
}

// waves lists the waves of the batch, always in the same order so that two
// transactions never wait for each other.
func (b *batch) waves() []survey.WaveID {
	seen := map[survey.WaveID]bool{}
	var waves []survey.WaveID
	for _, e := range b.entries {
		if id := e.submission.Response.WaveID; !seen[id] {
			seen[id] = true
			waves = append(waves, id)
		}
	}
	sort.Slice(waves, func(i, j int) bool { return waves[i] < waves[j] })
	return waves
}

// keysOf lists what has to be looked up for a wave: submission keys,
// invitations and drafts.
func (b *batch) keysOf(wave survey.WaveID) (keys, invitations, drafts []string) {
	for _, e := range b.entries {
		if e.submission.Response.WaveID != wave {
			continue
		}
		keys = append(keys, e.submission.Key)
		if id := e.submission.InvitationID; id != "" {
			invitations = append(invitations, string(id))
		}
		if id := e.submission.DraftID; id != "" {
			drafts = append(drafts, string(id))
		}
	}
	return keys, invitations, drafts
}

// found is what the transaction knows of one wave after it has got hold of it.
type found struct {
	wave        survey.Wave // its window only
	position    int64
	byKey       map[string]earlier
	byInvite    map[survey.InvitationID]earlier
	invitations map[survey.InvitationID]survey.Invitation
	resume      map[survey.DraftID][]byte
}

func newFound() *found {
	return &found{byKey: map[string]earlier{}, byInvite: map[survey.InvitationID]earlier{},
		invitations: map[survey.InvitationID]survey.Invitation{}, resume: map[survey.DraftID][]byte{}}
}

// earlier is a response that is there already.
type earlier struct {
	key     string
	digest  [32]byte
	receipt survey.Receipt
}

// earlierRow is the stored form of earlier.
type earlierRow struct {
	key, id     string
	digest      []byte
	code        sql.NullString
	submittedAt time.Time
	invitation  sql.NullString
}

func (f *found) add(r earlierRow) {
	e := earlier{key: r.key, receipt: survey.Receipt{Code: r.code.String, ResponseID: survey.ResponseID(r.id), SubmittedAt: r.submittedAt.UTC(), Again: true}}
	copy(e.digest[:], r.digest)
	f.byKey[r.key] = e
	if r.invitation.Valid {
		f.byInvite[survey.InvitationID(r.invitation.String)] = e
	}
}

// decide settles the outcome of every submission and returns the rows to add.
// Two submissions of one batch are treated as if one had come after the other.
func (b *batch) decide(waves map[survey.WaveID]*found) []*responseRow {
	now := b.store.now()
	var rows []*responseRow
	for _, e := range b.entries {
		f := waves[e.submission.Response.WaveID]
		if e.decideOne(f, now) {
			rows = append(rows, &e.row)
		}
	}
	return rows
}

func (e *entry) decideOne(f *found, now time.Time) (taken bool) {
	sub := e.submission
	if first, ok := f.byKey[sub.Key]; ok {
		e.outcome.Receipt = first.receipt
		if first.digest != sub.Digest {
			e.outcome.Err = survey.Errorf(survey.Conflict, "other answers were submitted already from this page; they are kept")
		}
		return false
	}
	if sub.InvitationID != "" {
		if err := e.checkInvitation(f); err != nil {
			e.outcome.Err = err
			return false
		}
	}
	if err := closedError(f.wave, now); err != nil {
		e.outcome.Err = err
		return false
	}
	f.position++
	e.fill(f, now)
	f.add(e.row.earlier())
	e.outcome.Receipt = survey.Receipt{Code: e.row.ReceiptCode.String, ResponseID: survey.ResponseID(e.row.ID), SubmittedAt: e.row.SubmittedAt}
	return true
}

func (e *entry) checkInvitation(f *found) error {
	if first, ok := f.byInvite[e.submission.InvitationID]; ok {
		e.outcome.Receipt = first.receipt
		return survey.Errorf(survey.Conflict, "this invitation is used: its answers were submitted already and are kept")
	}
	invitation, ok := f.invitations[e.submission.InvitationID]
	switch {
	case !ok || invitation.OrganizationID != e.submission.Response.OrganizationID:
		return survey.Errorf(survey.Invalid, "this invitation is for another wave or organization")
	case !invitation.UsedAt.IsZero():
		return survey.Errorf(survey.Conflict, "this invitation is used")
	}
	return nil
}

// fill makes the row of a submission that is taken.
func (e *entry) fill(f *found, now time.Time) {
	r, sub := &e.submission.Response, e.submission
	e.row = responseRow{WaveID: string(r.WaveID), ID: string(r.ID), Position: f.position, OrganizationID: string(r.OrganizationID),
		TeamID: optional(r.TeamID), InvitationID: optional(sub.InvitationID), ResumeHash: f.resume[sub.DraftID],
		Role: r.Role, Language: r.Language, Closed: e.packed.Closed, Numbers: e.packed.Numbers, Texts: e.packed.Texts,
		Seconds: e.packed.seconds, Weight: e.weight, StartedAt: stored(r.StartedAt), SubmittedAt: stored(r.SubmittedAt),
		SubmissionKey: sub.Key, SubmissionDigest: sub.Digest[:], ReceiptCode: optional(auth.NewReceiptCode())}
	if e.row.ID == "" {
		e.row.ID = newID()
	}
	if r.SubmittedAt.IsZero() {
		e.row.SubmittedAt = now
	}
	if r.StartedAt.IsZero() {
		e.row.StartedAt = e.row.SubmittedAt
	}
}

// ends lists the invitations that are used up and the drafts that are done.
func (b *batch) ends(rows []*responseRow) (invitations, drafts []string) {
	taken := make(map[*responseRow]bool, len(rows))
	for _, row := range rows {
		taken[row] = true
		if row.InvitationID.Valid {
			invitations = append(invitations, row.InvitationID.String)
		}
	}
	for _, e := range b.entries {
		if taken[&e.row] && e.submission.DraftID != "" {
			drafts = append(drafts, string(e.submission.DraftID))
		}
	}
	return invitations, drafts
}
