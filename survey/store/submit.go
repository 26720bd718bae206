package store

import (
	"cmp"
	"context"
	"database/sql"
	"sort"
	"time"
	"unicode/utf8"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
)

// Outcome is what became of one submission of a batch: a receipt, or an error.
// With a Conflict the receipt is the one of the response that was there first,
// unless that came by another link: then there is none.
type Outcome struct {
	Receipt survey.Receipt
	Err     error
}

// maxKeyLength bounds the submission key, which comes from the client.
const maxKeyLength = 200

// Prepared is a submission that was checked and packed and can go into a batch.
// Its response has its id and its receipt already: whoever submits it a second
// time, because nobody knows what became of the first, finds its own response.
type Prepared struct {
	submission survey.Submission
	mark       []byte // see markOf
	packed     packed
	weight     float64
	id         string
	receipt    string
	outcome    *Outcome
	anonymous  bool   // see hide
	spent      []byte // hash of the link that it uses up in an anonymous wave
}

// Submission is what was prepared. Its answers are there only where they were not
// packed before.
func (p *Prepared) Submission() *survey.Submission { return &p.submission }

// Prepare does everything that needs no transaction. Errors as those of one
// submission in SubmitBatch.
func (s *Store) Prepare(ctx context.Context, submission survey.Submission) (*Prepared, error) {
	facts, err := s.checkSubmission(ctx, &submission)
	if err != nil {
		return nil, err
	}
	form, err := pack(facts.instrument, submission.Response.Answers, submission.Response.Seconds)
	if err != nil {
		return nil, err
	}
	return newPrepared(submission, form), nil
}

// PreparePacked is Prepare for answers that were packed already with the instrument
// of the place, to which they belong whatever the submission says.
func (s *Store) PreparePacked(ctx context.Context, place *Place, submission survey.Submission, form survey.Packed) (*Prepared, error) {
	r := &submission.Response
	r.WaveID, r.OrganizationID = place.Wave.ID, place.Organization.ID
	if place.Organization.StudyID != place.Wave.StudyID || s.PresentPlace(place) == nil {
		if err := s.checkPlace(ctx, r.WaveID, r.OrganizationID); err != nil {
			return nil, err
		}
	}
	if err := s.checkFields(ctx, &submission); err != nil {
		return nil, err
	}
	if !storablePacked(form.Texts) {
		return nil, survey.Errorf(survey.Invalid, "a text of the answers has a character that can not be stored")
	}
	seconds, err := packSeconds(submission.Response.Seconds)
	if err != nil {
		return nil, err
	}
	return newPrepared(submission, packed{Packed: form, seconds: seconds}), nil
}

func newPrepared(submission survey.Submission, form packed) *Prepared {
	r := &submission.Response
	p := &Prepared{submission: submission, mark: markOf(r.WaveID, submission.Key), packed: form, weight: cmp.Or(r.Weight, 1), id: string(r.ID), receipt: auth.NewReceiptCode()}
	if p.id == "" {
		p.id = newID()
	}
	return p
}

// SubmitBatch prepares the submissions, keeps them in one durable transaction and
// says for each what became of it. A bad submission never fails its neighbours.
//
//   - The same key with the same digest again gives the first receipt, with
//     Again set, even when the wave is over by now.
//   - Conflict: the same key with another digest or by another link, or an
//     invitation that is used.
//   - Closed: the wave is not open. NotFound: no such wave.
//   - Invalid: answers that do not fit the instrument, an organization, team or
//     invitation of somewhere else.
//
// The error of the whole batch (Unavailable or Internal) leaves open whether
// the transaction was kept, for instance when the connection broke during the
// commit; submitting the same keys again is safe and gives the right receipts.
func (s *Store) SubmitBatch(ctx context.Context, submissions []survey.Submission) ([]Outcome, error) {
	outcomes := make([]Outcome, len(submissions))
	prepared, at := make([]*Prepared, 0, len(submissions)), make([]int, 0, len(submissions))
	for i := range submissions {
		p, err := s.Prepare(ctx, submissions[i])
		if kind := survey.KindOf(err); err != nil && (kind == survey.Unavailable || kind == survey.Internal) {
			return nil, err
		}
		if outcomes[i].Err = err; err == nil {
			prepared, at = append(prepared, p), append(at, i)
		}
	}
	kept, err := s.SubmitPrepared(ctx, prepared)
	for i, outcome := range kept {
		outcomes[at[i]] = outcome
	}
	return outcomes, err
}

// SubmitPrepared is SubmitBatch for submissions that are prepared.
func (s *Store) SubmitPrepared(ctx context.Context, prepared []*Prepared) ([]Outcome, error) {
	if len(prepared) == 0 {
		return nil, nil
	}
	b := &batch{store: s, entries: prepared}
	outcomes := make([]Outcome, len(prepared))
	for i, p := range prepared {
		p.outcome = &outcomes[i]
	}
	err := b.keep(ctx)
	switch {
	case err == nil:
	case survey.KindOf(err) == survey.Unavailable:
		return nil, err
	default:
		b.oneByOne(ctx)
	}
	return outcomes, nil
}

// batch is one transaction of submissions.
type batch struct {
	store   *Store
	entries []*Prepared
	before  []*Prepared // of the entries: those whose keys are looked up on SQLite
}

// checkSubmission refuses what the database would refuse together with the
// neighbours, but for the answers.
func (s *Store) checkSubmission(ctx context.Context, submission *survey.Submission) (waveFacts, error) {
	r := &submission.Response
	facts, err := s.facts(ctx, r.WaveID)
	if err == nil {
		err = s.checkPlace(ctx, r.WaveID, r.OrganizationID)
	}
	if err == nil {
		err = s.checkFields(ctx, submission)
	}
	return facts, err
}

func (s *Store) checkFields(ctx context.Context, submission *survey.Submission) error {
	r := &submission.Response
	if submission.Key == "" || len(submission.Key) > maxKeyLength || !storable(submission.Key) {
		return survey.Errorf(survey.Invalid, "the submission key is missing, too long or has characters that can not be stored")
	}
	for _, id := range [...]string{string(r.ID), string(r.TeamID), string(submission.InvitationID), string(submission.DraftID)} {
		if id == "" {
			continue
		}
		if _, fine := survey.ParseUID(id); !fine {
			return survey.Errorf(survey.Invalid, "the submission refers to something that does not exist")
		}
	}
	if !storable(r.Role) || !storable(r.Language) {
		return survey.Errorf(survey.Invalid, "role or language have characters that can not be stored")
	}
	if !(r.Weight >= 0) || r.Weight > maxWeight {
		return survey.Errorf(survey.Invalid, "the weight of the response is %v", r.Weight)
	}
	return s.checkTeam(ctx, r.OrganizationID, r.TeamID)
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
		single := &batch{store: b.store, entries: []*Prepared{e}}
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
func keysOf(wave survey.WaveID, entries []*Prepared) (keys, invitations, drafts []string) {
	for _, e := range entries {
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
	wave        survey.Wave // its window and mode only
	position    int64
	byKey       map[string]earlier
	byInvite    map[survey.InvitationID]earlier
	invitations map[survey.InvitationID]survey.Invitation
	resume      map[survey.DraftID][]byte
	version     map[survey.DraftID]int
}

func newFound() *found {
	return &found{byKey: map[string]earlier{}, byInvite: map[survey.InvitationID]earlier{},
		invitations: map[survey.InvitationID]survey.Invitation{}, resume: map[survey.DraftID][]byte{}, version: map[survey.DraftID]int{}}
}

// earlier is a response that is there already.
type earlier struct {
	key     string
	digest  [32]byte
	link    linkOf
	receipt survey.Receipt
}

// linkOf tells the links of one wave apart: a key counts for one of them only.
type linkOf struct {
	organization survey.OrganizationID
	team         survey.TeamID
	invitation   survey.InvitationID
}

// newLinkOf leaves the team out where the invitation says more: who is invited
// may have said another team in the draft than the invitation does.
func newLinkOf(organization survey.OrganizationID, team survey.TeamID, invitation survey.InvitationID) linkOf {
	if invitation != "" {
		team = ""
	}
	return linkOf{organization, team, invitation}
}

func (p *Prepared) link() linkOf {
	r := &p.submission.Response
	return newLinkOf(r.OrganizationID, r.TeamID, p.submission.InvitationID)
}

// earlierRow is the stored form of earlier.
type earlierRow struct {
	key, id          string
	digest           []byte
	code             sql.NullString
	submittedAt      time.Time
	organization     string
	team, invitation sql.NullString
}

func (f *found) add(r earlierRow) {
	e := earlier{key: r.key, link: newLinkOf(survey.OrganizationID(r.organization), survey.TeamID(r.team.String), survey.InvitationID(r.invitation.String)),
		receipt: survey.Receipt{Code: r.code.String, ResponseID: survey.ResponseID(r.id), SubmittedAt: r.submittedAt.UTC(), Again: true}}
	copy(e.digest[:], r.digest)
	f.byKey[r.key] = e
	if r.invitation.Valid {
		f.byInvite[survey.InvitationID(r.invitation.String)] = e
	}
}

// decide settles the outcome of every submission and returns the rows to add,
// with their submissions. Two submissions of one batch are treated as if one had
// come after the other.
func (b *batch) decide(waves map[survey.WaveID]*found, now time.Time) ([]*responseRow, []*Prepared) {
	var rows []*responseRow
	var taken []*Prepared
	for _, p := range b.entries {
		if row := p.decide(waves[p.submission.Response.WaveID], now); row != nil {
			rows, taken = append(rows, row), append(taken, p)
		}
	}
	return rows, taken
}

// decide settles one outcome and returns the row to add, if there is one.
func (p *Prepared) decide(f *found, now time.Time) *responseRow {
	if f.wave.Mode == survey.Anonymous {
		return p.decideAnonymous(f, now)
	}
	sub := &p.submission
	if first, ok := f.byKey[sub.Key]; ok {
		if first.link != p.link() {
			p.outcome.Err = survey.Errorf(survey.Conflict, "the key of this submission belongs to one that came by another link; nothing of it was kept: choose a new key, such as a random UUID, for each response")
			return nil
		}
		p.outcome.Receipt = first.receipt
		p.outcome.Receipt.Again = string(first.receipt.ResponseID) != p.id // else an earlier attempt of our own was kept after all
		if first.digest != sub.Digest {
			p.outcome.Err = survey.Errorf(survey.Conflict, "other answers were submitted already from this page; they are kept")
		}
		return nil
	}
	if sub.InvitationID != "" {
		if p.outcome.Err = p.checkInvitation(f); p.outcome.Err != nil {
			return nil
		}
	}
	if sub.DraftVersion > 0 && f.version[sub.DraftID] != sub.DraftVersion {
		p.outcome.Err = survey.Errorf(survey.Conflict, "the answers were changed elsewhere since these were looked at, or are gone; look at them again")
		return nil
	}
	if p.outcome.Err = p.closed(f, now); p.outcome.Err != nil {
		return nil
	}
	f.position++
	row := p.row(f.position, f.resume[sub.DraftID], now)
	f.add(row.earlier())
	p.outcome.Receipt = p.receiptAt(row.SubmittedAt)
	return row
}

// closed says in words why the wave does not take the submission, or nil. One that
// finishes a draft has the time of late answers.
func (p *Prepared) closed(f *found, now time.Time) error {
	if _, begun := f.resume[p.submission.DraftID]; begun && p.submission.DraftID != "" {
		return closedToDrafts(f.wave, now)
	}
	return closedError(f.wave, now)
}

// receiptAt is the receipt of a submission that is taken.
func (p *Prepared) receiptAt(submitted time.Time) survey.Receipt {
	return survey.Receipt{Code: p.receipt, ResponseID: survey.ResponseID(p.id), SubmittedAt: submitted}
}

func (p *Prepared) checkInvitation(f *found) error {
	if first, ok := f.byInvite[p.submission.InvitationID]; ok {
		p.outcome.Receipt = first.receipt
		return survey.Errorf(survey.Conflict, "this invitation is used: its answers were submitted already and are kept")
	}
	invitation, ok := f.invitations[p.submission.InvitationID]
	switch {
	case !ok || invitation.OrganizationID != p.submission.Response.OrganizationID:
		return survey.Errorf(survey.Invalid, "this invitation is for another wave or organization")
	case !invitation.UsedAt.IsZero():
		return survey.Errorf(survey.Conflict, "this invitation is used")
	}
	return nil
}

// times are when the answers were begun and submitted.
func (p *Prepared) times(now time.Time) (started, submitted time.Time) {
	r := &p.submission.Response
	if submitted = now; !r.SubmittedAt.IsZero() {
		submitted = stored(r.SubmittedAt)
	}
	if started = submitted; !r.StartedAt.IsZero() {
		started = stored(r.StartedAt)
	}
	return started, submitted
}

// row is the stored form of a submission that is taken.
func (p *Prepared) row(position int64, resume []byte, now time.Time) *responseRow {
	r, sub := &p.submission.Response, &p.submission
	started, submitted := p.times(now)
	return &responseRow{WaveID: string(r.WaveID), ID: p.id, Position: position, OrganizationID: string(r.OrganizationID),
		TeamID: optional(r.TeamID), InvitationID: optional(sub.InvitationID), ResumeHash: resume,
		Role: r.Role, Language: r.Language, Closed: p.packed.Closed, Numbers: p.packed.Numbers, Texts: p.packed.Texts,
		Seconds: p.packed.seconds, Weight: p.weight, StartedAt: started, SubmittedAt: submitted,
		SubmissionKey: sub.Key, SubmissionMark: p.mark, SubmissionDigest: sub.Digest[:], ReceiptCode: optional(p.receipt)}
}

// ends is what a batch uses up: invitations, drafts, and the links of drafts in
// anonymous waves.
type ends struct {
	invitations []string
	hidden      map[survey.WaveID][]string // invitations of anonymous waves
	drafts      []string
	links       []spentLinkRow
}

func endsOf(taken []*Prepared) ends {
	var e ends
	for _, p := range taken {
		sub := &p.submission
		switch {
		case p.anonymous:
			e.hide(p)
		case sub.InvitationID != "":
			e.invitations = append(e.invitations, string(sub.InvitationID))
		}
		if id := sub.DraftID; id != "" {
			e.drafts = append(e.drafts, string(id))
		}
	}
	return e
}
