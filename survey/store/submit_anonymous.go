package store

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/salesbench/salesbench/survey"
)

// In an anonymous wave nothing that is stored brings a response and an invitation
// together. The response has no invitation, link, team, language, times or time on
// pages, and an id that says nothing about when it was made. All used invitations
// have one date, all responses have the same. And since people may answer in the
// order in which they were invited, the responses have no order either: whenever
// one is added it changes places with the others of its organization, positions
// and rows alike.

// mixDepth is how many responses of an organization change places when one is
// added. With no more than these each order is as likely as any other at all
// times; with more, each comes about again and again.
const mixDepth = 256

// dateOf is the moment that stands for every moment of an anonymous wave.
func dateOf(wave survey.Wave) time.Time {
	if wave.CreatedAt.After(wave.OpensAt) {
		return stored(wave.CreatedAt)
	}
	return stored(wave.OpensAt)
}

// hide takes out of a submission what an anonymous wave does not keep. Its id is
// drawn anew, once: the first one tells when it was made.
func (p *Prepared) hide() {
	if p.anonymous {
		return
	}
	p.anonymous, p.id = true, uuid.NewString()
	r := &p.submission.Response
	r.TeamID, r.Language, r.Seconds, p.packed.seconds = "", "", nil, sql.NullString{}
}

// decideAnonymous is decide in an anonymous wave. The key is what a person proves
// with that a response is their own; who does not bring it learns nothing but that
// the link has done its work.
func (p *Prepared) decideAnonymous(f *found, now time.Time) *responseRow {
	p.hide()
	sub := &p.submission
	invitation, err := p.invitationIn(f)
	if err != nil {
		p.outcome.Err = err
		return nil
	}
	used := !invitation.UsedAt.IsZero()
	if first, ok := f.byKey[sub.Key]; ok {
		p.answerAgain(first, sub.InvitationID == "" || used)
		return nil
	}
	resume, begun := f.resume[sub.DraftID]
	if used || sub.InvitationID == "" && sub.DraftID != "" && !begun {
		p.outcome.Err = survey.Errorf(survey.Conflict, "this link has done its work: its answers were submitted already and are kept")
		return nil
	}
	if p.outcome.Err = p.closed(f, now); p.outcome.Err != nil {
		return nil
	}
	f.position++
	row := p.row(f.position, nil, now)
	row.InvitationID, row.StartedAt, row.SubmittedAt = sql.NullString{}, dateOf(f.wave), dateOf(f.wave)
	row.Lot = sql.NullInt64{Int64: rand.Int64(), Valid: true}
	f.add(row.earlier())
	if sub.InvitationID != "" {
		invitation.UsedAt = now
		f.invitations[sub.InvitationID] = invitation
	} else if begun {
		p.spent = resume
		delete(f.resume, sub.DraftID)
	}
	p.outcome.Receipt = p.receiptAt(row.SubmittedAt)
	return row
}

// invitationIn finds the invitation of the submission, if it names one.
func (p *Prepared) invitationIn(f *found) (survey.Invitation, error) {
	id := p.submission.InvitationID
	if id == "" {
		return survey.Invitation{}, nil
	}
	invitation, ok := f.invitations[id]
	if !ok || invitation.OrganizationID != p.submission.Response.OrganizationID {
		return invitation, survey.Errorf(survey.Invalid, "this invitation is for another wave or organization")
	}
	return invitation, nil
}

// answerAgain settles a submission whose key is known. An invitation that is not
// used can not have brought it: then the key is somebody else's.
func (p *Prepared) answerAgain(first earlier, mayBeOwn bool) {
	switch {
	case !mayBeOwn || first.link.organization != p.submission.Response.OrganizationID:
		p.outcome.Err = survey.Errorf(survey.Conflict, "the key of this submission belongs to another one; nothing of it was kept: choose a new key, such as a random UUID, for each response")
	case first.digest != p.submission.Digest:
		p.outcome.Err = survey.Errorf(survey.Conflict, "other answers were submitted already under this key; they are kept")
	default:
		p.outcome.Receipt = first.receipt
		p.outcome.Receipt.Again = string(first.receipt.ResponseID) != p.id
	}
}

type spentLinkRow struct {
	TokenHash      []byte
	WaveID         string
	OrganizationID string
}

func (spentLinkRow) TableName() string { return "spent_links" }

// hide notes what a submission to an anonymous wave has used up.
func (e *ends) hide(p *Prepared) {
	sub := &p.submission
	wave := sub.Response.WaveID
	if sub.InvitationID != "" {
		if e.hidden == nil {
			e.hidden = map[survey.WaveID][]string{}
		}
		e.hidden[wave] = append(e.hidden[wave], string(sub.InvitationID))
	} else if p.spent != nil {
		e.links = append(e.links, spentLinkRow{p.spent, string(wave), string(sub.Response.OrganizationID)})
	}
}

// crowd is an organization of an anonymous wave to which something is added.
type crowd struct{ wave, organization string }

// moves are the rows to add, and from where some of them are taken away first.
type moves struct {
	rows []*responseRow
	from map[string][]int64 // by wave: positions
}

// mix has new rows of anonymous waves change places with those that are there.
// partners finds these. Rows of other waves stay what they are.
func mix(rows []*responseRow, partners func(crowd) ([]*responseRow, error)) (moves, error) {
	m := moves{rows: rows}
	groups := map[crowd][]*responseRow{}
	for _, r := range rows {
		if r.Lot.Valid {
			of := crowd{r.WaveID, r.OrganizationID}
			groups[of] = append(groups[of], r)
		}
	}
	if len(groups) == 0 {
		return m, nil
	}
	m.rows, m.from = slices.Clone(rows), map[string][]int64{}
	for of, group := range groups {
		others, err := partners(of)
		if err != nil {
			return m, err
		}
		for _, r := range others {
			m.from[of.wave] = append(m.from[of.wave], r.Position)
		}
		m.rows = append(m.rows, others...)
		changePlaces(append(others, group...))
	}
	rand.Shuffle(len(m.rows), func(i, j int) { m.rows[i], m.rows[j] = m.rows[j], m.rows[i] })
	return m, nil
}

// changePlaces deals positions and lots out anew.
func changePlaces(rows []*responseRow) {
	rand.Shuffle(len(rows), func(i, j int) { rows[i].Position, rows[j].Position = rows[j].Position, rows[i].Position })
	for _, r := range rows {
		r.Lot.Int64 = rand.Int64()
	}
}

// Partners are those whose lots follow a random number, beginning again at the
// least: all there are, or a random part of them.
const (
	mixedColumns = `role, language, closed, numbers, texts, seconds, weight, started_at, submitted_at,
	submission_key, submission_mark, submission_digest, receipt_code, lot FROM responses `
	partnersPostgres = `SELECT id::text, position, ` + mixedColumns + `
WHERE wave_id = $1::text::uuid AND organization_id = $2::text::uuid AND lot IS NOT NULL AND (lot >= $3) = $4 ORDER BY lot LIMIT $5`
	partnersSQLite = `SELECT id, position, ` + mixedColumns + `
WHERE wave_id = ? AND organization_id = ? AND lot IS NOT NULL AND (lot >= ?) = ? ORDER BY lot LIMIT ?`
)

func (of crowd) scan(row scanner) (*responseRow, error) {
	r := responseRow{WaveID: of.wave, OrganizationID: of.organization}
	err := row.Scan(&r.ID, &r.Position, &r.Role, &r.Language, &r.Closed, &r.Numbers, &r.Texts, &r.Seconds, &r.Weight,
		&r.StartedAt, &r.SubmittedAt, &r.SubmissionKey, &r.SubmissionMark, &r.SubmissionDigest, &r.ReceiptCode, &r.Lot)
	return &r, err
}

func (of crowd) partnersPostgres(ctx context.Context, conn *pgx.Conn) ([]*responseRow, error) {
	var rows []*responseRow
	from := rand.Int64()
	for _, after := range []bool{true, false} {
		if len(rows) == mixDepth {
			break
		}
		found, err := conn.Query(ctx, partnersPostgres, of.wave, of.organization, from, after, mixDepth-len(rows))
		if err != nil {
			return nil, err
		}
		err = every(func(row scanner) error {
			r, err := of.scan(row)
			rows = append(rows, r)
			return err
		})(found)
		found.Close()
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (of crowd) partnersSQLite(t *liteTx) ([]*responseRow, error) {
	var rows []*responseRow
	from := rand.Int64()
	for _, after := range []bool{true, false} {
		err := t.each(func(row scanner) error {
			r, err := of.scan(row)
			rows = append(rows, r)
			return err
		}, t.partners, of.wave, of.organization, from, after, mixDepth-len(rows))
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// insertMoved takes rows away from their old places and adds all.
func (t *liteTx) insertMoved(m moves) error {
	if m.from == nil {
		return t.insert(m.rows)
	}
	for wave, positions := range m.from {
		if err := t.exec(t.leavePlaces, wave, jsonList(positions)); err != nil {
			return err
		}
	}
	for _, r := range m.rows {
		if err := t.exec(t.insertLot, append(r.appendValues(nil), r.Lot)...); err != nil {
			return err
		}
	}
	return nil
}

// use marks invitations and links, and removes drafts.
func (t *liteTx) use(e ends, waves map[survey.WaveID]*found, now time.Time) error {
	if len(e.invitations) > 0 {
		if err := t.exec(t.useInvitations, now, jsonList(e.invitations)); err != nil {
			return err
		}
	}
	for wave, invitations := range e.hidden {
		if err := t.exec(t.useInvitations, dateOf(waves[wave].wave), jsonList(invitations)); err != nil {
			return err
		}
	}
	for _, l := range e.links {
		if err := t.exec(t.spendLink, l.TokenHash, l.WaveID, l.OrganizationID); err != nil {
			return err
		}
	}
	if len(e.drafts) > 0 {
		return t.exec(t.removeDrafts, jsonList(e.drafts))
	}
	return nil
}
